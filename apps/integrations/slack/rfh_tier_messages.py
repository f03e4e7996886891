"""What a reached tier of a request for help looks like in Slack: text and blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.escalations.rfh_events import RFHTierReached
from apps.integrations.slack import rfh_buttons, tier_messages
from apps.integrations.slack.messages import Block
from apps.integrations.slack.text import escape, link
from apps.sla.messages import fill


def to_person(event: RFHTierReached, person: Mapping[str, Any], *, at: datetime, url: str) -> tuple[str, list[Block]]:
    """For one of those who are meant, in person, with the reason."""
    return _message(event, tier_messages.to_person(person), at=at, url=url)


def to_place(event: RFHTierReached, *, at: datetime, url: str) -> tuple[str, list[Block]]:
    """For a channel: everybody who is meant."""
    return _message(event, f"For {tier_messages.who(event)}.", at=at, url=url)


def summary(event: RFHTierReached, *, at: datetime) -> str:
    """The same in one plain line, for lists and for when several are said at once."""
    return tier_messages.summary(event, f"RFH-{event.rfh}", event.team_name, at=at)


def _message(event: RFHTierReached, lead: str, *, at: datetime, url: str) -> tuple[str, list[Block]]:
    name = link(url, f"RFH-{event.rfh}")
    icon = tier_messages.icon(event, at)
    head = f"{icon} *{name} ({escape(event.priority.upper())})*: {escape(' '.join(event.summary.split()))}"
    lead = f"*{tier_messages.missing(event, at=at)}* {lead}"
    if event.words.strip():
        words = tier_messages.words(
            event, at=at, name=name, subject=event.summary, severity=event.priority, kind="request for help"
        )
        lead = f"{fill(event.words, {**words, 'customer': escape(event.customer)})}\n{lead}"
    return tier_messages.message(event, head, lead, _facts(event, at), _buttons(event), at=at)


def _facts(event: RFHTierReached, at: datetime) -> Iterable[str]:
    about = " · ".join(
        part for part in (escape(event.customer), f"ticket {escape(event.ticket)}" if event.ticket else "") if part
    )
    people = [f"owner: {escape(event.owner) or 'nobody yet'}", f"accountable: {escape(event.accountable) or 'nobody'}"]
    level = f", {escape(event.level)}" if event.level else ""
    yield from tier_messages.facts(event, at=at)
    yield f"*Team*\n{escape(event.team_name)}{level}; {', '.join(people)}"
    if about:
        yield f"*About*\n{about}"


def _buttons(event: RFHTierReached) -> Iterable[Block]:
    # Who answers to the customer has no work of the team's to take; they ask how it stands.
    kind = event.audience.get("kind")
    if kind != "accountable":
        yield from rfh_buttons.rows(event.rfh, event.state, theirs=kind == "owner")
