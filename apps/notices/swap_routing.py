"""Who hears of a shift that others are asked to take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.integrations.slack import swap_messages
from apps.integrations.slack.swap_messages import Outcome
from apps.notices.routing import MESSAGE, Owed
from apps.notices.shift_routing import Told
from apps.rotations.swapping.events import SwapDeclined, SwapRequested, SwapWithdrawn


def for_request(event: SwapRequested, *, people: Mapping[str, Told], by: str, url: str = "") -> list[Owed]:
    """Everybody who may take it, in person; and whose shift it is where somebody else asks for them."""
    owed = []
    for email in event.invited:
        if told := people.get(email):
            text, blocks = swap_messages.invitation(event, told.reader, by=by, url=url)
            owed.append(
                _owed(event.request, told, swap_messages.asked(event, told.reader, f"{by} asks you"), text, blocks)
            )
    if told := people.get(event.person):
        text, blocks = swap_messages.asked_for_you(event, told.reader, by=by, url=url)
        owed.append(
            _owed(
                event.request, told, swap_messages.asked(event, told.reader, f"{by} asks others for you"), text, blocks
            )
        )
    return owed


def for_outcome(event: Outcome, *, people: Mapping[str, Told], leads: Iterable[str], url: str = "") -> list[Owed]:
    """Whose shift it is, who asked, and those who lead the rotation; of what is withdrawn the leads hear nothing.

    That one of several declines concerns nobody yet.
    """
    if isinstance(event, SwapDeclined) and not event.over:
        return []
    owed = []
    others = [] if isinstance(event, SwapWithdrawn) else leads
    for email in dict.fromkeys([event.person, event.asked_by, *others]):
        if told := people.get(email):
            text, blocks = swap_messages.outcome(event, told.reader, url=url)
            owed.append(_owed(event.request, told, event.sentence(), text, blocks))
    return owed


def _owed(request: int, told: Told, said: str, text: str, blocks: list[dict[str, Any]]) -> Owed:
    return Owed(
        recipient=told.slack_id,
        kind=MESSAGE,
        about=f"swap:{request}",
        summary=swap_messages.summary(said),
        channel=told.slack_id,
        text=text,
        blocks=blocks,
    )
