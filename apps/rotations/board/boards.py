"""What the board shows of each rotation, read in a constant number of queries however many rotations there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from apps.people.models import Agent
from apps.rotations.board.asking import Asked
from apps.rotations.board.shape import Acting, LayerRow, Segment, layer_rows, segments
from apps.rotations.effects import Leave
from apps.rotations.models import Override, Rotation
from apps.rotations.schedules import Book, books
from apps.rotations.selectors import leaves
from apps.rotations.timeline import Timeline, cut

AROUND = timedelta(days=100)


@dataclass(frozen=True)
class Board:
    """One rotation in the asked weeks, on the clock of `zone`."""

    book: Book
    zone: ZoneInfo
    timeline: Timeline
    segments: list[Segment]
    layers: list[LayerRow]
    overrides: list[Override]

    @property
    def rotation(self) -> Rotation:
        return self.book.rotation

    @property
    def acting(self) -> list[Acting]:
        return acting_in(self.book)

    @property
    def people(self) -> list[Agent]:
        """Whoever may be on: of the team, and of the rosters and overrides; those who work here."""
        known = {agent.pk: agent for agent in self.book.written.people.values() if agent.is_active}
        known.update((agent.pk, agent) for agent in self.rotation.team.working)  # type: ignore[attr-defined]
        return sorted(known.values(), key=lambda agent: (str(agent).lower(), agent.pk))


def boards(rotations: QuerySet[Rotation], asked: Asked, viewers_zone: ZoneInfo) -> list[Board]:
    """Each of the rotations, in no order."""
    zones = {rotation.pk: _zone(rotation, asked, viewers_zone) for rotation in rotations}
    if not zones:
        return []
    windows = {zone: asked.window(zone) for zone in set(zones.values())}
    start, end = min(since for since, _ in windows.values()), max(until for _, until in windows.values())
    working = Agent.objects.filter(is_active=True)
    with_people = rotations.select_related("team").prefetch_related(
        Prefetch("team__members", working, to_attr="working")
    )
    away = leaves(start, end)
    return [
        _board(book, zones[book.rotation.pk], *windows[zones[book.rotation.pk]], away)
        for book in books(with_people, start - AROUND, end + AROUND)
    ]


def acting_in(book: Book) -> list[Acting]:
    """The rotation's overrides as the timeline tells of them."""
    rows: list[Override] = book.rotation.acting  # type: ignore[attr-defined]
    told = zip(rows, book.written.definition.overrides, book.written.overrides, strict=True)
    return [Acting(row.pk, each.start, each.end, each.role, each.add, each.remove, words) for row, each, words in told]


def _zone(rotation: Rotation, asked: Asked, viewers_zone: ZoneInfo) -> ZoneInfo:
    return ZoneInfo(rotation.time_zone) if asked.own_zone else viewers_zone


def _board(book: Book, zone: ZoneInfo, start: datetime, end: datetime, away: Sequence[Leave]) -> Board:
    # Shifts that cross the ends of what is shown have their own ends all the same.
    wide = book.window(start - AROUND, end + AROUND)
    timeline = Timeline(start, end, wide.roles, tuple(cut(wide.duties, start, end)))
    written = book.written
    rows: list[Override] = book.rotation.acting  # type: ignore[attr-defined]
    return Board(
        book=book,
        zone=zone,
        timeline=timeline,
        segments=segments(wide, start, end, acting_in(book), away),
        layers=layer_rows(written.definition, [name.strip("“”") for name in written.layers], written.why, timeline),
        overrides=[row for row in rows if row.starts_at < end and row.ends_at > start],
    )
