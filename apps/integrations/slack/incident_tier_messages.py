"""What a reached tier of an incident looks like in Slack: text and blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.escalations.incident_events import IncidentTierReached
from apps.integrations.slack import tier_messages
from apps.integrations.slack.messages import Block
from apps.integrations.slack.text import escape, link
from apps.sla.messages import fill

Message = tuple[str, list[Block]]


def to_person(
    event: IncidentTierReached, person: Mapping[str, Any], *, at: datetime, url: str, buttons: Sequence[Block]
) -> Message:
    """For one of those who are meant, in person, with the reason."""
    return _message(event, tier_messages.to_person(person), at=at, url=url, buttons=buttons)


def to_place(event: IncidentTierReached, *, at: datetime, url: str, buttons: Sequence[Block]) -> Message:
    """For a channel: everybody who is meant."""
    return _message(event, f"For {tier_messages.who(event)}.", at=at, url=url, buttons=buttons)


def summary(event: IncidentTierReached, *, at: datetime) -> str:
    """The same in one plain line, for lists and for when several are said at once."""
    return tier_messages.summary(event, event.number, "", at=at)


def _message(event: IncidentTierReached, lead: str, *, at: datetime, url: str, buttons: Sequence[Block]) -> Message:
    name = link(url, event.number)
    title = escape(" ".join(event.title.split()))
    head = f"{tier_messages.icon(event, at)} *{name} ({escape(event.severity)}, {escape(event.level)})*: {title}"
    lead = f"*{tier_messages.missing(event, at=at)}* {lead}"
    if event.words.strip():
        words = tier_messages.words(
            event, at=at, name=name, subject=event.title, severity=event.severity, kind="incident"
        )
        lead = f"{fill(event.words, words)}\n{lead}"
    return tier_messages.message(event, head, lead, _facts(event, at), buttons, at=at)


def _facts(event: IncidentTierReached, at: datetime) -> Iterable[str]:
    roles = (("point", event.point), ("contact", event.contact), ("lead", event.lead))
    people = " · ".join(f"{role}: {escape(name) or 'not assigned'}" for role, name in roles)
    yield from tier_messages.facts(event, at=at)
    yield f"*Incident*\n{escape(event.status.capitalize())} · {people}"
