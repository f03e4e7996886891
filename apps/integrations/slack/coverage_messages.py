"""What is said in Slack of a rotation's days ahead. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from apps.integrations.slack.messages import SECTION, SUMMARY, Block, section, shorten
from apps.integrations.slack.shift_messages import WHEN, interval
from apps.integrations.slack.text import date, escape, link
from apps.rotations.coverage.events import CoverageWarned, WeekAhead

MOST_LINES = 12


def warning(event: CoverageWarned, *, url: str = "", private: bool = True) -> tuple[str, list[Block]]:
    """What is not covered, and what to do: its text for notifications, and its blocks.

    What a calendar calls somebody's leave is said in private alone.
    """
    count = len(event.troubles)
    things = "something is" if count == 1 else f"{count} things are"
    head = f":warning: *{escape(event.name)}: {things} not covered in the next seven days*"
    lines = _cut([_trouble(one, ZoneInfo(event.zone), private=private) for one in event.troubles])
    rest = "Plan an override, or change the roster. You hear of each of these once."
    return _message([head, "\n".join(lines), rest], url)


def week(event: WeekAhead, *, url: str = "") -> tuple[str, list[Block]]:
    """Who is on in the coming week, by role, and what is not covered."""
    zone = ZoneInfo(event.zone)
    parts = [f":calendar: *The week ahead in {escape(event.name)}*"]
    for role in dict.fromkeys(shift["role"] for shift in event.shifts):
        own = [shift for shift in event.shifts if shift["role"] == role]
        lines = _cut([f"• {_shift(shift, event, zone)}" for shift in own])
        parts.append("\n".join([f"*{escape(role)}*", *lines]))
    # Who is nowhere on stands above already.
    wrong = [_trouble(one, zone, private=False) for one in event.troubles if one["kind"] != "gap"]
    if wrong:
        parts.append("\n".join([":warning: *Not covered*", *_cut(wrong)]))
    return _message(parts, url)


def summary(event: CoverageWarned | WeekAhead) -> str:
    """The same in one plain line, for lists."""
    line = event.sentence() if isinstance(event, CoverageWarned) else f"The week ahead in {event.name}"
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def _trouble(one: Mapping[str, Any], zone: tzinfo, *, private: bool) -> str:
    role, person = escape(str(one["role"])), escape(str(one["person"]))
    when = _when(one, zone)
    match one["kind"]:
        case "gap":
            return f"• Nobody is on as *{role}*, {when}."
        case "leave":
            label = f" ({escape(str(one['label']))})" if one["label"] and private else ""
            return f"• {person} is on as *{role}* and away{label}, {when}."
        case _:
            return f"• {person} works here no more and would be on as *{role}*, {when}."


def _shift(shift: Mapping[str, Any], event: WeekAhead, zone: tzinfo) -> str:
    names = ", ".join(escape(str(name)) for name in shift["names"])
    who = names or ":warning: nobody"
    start, end = datetime.fromisoformat(shift["start"]), datetime.fromisoformat(shift["end"])
    match start <= event.since, end >= event.until:
        case True, True:
            return f"{who}, all week"
        case True, False:
            return f"{who}, until {date(end, WHEN, zone)}"
        case False, True:
            return f"{who}, from {date(start, WHEN, zone)} on"
        case _:
            return f"{who}, {interval(start, end, zone)}"


def _when(one: Mapping[str, Any], zone: tzinfo) -> str:
    return interval(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]), zone)


def _cut(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"• and {more} more"] if more > 0 else [])]


def _message(parts: Sequence[str], url: str) -> tuple[str, list[Block]]:
    blocks = [section(shorten(part, SECTION)) for part in parts]
    if url:
        opened = {"type": "mrkdwn", "text": link(url, "Open the rotation"), "verbatim": True}
        blocks.append({"type": "context", "elements": [opened]})
    return shorten("\n".join(parts), SECTION), blocks
