"""What a rotation in cycles would come to, before it is made: who serves when, gaps, and hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from apps.rotations import services
from apps.rotations.cycles import phases
from apps.rotations.cycles.pairs import Group
from apps.rotations.cycles.phases import Rules, Span
from apps.rotations.effects import Effect, effect
from apps.rotations.models import Rotation
from apps.rotations.schedules import Book
from apps.rotations.selectors import leaves
from apps.rotations.specs import RotationSpec
from apps.rotations.timeline import Timeline

CYCLES = 3


@dataclass(frozen=True)
class Half:
    """Who serves from `start` until before `end`: names by role, in the order of roles."""

    start: datetime
    end: datetime
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Coming:
    """A cycle to come, its two halves, and when its hand-overs are due."""

    span: Span
    halves: tuple[Half, ...]
    swap_due: datetime | None
    due: datetime


@dataclass(frozen=True)
class Preview:
    """The next cycles, and what to look at before it is made; people by name."""

    cycles: tuple[Coming, ...]
    effect: Effect
    warnings: tuple[str, ...]
    hours: tuple[tuple[str, str], ...]

    @property
    def start(self) -> datetime:
        return self.cycles[0].span.starts_at

    @property
    def end(self) -> datetime:
        return self.cycles[-1].span.ends_at


def preview(spec: RotationSpec, groups: Sequence[Group], *, start_local: datetime, now: datetime) -> Preview:
    """By making it and taking it back. Raises RotationRefused as making it would."""
    rules = Rules(ZoneInfo(spec.time_zone), start_local)
    number = phases.span_at(rules, now).number
    spans = [phases.span(rules, each) for each in range(number, number + CYCLES)]
    start, end = spans[0].starts_at, spans[-1].ends_at

    def change() -> Rotation:
        return services.create_in_cycles(spec, start_local=start_local, now=now).rotation

    book = services.what_if(change, None, start=start, end=end).after
    timeline = book.window(start, end)
    named = [email for group in groups for email in (group.lead, *group.engineers)]
    found = effect(None, timeline, named=named, deactivated=book.written.away, leaves=leaves(start, end))
    return Preview(
        cycles=tuple(_coming(rules, span, timeline, book) for span in spans),
        effect=found,
        warnings=tuple(_warnings(groups, found, book)),
        hours=tuple((book.called(one.person), f"{one.after.total_seconds() / 3600:,.0f} h") for one in found.hours),
    )


def _coming(rules: Rules, span: Span, timeline: Timeline, book: Book) -> Coming:
    bounds = [span.starts_at, *([span.mid_at] if span.mid_at else []), span.ends_at]
    halves = []
    for since, until in pairwise(bounds):
        duties = timeline.at(since)
        people = tuple(
            (role, ", ".join(book.called(email) for email in duties[role].people) if role in duties else "")
            for role in timeline.roles
        )
        halves.append(Half(since, until, people))
    return Coming(span, tuple(halves), phases.swap_due(rules, span), phases.handover_due(rules, span))


def _warnings(groups: Sequence[Group], found: Effect, book: Book) -> list[str]:
    said = [
        f"{book.called(group.lead)} leads and is one of the four: whom a page reaches last, it has reached before."
        for group in groups
        if group.lead in group.engineers
    ]
    if found.never:
        names = ", ".join(book.called(email) for email in found.never)
        said.append(f"Not in the next {CYCLES} cycles: {names}. Their turn comes later.")
    if found.deactivated:
        said.append(f"Works here no more: {', '.join(book.called(email) for email in found.deactivated)}.")
    return list(dict.fromkeys(said))
