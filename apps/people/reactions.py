"""What people's rights have to do with changes that the trail hears of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.people import rights
from apps.people.events import RightsChanged
from apps.people.rights import STREAM
from apps.people.selectors import holders
from apps.trail import services as trail
from apps.trail.events import ObjectChanged, ObjectCreated, ObjectDeleted
from apps.trail.reacting import Recorded, following, on


@on(ObjectCreated, ObjectChanged, ObjectDeleted)
def tell_what_it_means_for_rights(entries: Sequence[Recorded[Any]]) -> None:
    """A change of an agent or of a role, whichever door it came through, says in words who may do more or less."""
    for entry in entries:
        event = entry.event
        if event.model not in (rights.AGENT, rights.ROLE):
            continue
        given, taken = rights.given_and_taken(event.model, _changes(event))
        if not given and not taken:
            continue
        is_role = event.model == rights.ROLE
        said = RightsChanged(
            kind="role" if is_role else "agent",
            key=event.key,
            name=event.label,
            given=given,
            taken=taken,
            holders=holders(int(event.key)) if is_role else [],
        )
        with following(entry):
            trail.record(said, about=[*entry.about, STREAM], now=entry.occurred_at)


def _changes(event: ObjectCreated | ObjectChanged | ObjectDeleted) -> rights.Changes:
    if isinstance(event, ObjectCreated):
        return rights.from_nothing(event.after)
    if isinstance(event, ObjectDeleted):
        return rights.to_nothing(event.before)
    return event.changes
