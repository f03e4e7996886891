"""What incidents do when a request for help needs one, or goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.incidents.services.requested import answer_request, follow_request
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.events import IncidentNeeded, RFHAcknowledged, RFHAssigned, RFHChanged
from apps.rfhs.joining_events import RFHAccountableChanged
from apps.rfhs.models import RFH
from apps.rfhs.selectors import RELATED
from apps.trail.reacting import Recorded, following, on


@on(IncidentNeeded)
def declare_what_a_request_needs(entries: Sequence[Recorded[IncidentNeeded]]) -> None:
    """An L1 or L2 is not only asked for: it is there."""
    for entry in entries:
        with following(entry):
            answer_request(_rfh(entry), by=_acting(entry), now=entry.occurred_at)


@on(RFHChanged, RFHAssigned, RFHAcknowledged, RFHAccountableChanged)
def learn_from_the_request(entries: Sequence[Recorded[Any]]) -> None:
    """Whoever works on the request is the incident's point, while nobody says another; its level rises with it."""
    for entry in entries:
        changed = entry.event.changes.get("level") if isinstance(entry.event, RFHChanged) else None
        with following(entry):
            level = (str(changed[0]), str(changed[1])) if changed else None
            follow_request(_rfh(entry), by=_acting(entry), now=entry.occurred_at, level=level)


def _rfh(entry: Recorded[Any]) -> RFH:
    return RFH.objects.select_related(*RELATED).get(pk=entry.event.rfh)


def _acting(entry: Recorded[Any]) -> Acting:
    agent = Agent.objects.filter(email=entry.event.email).first() if entry.event.email else None
    return Acting(agent, entry.event.by)
