"""Who is, was and will be on duty, of rotations as they are stored: the one answer for every door, job and page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from apps.people.models import Agent, Team
from apps.rotations.definitions import Written, written
from apps.rotations.models import Rotation, Served
from apps.rotations.resolving.resolver import resolve
from apps.rotations.timeline import Duty, OnDuty, Timeline, cut, joined, told

# How far to both sides of an instant the ends of a shift are looked for, until they are found.
SPANS = tuple(timedelta(days=days) for days in (8, 35, 130, 400))
FARTHEST = SPANS[-1]


@dataclass(frozen=True)
class Current:
    """Who is on duty in a role at an instant, and the shift's true ends; None: farther than a year away.

    Of the past `names` and `emails` are of whoever was on; `people` are those of them the rotation still knows.
    """

    role: str
    people: tuple[Agent, ...]
    names: tuple[str, ...]
    emails: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    because: str


@dataclass(frozen=True)
class Book:
    """A rotation as it is written, and of what was kept the rows that are asked about."""

    written: Written
    served: Mapping[str, Sequence[Duty]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def rotation(self) -> Rotation:
        return self.written.rotation

    def called(self, email: str) -> str:
        """The person's name; of who is gone the one they had."""
        agent = self.written.people.get(email)
        return str(agent) if agent else self.names.get(email, email)

    def window(self, start: datetime, end: datetime, *, only: Sequence[str] | None = None) -> Timeline:
        """What was kept, and from `kept_until` on what the definition says; nothing after the rotation was archived.

        With `only` of these roles alone.
        """
        kept = self.rotation.kept_until
        until = min(end, self.rotation.archived_at) if self.rotation.archived_at else end
        ahead = self.as_defined(max(start, kept), until, only=only) if until > max(start, kept) else None
        past = {role: cut(duties, start, min(end, kept)) for role, duties in self.served.items()}
        known = dict.fromkeys([*self.written.roles, *(role for role, duties in past.items() if duties)])
        roles = tuple(role for role in known if only is None or role in only)
        duties = [duty for role in roles for duty in joined([*past.get(role, ()), *(ahead.of(role) if ahead else ())])]
        return Timeline(start, end, roles, tuple(duties))

    def as_defined(self, start: datetime, end: datetime, *, only: Sequence[str] | None = None) -> Timeline:
        """What the definition says, whatever was kept."""
        return told(
            resolve(self.written.definition, start, end, roles=only),
            self.written.why,
            roles=[role for role in self.written.roles if only is None or role in only],
            start=start,
            end=end,
            away=self.written.away,
        )

    def at(self, instant: datetime) -> list[Current]:
        """Each role in order, with nobody where nobody is."""
        found: dict[str, Current] = {}
        unsettled: list[str] | None = None
        for span in SPANS:
            start, end = instant - span, instant + span
            # A role whose shift ends farther away is looked at alone: the others may have many turns.
            timeline = self.window(start, end, only=unsettled)
            duties = timeline.at(instant)
            for role in timeline.roles:
                found[role] = self._current(role, duties.get(role, Duty(role, start, end, ())), start, end)
            unsettled = [duty.role for duty in duties.values() if not (start < duty.start and duty.end < end)]
            if not unsettled:
                break
        return list(found.values())

    def _current(self, role: str, duty: Duty, start: datetime, end: datetime) -> Current:
        return Current(
            role=role,
            people=tuple(self.written.people[email] for email in duty.people if email in self.written.people),
            names=tuple(self.called(email) for email in duty.people),
            emails=duty.people,
            start=duty.start if duty.start > start else None,
            end=duty.end if duty.end < end else None,
            because=duty.because,
        )


def schedule(rotation: Rotation, start: datetime, end: datetime) -> Timeline:
    """The rotation's timeline in [start, end)."""
    return book(rotation, start, end).window(start, end)


def book(rotation: Rotation, start: datetime, end: datetime) -> Book:
    """The rotation as it is stored now, good for questions within [start, end)."""
    [found] = books(Rotation.objects.filter(pk=rotation.pk), start, end)
    return found


def books(rotations: QuerySet[Rotation], start: datetime, end: datetime) -> list[Book]:
    """The same of many, in as many queries as of one."""
    touching = Served.objects.filter(rotation__in=rotations, starts_at__lt=end, ends_at__gt=start)
    return _books(rotations, touching, start, end)


def on_call(at: datetime, rotations: QuerySet[Rotation] | None = None) -> dict[Rotation, list[Current]]:
    """Who is on duty at the instant in each rotation (None: all that are not archived); a constant number of queries.

    A book for every instant would have rows of a year; around one instant the row that holds it is enough, or the one
    that reaches to where the definition takes over, since rows are as long as they can be.
    """
    asked = Rotation.objects.filter(archived_at=None) if rotations is None else rotations
    near = Served.objects.filter(rotation__in=asked).filter(
        Q(starts_at__lte=at, ends_at__gt=at) | Q(ends_at=F("rotation__kept_until"))
    )
    found = _books(asked, near, at - FARTHEST, at + FARTHEST)
    return {book.rotation: book.at(at) for book in found}


def on_call_for_support(at: datetime) -> dict[Rotation, list[Current]]:
    """Who is on duty for support: in a rotation of a support team."""
    return on_call(at, Rotation.objects.filter(archived_at=None, team__kind=Team.Kind.SUPPORT))


def _books(rotations: QuerySet[Rotation], served: QuerySet[Served], start: datetime, end: datetime) -> list[Book]:
    found = written(rotations, start, end)
    if not found:
        return []
    rows: dict[int, dict[str, list[Duty]]] = defaultdict(lambda: defaultdict(list))
    names: dict[int, dict[str, str]] = defaultdict(dict)
    for row in served.order_by("starts_at"):
        names[row.rotation_id].update((person["email"], person["name"]) for person in row.people)
        rows[row.rotation_id][row.role].append(duty_of(row))
    return [Book(each, rows[each.rotation.pk], names[each.rotation.pk]) for each in found]


def duty_of(row: Served) -> Duty:
    """A row of the history as it was."""
    on = tuple(OnDuty(person["email"], person["because"]) for person in row.people)
    return Duty(row.role, row.starts_at, row.ends_at, on)
