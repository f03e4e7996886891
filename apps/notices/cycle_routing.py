"""Who hears of what is overdue in a cycle, and who gets its digest. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from apps.integrations.slack.messages import SECTION, SUMMARY, section, shorten
from apps.integrations.slack.text import channel_link, date, escape, link, mention
from apps.notices.routing import MESSAGE, Owed, usable
from apps.rotations.cycles.events import ChecklistOverdue, DigestSent

WHEN = "{date_short_pretty} at {time}"
NOWHERE = (
    "Nowhere to send it: nobody with a Slack id leads the cycle, neither the rotation nor its team has a channel, and "
    "SLACK_DEFAULT_CHANNEL is not set to a channel's id."
)


def for_overdue(event: ChecklistOverdue, *, default_channel: str = "", url: str = "") -> list[Owed]:
    """The lead in person; without one the channel, which says so. Never empty: where nothing can be sent it says so."""
    place = event.lead_slack_id or event.channel or usable(default_channel)
    still = " still" if event.again else ""
    owner = f" {escape(event.owner)} was to see to it." if event.owner else ""
    text = (
        f":hourglass: *{escape(event.text)}* is{still} to be done in {link(url, _cycle(event))}: it was due "
        f"{date(event.due_at.astimezone(UTC), WHEN)}.{owner}\n{_why(event)}"
    )
    return [
        Owed(
            recipient=place or "nobody",
            kind=MESSAGE,
            about=f"rotation:{event.rotation}",
            summary=_one_line(event.sentence()),
            channel=place,
            text=shorten(text, SECTION),
            blocks=[section(shorten(text, SECTION))],
            error="" if place else NOWHERE,
        )
    ]


def for_digest(event: DigestSent, *, url: str = "") -> list[Owed]:
    """Each stakeholder in person, and each channel: the same words for all."""
    head = f":memo: *Digest of {link(url, _cycle(event))}*, from {escape(event.by)}"
    body = escape(event.text)
    # What may be cut stands last; a section holds no more.
    blocks: list[dict[str, Any]] = [section(shorten(head, SECTION))]
    blocks += [section(shorten(part, SECTION)) for part in _parts(body)]
    places = dict.fromkeys([*(each["slack_id"] for each in event.people), *event.channels])
    return [
        Owed(
            recipient=place,
            kind=MESSAGE,
            about=f"rotation:{event.rotation}",
            summary=_one_line(f"Digest of {_cycle(event)}"),
            channel=place,
            text=f"{head}\n{body}",
            blocks=blocks,
        )
        for place in places
        if place
    ]


def _why(event: ChecklistOverdue) -> str:
    if event.lead_slack_id:
        return f"{mention(event.lead_slack_id)}, you are told because you lead this cycle."
    who = f"{escape(event.lead)} leads this cycle and has no Slack id" if event.lead else "Nobody leads this cycle"
    if event.channel:
        return f"{who}, so {channel_link(event.channel)} is told."
    return f"{who}, and its team has no channel of its own."


def _cycle(event: ChecklistOverdue | DigestSent) -> str:
    return f"cycle {event.number} of {event.name}"


def _parts(text: str) -> list[str]:
    """The text in pieces that a section holds, cut at the ends of lines."""
    parts: list[str] = []
    for line in text.splitlines():
        if parts and len(parts[-1]) + len(line) < SECTION:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return [part for part in parts if part.strip()]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"
