"""What people are told in Slack of their shifts that come, go or move. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from apps.integrations.slack.messages import SECTION, Block, section, shorten
from apps.integrations.slack.text import date, escape, link
from apps.rotations.events import ShiftsMoved
from apps.rotations.moves import OwnMove, own_moves

WHEN = "{date_short_pretty} at {time}"
MOST_LINES = 8
SUMMARY = 300


@dataclass(frozen=True)
class Reader:
    """Who is told: the email, and the zone of what Slack cannot show in the reader's own."""

    email: str
    zone: tzinfo = UTC


def message(event: ShiftsMoved, reader: Reader, *, by: str, at: datetime, url: str) -> tuple[str, list[Block]]:
    """What changed for the reader, by whom and why: its text for notifications, and its blocks.

    `url` is the rotation's page in the portal, empty where there is none.
    """
    own = own_moves(event.moves, reader.email, event.names)
    head = f":calendar: *Your shifts in {escape(event.name)} changed*"
    lines = [_line(move, event, reader, at) for move in own[:MOST_LINES]]
    if len(own) > MOST_LINES or not own or event.more:
        # Where the change is so large that not all of it was kept, the rotation's page has the rest.
        count = len(own) - MOST_LINES
        lines.append(f"• {count} more after that." if count > 0 and not event.more else "• There is more after that.")
    why = _why(event, by)
    blocks = [section(shorten(text, SECTION)) for text in (head, "\n".join(lines), why)]
    if url:
        blocks.append(
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": link(url, "Open it in the portal"), "verbatim": True}],
            }
        )
    return shorten("\n".join([head, *lines, why]), SECTION), blocks


def summary(event: ShiftsMoved, reader: Reader, *, by: str) -> str:
    """The same in one plain line, for lists, in the reader's zone."""
    own = own_moves(event.moves, reader.email, event.names)
    first = own[0] if own else None
    said = f"Your shifts in {event.name} changed"
    if first is not None:
        what = "on" if first.comes else "no longer on"
        start = first.start.astimezone(reader.zone)
        said += f": {what} as {first.role} from {start:%-d %b %H:%M} {start:%Z}"
        said += f" and {len(own) - 1} more" if len(own) > 1 else ""
    line = " ".join(f"{said}, by {by}".split())
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def interval(start: datetime, end: datetime, zone: tzinfo = UTC) -> str:
    """ "18 Mar at 09:00 to 25 Mar at 09:00", in each reader's own zone."""
    return f"{date(start, WHEN, zone)} to {date(end, WHEN, zone)}"


def _line(move: OwnMove, event: ShiftsMoved, reader: Reader, at: datetime) -> str:
    start = "now" if move.start <= at else date(move.start, WHEN, reader.zone)
    ends = event.until is None or move.end < event.until
    when = f"from {start} to {date(move.end, WHEN, reader.zone)}" if ends else f"from {start} on"
    role, others = escape(move.role), _names(move.others)
    if move.comes:
        return f"• :heavy_plus_sign: You are on as *{role}* {when}" + (f", instead of {others}." if others else ".")
    instead = f"; {others} {'is' if len(move.others) == 1 else 'are'} on instead." if others else "; nobody is."
    return f"• :heavy_minus_sign: You are no longer on as *{role}* {when}{instead}"


def _why(event: ShiftsMoved, by: str) -> str:
    reason = f" Reason: {escape(event.reason)}" if event.reason else ""
    return f"Changed by {escape(by)}: {escape(event.change)}.{reason}"


def _names(names: Sequence[str]) -> str:
    shown = [escape(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
