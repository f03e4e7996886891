"""What a reached tier of a request for help looks like in Slack: text and blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.escalations.events import PROMISES
from apps.escalations.rfh_events import RFHTierReached
from apps.integrations.slack import rfh_buttons
from apps.integrations.slack.messages import FIELD, ID, SECTION, SUMMARY, Block, section, shorten, waited
from apps.integrations.slack.text import channel_link, date, escape, link, mention, user_group_mention
from apps.sla.durations import spell
from apps.sla.messages import fill

WHEN = "{date_short_pretty} at {time}"
# What is missing, as a team says it of the request.
WAITS_FOR = {
    "acknowledgement": "Nobody has acknowledged it yet.",
    "first_answer": "It has no answer yet.",
    "update": "Nobody has said how it stands for {waiting}.",
}
HOW_SOON = {"update": "every"}
# The reasons as they are said of others, and to whom they are about; the rest begins with "is".
_OF_YOU = {"owns the request": "own the request", "answers to the customer for it": "answer to the customer for it"}


def to_person(event: RFHTierReached, person: Mapping[str, Any], *, at: datetime, url: str) -> tuple[str, list[Block]]:
    """For one of those who are meant, in person, with the reason."""
    because = str(person["because"])
    reason = escape(_OF_YOU.get(because, f"are {because.removeprefix('is ')}"))
    return _message(event, f"{mention(str(person['slack_id']))}, you are told because you {reason}.", at=at, url=url)


def to_place(event: RFHTierReached, *, at: datetime, url: str) -> tuple[str, list[Block]]:
    """For a channel: everybody who is meant, as mentions; people and groups Slack does not know by name."""
    return _message(event, f"For {who(event)}.", at=at, url=url)


def who(event: RFHTierReached) -> str:
    """Everybody the tier means, as mentions."""
    groups = [user_group_mention(name) if ID.fullmatch(name) else f"*{escape(name)}*" for name in event.mentions]
    people = [
        mention(person["slack_id"]) if person.get("slack_id") else f"*{escape(str(person['name']))}*"
        for person in event.people
    ]
    channels = [channel_link(channel) for channel in event.channels]
    return ", ".join([*groups, *people, *channels]) or "*nobody*"


def summary(event: RFHTierReached, *, at: datetime) -> str:
    """The same in one plain line, for lists and for when several are said at once."""
    parts = [
        f"RFH-{event.rfh}",
        f"tier {event.tier}",
        event.team_name,
        _promise(event),
        f"waiting {waited(at - event.started_at)}",
        "overdue" if event.due_at <= at else "",
    ]
    line = " · ".join(part for part in parts if part)
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def _message(event: RFHTierReached, lead: str, *, at: datetime, url: str) -> tuple[str, list[Block]]:
    name = link(url, f"RFH-{event.rfh}")
    head = f"{_icon(event, at)} *{name} ({escape(event.priority.upper())})*: {escape(' '.join(event.summary.split()))}"
    missing = WAITS_FOR[event.promise].format(waiting=waited(at - event.started_at))
    lead = f"*{missing}* {lead}"
    if event.words.strip():
        lead = f"{fill(event.words, _words(event, at, name))}\n{lead}"
    blocks = [section(shorten(head, SECTION)), section(shorten(lead, SECTION))]
    blocks.append({"type": "section", "fields": [_mrkdwn(shorten(fact, FIELD)) for fact in _facts(event, at)]})
    notes = [f":information_source: {escape(note)}" for note in _remarks(event)]
    blocks.extend(section(shorten(note, SECTION)) for note in notes)
    blocks.extend(_buttons(event))
    return shorten("\n".join([head, lead, _state(event, at), *notes]), SECTION), blocks


def _facts(event: RFHTierReached, at: datetime) -> Iterable[str]:
    about = " · ".join(
        part for part in (escape(event.customer), f"ticket {escape(event.ticket)}" if event.ticket else "") if part
    )
    people = [f"owner: {escape(event.owner) or 'nobody yet'}", f"accountable: {escape(event.accountable) or 'nobody'}"]
    level = f", {escape(event.level)}" if event.level else ""
    yield f"*Promise*\n{escape(_promise(event))}"
    yield f"*State*\n{_state(event, at)}"
    yield f"*Waiting*\n{waited(at - event.started_at)}, since {_when(event.started_at)}"
    yield f"*Next*\n{_next(event)}"
    yield f"*Team*\n{escape(event.team_name)}{level}; {', '.join(people)}"
    if about:
        yield f"*About*\n{about}"


def _state(event: RFHTierReached, at: datetime) -> str:
    """Overdue or not, in words: a colour alone tells not everybody."""
    if event.due_at <= at:
        age = f", {waited(at - event.due_at)} ago" if at - event.due_at >= timedelta(minutes=1) else ""
        return f"*Overdue*: it was due {_when(event.due_at)}{age}"
    return f"Due {_when(event.due_at)}, in {waited(event.due_at - at)}"


def _icon(event: RFHTierReached, at: datetime) -> str:
    return ":rotating_light:" if event.due_at <= at else ":hourglass_flowing_sand:"


def _remarks(event: RFHTierReached) -> Iterable[str]:
    yield from event.notes
    missing = [str(person["name"]) for person in event.people if not person.get("slack_id")]
    if missing:
        yield f"Without a Slack id, so not notified here: {', '.join(missing)}."
    if event.skipped:
        yield f"Due as well and passed over: tier {', '.join(str(tier) for tier in event.skipped)}."


def _buttons(event: RFHTierReached) -> Iterable[Block]:
    # Who answers to the customer has no work of the team's to take; they ask how it stands.
    kind = event.audience.get("kind")
    if kind != "accountable":
        yield from rfh_buttons.rows(event.rfh, event.state, theirs=kind == "owner")


def _promise(event: RFHTierReached) -> str:
    how = HOW_SOON.get(event.promise, "within")
    return f"{event.policy}: {PROMISES[event.promise]} {how} {spell(event.within)}"


def _next(event: RFHTierReached) -> str:
    if event.next_tier is None:
        return "nobody further: this was the last tier"
    when = _when(datetime.fromisoformat(event.next_tier["due_at"]))
    return f"tier {event.next_tier['tier']}, {escape(str(event.next_tier.get('label', '')))}, {when}"


def _words(event: RFHTierReached, at: datetime, name: str) -> dict[str, str]:
    return {
        "people": shorten(who(event), 1_500),
        "ticket": name,
        "subject": escape(" ".join(event.summary.split())),
        "customer": escape(event.customer),
        "severity": escape(event.priority),
        "type": "request for help",
        "policy": escape(event.policy),
        "promise": escape(_promise(event).removeprefix(f"{event.policy}: ")),
        "tier": str(event.tier),
        "waiting": waited(at - event.started_at),
        "due": _when(event.due_at),
        "next": _next(event),
    }


def _when(instant: datetime) -> str:
    return date(instant.astimezone(UTC), WHEN)


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
