"""A step of the table, by the service that does it. Filing has its own form: apps/rfhs/form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Channel, Team
from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.rfhs.states import NAMES, Step


@transaction.atomic
def _hand_over(
    rfh: RFH,
    *,
    team: Team,
    note: str,
    incident_channel: Channel | None,
    by: Acting,
    now: datetime,
    version: int | None,
) -> None:
    """The new owners hear which channel to join: it is noted before, in one transaction, and one version is read."""
    slack_id = incident_channel.slack_id if incident_channel else ""
    services.change(rfh, {"incident_channel": slack_id}, by=by, now=now, version=version)
    services.hand_over(rfh, team=team, note=note, by=by, now=now)


DOES: dict[Step, Callable[..., None]] = {
    Step.ASK_TEAMMATES: services.ask_teammates,
    Step.SOLVE_BY_TEAMMATE: services.solved_by_teammate,
    Step.ACKNOWLEDGE: services.acknowledge,
    Step.START: services.start,
    Step.HAND_OVER: _hand_over,
    Step.ANSWER: services.answer,
    Step.RESOLVE: services.resolve,
    Step.REROUTE: services.reroute,
    Step.WITHDRAW: services.withdraw,
    Step.REOPEN: services.reopen,
}


def do(step: Step, rfh: RFH, said: Mapping[str, Any], *, by: Acting, now: datetime, version: int | None) -> str:
    """The step is done; what became true, in a sentence. Raises what the service raises."""
    DOES[step](rfh, **said, by=by, now=now, version=version)
    return f"{rfh} is in “{NAMES[rfh.at]}” now."
