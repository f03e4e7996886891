"""Which messages a reached tier makes, whatever it is about, and where each goes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apps.integrations.slack.messages import Block
from apps.integrations.slack.tier_messages import Tier
from apps.notices.routing import MESSAGE, Owed

Message = tuple[str, list[Block]]


def everybody(
    event: Tier,
    *,
    about: str,
    summary: str,
    to_person: Callable[[Mapping[str, Any]], Message],
    to_place: Message,
    ours: str,
    nowhere: str,
    also: str = "",
) -> list[Owed]:
    """Everybody the tier means, in person; a channel or a user group where it means one.

    ours: where a user group is mentioned, and what stands in where nobody is told. also: a channel that hears besides.
    Never empty: where nothing can be sent, the one notice says so, in the words of `nowhere`.
    """
    told = [(str(person["slack_id"]), to_person(person)) for person in event.people if person.get("slack_id")]
    places = dict.fromkeys([*_places(event, ours, told=bool(told)), *([also] if also else [])])
    return [
        Owed(
            recipient=place or "nobody",
            kind=MESSAGE,
            about=about,
            summary=summary,
            channel=place,
            text=text,
            blocks=blocks,
            error="" if place else nowhere,
        )
        for place, (text, blocks) in [*told, *((place, to_place) for place in places)]
    ]


def _places(event: Tier, ours: str, *, told: bool) -> Iterable[str]:
    yield from event.channels
    if event.mentions or (not told and not event.channels):
        yield ours
