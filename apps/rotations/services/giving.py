"""Giving what is open of a team to somebody of it, from the page of its cycle."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from apps.people.models import Agent
from apps.rotations.errors import RotationError, RunStays
from apps.rotations.handovers.items import NotPassedOn, providers
from apps.rotations.models import CycleRun

logger = logging.getLogger(__name__)


def give(run: CycleRun, *, provider: str, item: str, owner: str, to: Agent, by: Agent, now: datetime) -> None:
    """`to` owns the item, and its story tells so; `owner` is the email of whose it was seen to be, empty for nobody's.

    Raises NotPassedOn for what is not open any more, is another's by now, or whose provider fails; RunStays.
    """
    try:
        with transaction.atomic():
            _give(run, provider, item, owner, to, by, now)
    except RotationError:
        raise
    except Exception as error:
        logger.exception("%s %s was not given to %s", provider, item, to.email)
        raise NotPassedOn(f"{provider} failed, and nothing changed. The portal's log says why.") from error


def _give(run: CycleRun, name: str, item: str, owner: str, to: Agent, by: Agent, now: datetime) -> None:
    # One at a time: of two who give the same item at once, the second is told whose it is.
    row = CycleRun.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle__rotation__team")
    run = row.get(pk=run.pk)
    if run.state != "running":
        raise RunStays(f"{run} does not run, so nothing is given away from its page.")
    team = run.cycle.rotation.team
    provider = providers().get(name)
    found = next((each for each in provider.open_items(team) if each.id == item), None) if provider else None
    if provider is None or found is None:
        raise NotPassedOn("It is not open any more: somebody finished it meanwhile.")
    if found.owner_email == to.email:
        return
    if found.owner_email != owner:
        raise NotPassedOn(f"{found.title} is {found.owner or 'nobody'}'s by now: somebody gave it away before you.")
    provider.reassign(found, to, by, now)
