"""Who hears of a hand-over: of what was left to them, and of what they have not confirmed. Pure."""

from __future__ import annotations

from apps.integrations.slack.text import date, escape, link, mention
from apps.notices.routing import MESSAGE, Owed, usable
from apps.rotations.handovers.events import HandOverOverdue, HandOverSettled, HandOverUnsettled

NOWHERE = (
    "Nowhere to send it: no incoming lead has a Slack id, the rotation and its team have no channel, and "
    "SLACK_DEFAULT_CHANNEL is not set to a channel's id."
)
WHEN = "{date_short_pretty} at {time}"
# What a message lists; the page has the rest.
MOST_LINES = 20


def for_settled(event: HandOverSettled, *, base: str, page: str, default_channel: str = "") -> list[Owed]:
    """The incoming lead in person; without a Slack id the channel. Nothing when nothing was left, else never empty."""
    if not event.left:
        return []
    place = event.slack_id or event.channel or usable(default_channel)
    lines = [_line(one, base) for one in event.left[:MOST_LINES]]
    if len(event.left) > MOST_LINES:
        lines.append(f"• and {len(event.left) - MOST_LINES} more")
    whose = f"{mention(event.slack_id)}, what was left is yours" if event.slack_id else f"It is {escape(event.lead)}'s"
    head = f":warning: *Nobody took {_things(event)} in the hand-over of {escape(event.name)}.*"
    text = "\n".join([f"{head} {whose} now, to keep or to pass on:", *lines, *_page(page)])
    summary = f"Left to {event.lead} in the hand-over of {event.name}: {_things(event)}"
    return [_owed(event.handover, place, text, summary)]


def for_unsettled(event: HandOverUnsettled, *, page: str, default_channel: str = "") -> list[Owed]:
    """The rotation's or its team's channel, else the default one. Never empty: without any the notice says so."""
    place = event.channel or usable(default_channel)
    lines = [f"• {escape(title)}" for title in event.left[:MOST_LINES]]
    reasons = " ".join(escape(reason) for reason in event.because)
    head = f":warning: *What the hand-over of {escape(event.name)} left is with nobody yet.* {reasons}"
    text = "\n".join([head, *lines, *_page(page)])
    return [_owed(event.handover, place, text, f"With nobody yet after the hand-over of {event.name}")]


def for_overdue(event: HandOverOverdue, *, page: str) -> list[Owed]:
    """Each who has not confirmed it, in person; the channel where none of them has a Slack id."""
    kind = "short hand-over" if event.kind == "short" else "hand-over"
    then = (
        "what is not passed on stays whose it is" if event.kind == "short" else "what nobody took by then is the lead's"
    )
    body = (
        f"the {kind} of {escape(event.name)} was due {date(event.due_at, WHEN)}. "
        f"People change {date(event.changes_at, WHEN)}; {then}."
    )
    summary = f"Reminded of the {kind} of {event.name}"
    reachable = [person for person in event.missing if person.get("slack_id")]
    owed = [
        _owed(
            event.handover,
            person["slack_id"],
            "\n".join(
                [
                    f":hourglass: {mention(person['slack_id'])}, {body}",
                    f"You have not confirmed it yet ({escape(str(person['side']))}).",
                    *_page(page),
                ]
            ),
            summary,
        )
        for person in reachable
    ]
    if not owed and event.channel:
        names = ", ".join(escape(str(person["name"])) for person in event.missing)
        text = "\n".join([f":hourglass: {body[:1].upper()}{body[1:]}", f"Not confirmed yet by {names}.", *_page(page)])
        owed.append(_owed(event.handover, event.channel, text, summary))
    return owed


def _things(event: HandOverSettled) -> str:
    return "one item" if len(event.left) == 1 else f"{len(event.left)} items"


def _line(one: dict[str, str], base: str) -> str:
    before = f", until now {escape(one['before'])}'s" if one.get("before") else ", nobody's until now"
    note = f": {escape(one['note'])}" if one.get("note") else ""
    url = f"{base}{one['url']}" if base and one.get("url") else ""
    return f"• {link(url, one['title'])}{before}{note}"


def _page(page: str) -> list[str]:
    return [link(page, "The hand-over")] if page else []


def _owed(handover: int, place: str, text: str, summary: str) -> Owed:
    return Owed(
        recipient=place or "nobody",
        kind=MESSAGE,
        about=f"handover:{handover}",
        summary=summary,
        channel=place,
        text=text,
        error="" if place else NOWHERE,
    )
