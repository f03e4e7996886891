"""What every reached tier says in Slack: who hears and why, what was promised, who is next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from apps.escalations.events import PROMISES
from apps.integrations.slack.messages import FIELD, ID, SECTION, SUMMARY, Block, section, shorten, waited
from apps.integrations.slack.text import channel_link, date, escape, mention, user_group_mention
from apps.sla.durations import spell

WHEN = "{date_short_pretty} at {time}"
# What is missing, as it is said of the subject.
WAITS_FOR = {
    "acknowledgement": "Nobody has acknowledged it yet.",
    "first_answer": "It has no answer yet.",
    "update": "Nobody has said how it stands for {waiting}.",
}
HOW_SOON = {"update": "every"}
# The reasons as they are said of others, and to whom they are about; the rest begins with "is".
_OF_YOU = {
    "owns the request": "own the request",
    "answers to the customer for it": "answer to the customer for it",
    "works on it, and it has no contact": "work on it, and it has no contact",
    "leads it": "lead it",
}


class Tier(Protocol):
    """What the events of reached tiers have in common."""

    @property
    def promise(self) -> str: ...
    @property
    def policy(self) -> str: ...
    @property
    def within(self) -> timedelta: ...
    @property
    def tier(self) -> int: ...
    @property
    def people(self) -> list[dict[str, Any]]: ...
    @property
    def mentions(self) -> list[str]: ...
    @property
    def channels(self) -> list[str]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def skipped(self) -> list[int]: ...
    @property
    def audience(self) -> dict[str, Any]: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def next_tier(self) -> dict[str, Any] | None: ...


def to_person(person: Mapping[str, Any]) -> str:
    """For one of those who are meant, in person, with the reason."""
    because = str(person["because"])
    reason = escape(_OF_YOU.get(because, f"are {because.removeprefix('is ')}"))
    return f"{mention(str(person['slack_id']))}, you are told because you {reason}."


def who(event: Tier) -> str:
    """Everybody the tier means, as mentions; people and groups Slack does not know by name."""
    groups = [user_group_mention(name) if ID.fullmatch(name) else f"*{escape(name)}*" for name in event.mentions]
    people = [
        mention(person["slack_id"]) if person.get("slack_id") else f"*{escape(str(person['name']))}*"
        for person in event.people
    ]
    channels = [channel_link(channel) for channel in event.channels]
    return ", ".join([*groups, *people, *channels]) or "*nobody*"


def summary(event: Tier, name: str, about: str, *, at: datetime) -> str:
    """The same in one plain line, for lists and for when several are said at once."""
    parts = [
        name,
        f"tier {event.tier}",
        about,
        promised(event),
        f"waiting {waited(at - event.started_at)}",
        "overdue" if event.due_at <= at else "",
    ]
    line = " · ".join(part for part in parts if part)
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def missing(event: Tier, *, at: datetime) -> str:
    """What everybody waits for."""
    return WAITS_FOR[event.promise].format(waiting=waited(at - event.started_at))


def message(
    event: Tier, head: str, lead: str, facts: Iterable[str], buttons: Iterable[Block], *, at: datetime
) -> tuple[str, list[Block]]:
    """What it is about, who hears why, and the facts; text for where no blocks are shown."""
    blocks = [section(shorten(head, SECTION)), section(shorten(lead, SECTION))]
    blocks.append({"type": "section", "fields": [_mrkdwn(shorten(fact, FIELD)) for fact in facts]})
    notes = [f":information_source: {escape(note)}" for note in _remarks(event)]
    blocks.extend(section(shorten(note, SECTION)) for note in notes)
    blocks.extend(buttons)
    return shorten("\n".join([head, lead, state(event, at), *notes]), SECTION), blocks


def facts(event: Tier, *, at: datetime) -> Sequence[str]:
    """What was promised, whether it is overdue, how long it waits, who is next."""
    return [
        f"*Promise*\n{escape(promised(event))}",
        f"*State*\n{state(event, at)}",
        f"*Waiting*\n{waited(at - event.started_at)}, since {when(event.started_at)}",
        f"*Next*\n{following(event)}",
    ]


def words(event: Tier, *, at: datetime, name: str, subject: str, severity: str, kind: str) -> dict[str, str]:
    """What a tier's own words may hold, filled in."""
    return {
        "people": shorten(who(event), 1_500),
        "ticket": name,
        "subject": escape(" ".join(subject.split())),
        "severity": escape(severity),
        "type": kind,
        "policy": escape(event.policy),
        "promise": escape(promised(event).removeprefix(f"{event.policy}: ")),
        "tier": str(event.tier),
        "waiting": waited(at - event.started_at),
        "due": when(event.due_at),
        "next": following(event),
    }


def state(event: Tier, at: datetime) -> str:
    """Overdue or not, in words: a colour alone tells not everybody."""
    if event.due_at <= at:
        age = f", {waited(at - event.due_at)} ago" if at - event.due_at >= timedelta(minutes=1) else ""
        return f"*Overdue*: it was due {when(event.due_at)}{age}"
    return f"Due {when(event.due_at)}, in {waited(event.due_at - at)}"


def icon(event: Tier, at: datetime) -> str:
    """Before its first line."""
    return ":rotating_light:" if event.due_at <= at else ":hourglass_flowing_sand:"


def _remarks(event: Tier) -> Iterable[str]:
    yield from event.notes
    absent = [str(person["name"]) for person in event.people if not person.get("slack_id")]
    if absent:
        yield f"Without a Slack id, so not notified here: {', '.join(absent)}."
    if event.skipped:
        yield f"Due as well and passed over: tier {', '.join(str(tier) for tier in event.skipped)}."


def promised(event: Tier) -> str:
    """ "P1 requests for help: acknowledgement within 1 h"."""
    how = HOW_SOON.get(event.promise, "within")
    return f"{event.policy}: {PROMISES[event.promise]} {how} {spell(event.within)}"


def following(event: Tier) -> str:
    """Who hears next, and when."""
    if event.next_tier is None:
        return "nobody further: this was the last tier"
    at = when(datetime.fromisoformat(event.next_tier["due_at"]))
    return f"tier {event.next_tier['tier']}, {escape(str(event.next_tier.get('label', '')))}, {at}"


def when(instant: datetime) -> str:
    """The instant in each reader's own zone."""
    return date(instant.astimezone(UTC), WHEN)


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
