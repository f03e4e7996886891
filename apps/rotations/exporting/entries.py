"""A rotation's final schedule, and one person's of all rotations, as entries of a calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.people.models import Agent
from apps.rotations.exporting.writing import Entry
from apps.rotations.models import Rotation, Shift
from apps.rotations.schedules import Book, books
from apps.rotations.timeline import Duty

BACK, AHEAD = timedelta(weeks=4), timedelta(weeks=26)
# So far beyond the window the ends of a shift are looked for: it has one beginning, whenever one looks.
BEYOND = timedelta(days=130)
UNKNOWN = "since before"


@dataclass(frozen=True)
class Window:
    """What a calendar shows, by whole days of UTC, so that within a day it stays the same."""

    start: datetime
    end: datetime

    @classmethod
    def around(cls, now: datetime) -> Window:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(today - BACK, today + AHEAD)


def of_rotation(rotation: Rotation, window: Window) -> list[Entry]:
    """Each role's shifts with everybody who is on."""
    [book] = books(Rotation.objects.filter(pk=rotation.pk), window.start - BEYOND, window.end + BEYOND)
    return list(_entries(book, window, None))


def of_person(agent: Agent, window: Window) -> list[Entry]:
    """When the person is on duty in any rotation, and their own shifts."""
    opened = books(Rotation.objects.filter(archived_at=None), window.start - BEYOND, window.end + BEYOND)
    found = [
        entry
        for book in opened
        if agent.email in book.written.people or agent.email in book.names
        for entry in _entries(book, window, agent.email)
    ]
    shifts = Shift.objects.filter(agent=agent, starts_at__lt=window.end, ends_at__gt=window.start)
    for shift in shifts:
        what = f"embedded in {shift.product}" if shift.product else shift.get_kind_display().lower()
        found.append(Entry(("shift", str(shift.pk)), shift.starts_at, shift.ends_at, f"On shift: {what}"))
    return found


def _entries(book: Book, window: Window, only: str | None) -> Iterator[Entry]:
    timeline = book.window(window.start - BEYOND, window.end + BEYOND)
    rotation = book.rotation
    for role in timeline.roles:
        for start, end, people, because in _runs(timeline.of(role), _those(only)):
            if not people or start >= window.end or end <= window.start:
                continue
            began = UNKNOWN if start <= timeline.start else start.isoformat()
            names = ", ".join(book.called(email) for email in people)
            yield Entry(
                ("rotation", str(rotation.pk), role, began, only or ""),
                # What began before anybody looked is shown from where the window begins.
                max(start, window.start) if began == UNKNOWN else start,
                min(end, window.end) if end >= timeline.end else end,
                f"{rotation}: {role}" if only else f"{role}: {names} ({rotation})",
                because,
            )


def _those(only: str | None) -> Callable[[Duty], tuple[str, ...]]:
    return lambda duty: tuple(email for email in duty.people if only in (None, email))


def _runs(
    duties: Iterable[Duty], who: Callable[[Duty], tuple[str, ...]]
) -> Iterator[tuple[datetime, datetime, tuple[str, ...], str]]:
    """Neighbours with the same people are one, whatever the reasons and whoever else is on."""
    held: tuple[datetime, datetime, tuple[str, ...], str] | None = None
    for duty in duties:
        people = who(duty)
        if held is not None and held[1] == duty.start and held[2] == people:
            held = (held[0], duty.end, people, held[3])
            continue
        if held is not None:
            yield held
        because = "; ".join(dict.fromkeys(each.because for each in duty.on if each.person in people))
        held = (duty.start, duty.end, people, because)
    if held is not None:
        yield held
