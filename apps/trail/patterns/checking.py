"""Checking the patterns on a stream."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from apps.trail import reading
from apps.trail.events import types
from apps.trail.models import StoredEvent
from apps.trail.patterns.matching import Result, Seen, check
from apps.trail.patterns.models import Pattern, present_name
from apps.trail.reading import Query

# A story longer than this is checked in its newest part.
MOST = 1_000


@dataclass(frozen=True)
class Checked:
    """A pattern with what came out, and the events it rests on, in time."""

    pattern: Pattern
    result: Result
    evidence: tuple[StoredEvent, ...]
    against: tuple[StoredEvent, ...]


@dataclass(frozen=True)
class Outcome:
    """Every pattern as it stands on a stream, the found ones first; `hidden` events were not looked at."""

    checked: list[Checked]
    hidden: int
    cut: bool


def check_all(stream: str, *, readable: Callable[[StoredEvent], bool]) -> Outcome:
    """Every active pattern, checked on the part of the stream that may be read."""
    patterns = list(Pattern.objects.filter(active=True))
    names = tuple(sorted({name for pattern in patterns for name in pattern.stored_names}))
    if not names:
        return Outcome([], 0, False)
    read = reading.backwards(Query(stream=stream, types=names), limit=MOST + 1)
    events = [event for event in read[:MOST] if readable(event)]
    checked = [_checked(pattern, events) for pattern in patterns]
    checked.sort(key=lambda each: (not each.result.found, each.pattern.name))
    return Outcome(checked, hidden=len(read[:MOST]) - len(events), cut=len(read) > MOST)


def as_seen(events: Collection[StoredEvent]) -> list[Seen]:
    """The events as patterns look at them."""
    return [Seen(event.position, present_name(event.type), event.occurred_at) for event in events]


def choosable_types() -> list[str]:
    """Every type a pattern can look for: the portal's own, and whatever else was recorded."""
    recorded = {present_name(name) for name in reading.recorded_types()}
    own = {name for name, cls in types().items() if cls.__module__.startswith("apps.")}
    return sorted(recorded | own)


def _checked(pattern: Pattern, events: Sequence[StoredEvent]) -> Checked:
    result = check(pattern.rule, as_seen(events))
    known = {event.position: event for event in events}
    return Checked(
        pattern,
        result,
        evidence=tuple(known[seen.position] for seen in result.evidence),
        against=tuple(known[seen.position] for seen in result.against),
    )
