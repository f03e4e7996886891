"""What a pattern that was found again looks like in Slack: text and blocks. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apps.integrations.slack.messages import SECTION, section, shorten, waited
from apps.integrations.slack.text import date, escape, link
from apps.trail.patterns.events import PatternMatched


def message(event: PatternMatched, *, story: str = "") -> tuple[str, list[dict[str, Any]]]:
    """Where the pattern was found, when, and what to do; `story` is the complete address of the entry that tells it."""
    where = event.stream.replace(":", " ", 1)
    span = event.last_at - event.first_at
    times = f"{_when(event.first_at)}, {len(event.events)} event{'s' if len(event.events) != 1 else ''}"
    took = f" within {waited(span)}" if span.total_seconds() >= 1 else ""
    head = f":mag: *It happened again:* {escape(event.name)} on *{escape(where)}* ({times}{took})"
    blocks = [section(shorten(head, SECTION))]
    if event.advice:
        blocks.append(section(shorten(f"*What to do*\n{escape(event.advice)}", SECTION)))
    if story:
        shown = {"type": "mrkdwn", "text": link(story, "This entry of the story"), "verbatim": True}
        blocks.append({"type": "context", "elements": [shown]})
    return shorten("\n".join(part for part in (head, escape(event.advice)) if part), SECTION), blocks


def _when(instant: datetime) -> str:
    return date(instant.astimezone(UTC), "{date_short_pretty} at {time}")
