"""What becomes of exports: who took which events out of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from apps.trail.events import Event, Personal

Asked = Annotated[dict[str, Any], Personal, "Which events: the filters, those that were given"]
Formats = Annotated[list[str], "csv, jsonl"]


# Of a long list a sentence names so many.
NAMED = 3


def in_words(asked: dict[str, Any]) -> str:
    """What was asked for: “everything”, or its filters."""
    return "; ".join(f"{name} {_few(value)}" for name, value in asked.items()) or "everything"


def _few(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    said = ", ".join(map(str, value[:NAMED]))
    return f"{said} and {len(value) - NAMED} more" if len(value) > NAMED else said


@dataclass(frozen=True, kw_only=True)
class TrailExportPageViewed(Event):
    """Somebody looked at what could be exported; the same is recorded once an hour a person."""

    asked: Asked

    def sentence(self) -> str:
        return f"The page that exports the trail was opened: {in_words(self.asked)}"


@dataclass(frozen=True, kw_only=True)
class TrailExportStarted(Event):
    """An export of the trail began; how it ended is the event it led to, and without one its process was killed."""

    asked: Asked
    formats: Formats

    def sentence(self) -> str:
        return f"An export of the trail began: {in_words(self.asked)}"


@dataclass(frozen=True, kw_only=True)
class TrailExported(Event):
    """Events were exported, all that were asked for; the digests show whether a file is what was given out."""

    asked: Asked
    formats: Formats
    count: Annotated[int, "How many events"]
    first: Annotated[int | None, "The first one's position; none without events"]
    last: Annotated[int | None, "The last one's position"]
    digests: Annotated[dict[str, str], "By file, the SHA-256 of its bytes"]

    def sentence(self) -> str:
        events = "1 event was" if self.count == 1 else f"{self.count:,} events were"
        return f"{events} exported from the trail: {in_words(self.asked)}"


@dataclass(frozen=True, kw_only=True)
class TrailExportBroken(Event):
    """An export ended before its end: whoever made it left, or it failed. They may hold what was sent until then."""

    asked: Asked
    count: Annotated[int, "How many events had been read by then"]
    reason: Annotated[str, "What ended it"]

    def sentence(self) -> str:
        return f"An export of the trail broke off after {self.count:,} events ({self.reason}): {in_words(self.asked)}"
