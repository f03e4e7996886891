"""What a reached tier looks like in Slack: text and blocks. Pure.

Everything people wrote is escaped; the mentions are ours, or a manager's who typed them into the tier's message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from apps.escalations.events import PROMISES, EscalationReached
from apps.integrations.slack.text import channel_link, date, escape, link, mention, user_group_mention
from apps.sla.durations import spell
from apps.sla.messages import fill

Block = dict[str, Any]

# Slack's limits are 3000, 2000 and 75; what we shorten ends in an ellipsis.
SECTION, FIELD, BUTTON = 2_900, 1_900, 75
SUMMARY = 300
ID = re.compile(r"[A-Z][A-Z0-9]+")
_HALF_A_TOKEN = re.compile(r"<[^<>]*$")
_HALF_AN_ENTITY = re.compile(r"&[a-z]{0,3}$")


@dataclass(frozen=True)
class Places:
    """Addresses a message links to; an empty one is left out. All are complete web addresses."""

    ticket: str = ""
    story: str = ""
    thread: str = ""


def permalink(channel: str, ts: str, thread_ts: str = "") -> str:
    """The address of a message, without asking Slack for it; Slack sends the reader on to their workspace."""
    address = f"https://slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return f"{address}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else address


def escalation(
    event: EscalationReached, *, event_id: UUID, at: datetime, places: Places = Places()
) -> tuple[str, list[Block]]:
    """The message for a tier reached at `at`: its text for notifications, and its blocks.

    It says who is meant, which promise, how long since, what comes next and when, and what is not known.
    """
    words = _words(event, at, places)
    body = shorten(fill(event.message, words), SECTION)
    blocks = [section(body)]
    if words["people"] not in body:
        blocks.append(section(shorten(f"*For* {words['people']}", SECTION)))
    blocks.append({"type": "section", "fields": [_mrkdwn(shorten(f, FIELD)) for f in _facts(event, at)]})
    remarks = list(_remarks(event, places))
    blocks.extend(section(shorten(remark, SECTION)) for remark in remarks)
    blocks.append({"type": "actions", "elements": _buttons(event, event_id, places)})
    if places.story:
        blocks.append({"type": "context", "elements": [_mrkdwn(link(places.story, "This entry of the story"))]})
    said = [body] if words["people"] in body else [body, words["people"]]
    return shorten("\n".join([*said, _state(event, at), *remarks]), SECTION), blocks


def summary(event: EscalationReached, *, at: datetime) -> str:
    """The same in one plain line, for lists and for when several are said at once."""
    parts = [
        f"Tier {event.tier}",
        f"Ticket {event.number}",
        event.customer,
        _promise(event),
        f"waiting {waited(at - event.started_at)}",
        "breached" if event.due_at <= at else "",
    ]
    line = " · ".join(part for part in parts if part)
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def who(event: EscalationReached) -> str:
    """Everybody the tier means, as mentions; people and groups Slack does not know by name."""
    groups = [user_group_mention(name) if ID.fullmatch(name) else f"*{escape(name)}*" for name in event.mentions]
    people = [
        mention(person["slack_id"]) if person.get("slack_id") else f"*{escape(person['name'])}*"
        # A group's mention reaches its members already; naming each as well would say it twice to them.
        for person in ([] if any(ID.fullmatch(name) for name in event.mentions) else event.people)
    ]
    channels = [channel_link(channel) for channel in event.channels]
    return ", ".join([*groups, *people, *channels]) or "*nobody*"


def waited(duration: timedelta) -> str:
    """`duration` to the minute; to the second below one."""
    whole = max(duration, timedelta(0))
    return spell(whole - whole % timedelta(minutes=1) if whole >= timedelta(minutes=1) else whole)


def section(text: str) -> Block:
    """A paragraph in Slack's markup."""
    return {"type": "section", "text": _mrkdwn(text)}


def shorten(text: str, most: int) -> str:
    """`text` in at most `most` characters, cut neither inside a mention or link nor inside an entity."""
    if len(text) <= most:
        return text
    cut = _HALF_A_TOKEN.sub("", text[: most - 1])
    return f"{_HALF_AN_ENTITY.sub('', cut)}…"


def _mrkdwn(text: str) -> Block:
    # Verbatim: Slack follows what we marked up and turns no plain @here or #channel of a customer into more.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _words(event: EscalationReached, at: datetime, places: Places) -> dict[str, str]:
    ticket = f"Ticket {event.number}"
    address = event.url or places.ticket
    return {
        "people": shorten(who(event), 1_500),
        "ticket": link(address, ticket) if address else escape(ticket),
        "subject": escape(" ".join(event.subject.split())),
        "customer": escape(event.customer),
        "plan": escape(event.plan),
        "severity": escape(event.severity),
        "type": escape(event.type),
        "policy": escape(event.policy),
        "promise": f"{PROMISES.get(event.promise, event.promise)} within {spell(event.within)}",
        "tier": str(event.tier),
        "waiting": waited(at - event.started_at),
        "due": _when(event.due_at),
        "next": _next(event),
    }


def _facts(event: EscalationReached, at: datetime) -> Iterable[str]:
    ticket = ", ".join(escape(part) for part in (event.severity, event.type) if part)
    named = " · ".join(escape(part) for part in (event.customer, " ".join(event.subject.split())) if part)
    yield f"*Promise*\n{escape(_promise(event))}"
    yield f"*State*\n{_state(event, at)}"
    yield f"*Waiting*\n{waited(at - event.started_at)}, since {_when(event.started_at)}"
    yield f"*Tier {event.tier}*\n{escape(event.audience.get('label', '') or 'as the policy says')}"
    yield f"*Next*\n{_next(event)}"
    yield f"*Ticket {escape(event.number)}* ({ticket})\n{named or '–'}"


def _state(event: EscalationReached, at: datetime) -> str:
    """Breached or not, in words: a colour alone tells not everybody."""
    if event.due_at <= at:
        age = f", {waited(at - event.due_at)} ago" if at - event.due_at >= timedelta(minutes=1) else ""
        return f":rotating_light: *Breached*: it was due {_when(event.due_at)}{age}"
    return f":hourglass_flowing_sand: Due {_when(event.due_at)}, in {waited(event.due_at - at)}"


def _remarks(event: EscalationReached, places: Places) -> Iterable[str]:
    if event.unknown_since:
        yield (
            f":warning: *The help desk cannot be asked* since {_when(event.unknown_since)}, "
            "so it is not known whether somebody has replied meanwhile."
        )
    for note in event.notes:
        yield f":information_source: {escape(note)}"
    unknown = [name for name in event.mentions if not ID.fullmatch(name)]
    if unknown:
        names = ", ".join(escape(name) for name in unknown)
        yield f":warning: Slack has no user group {names} that we know of, so nobody was notified by it."
    missing = [person["name"] for person in event.people if not person.get("slack_id")]
    if missing:
        names = ", ".join(escape(name) for name in missing)
        yield f":information_source: Without a Slack id, so not notified here: {names}."
    if event.skipped:
        tiers = ", ".join(str(tier) for tier in event.skipped)
        yield f":information_source: Due as well and passed over: tier {tiers}."
    if places.thread:
        yield f":thread: It is about {link(places.thread, f'the thread of ticket {event.number}')}."


def _buttons(event: EscalationReached, event_id: UUID, places: Places) -> list[Block]:
    buttons = [_button("Snooze 30 min", "snooze_30", value=event.number)]
    address = event.url or places.ticket
    if address.startswith(("https://", "http://")) and len(address) <= 3_000:
        buttons.append(_button("Open ticket", "open_ticket", url=address))
    return [*buttons, _button("Why me?", "why_me", value=str(event_id))]


def _button(text: str, action_id: str, **more: str) -> Block:
    label = {"type": "plain_text", "text": text[:BUTTON], "emoji": True}
    return {"type": "button", "text": label, "action_id": action_id, **more}


def _promise(event: EscalationReached) -> str:
    return f"{event.policy}: {PROMISES.get(event.promise, event.promise)} within {spell(event.within)}"


def _next(event: EscalationReached) -> str:
    if event.next_tier is None:
        return "nobody further: this was the last tier"
    at = event.next_tier["due_at"]
    when = _when(datetime.fromisoformat(at) if isinstance(at, str) else at)
    return f"tier {event.next_tier['tier']}, {escape(str(event.next_tier.get('label', '')))}, {when}"


def _when(instant: datetime) -> str:
    return date(instant.astimezone(UTC), "{date_short_pretty} at {time}")
