"""Streams beside each other: a row for each second something happened in, and the gaps between. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

E = TypeVar("E")


@dataclass(frozen=True)
class Row(Generic[E]):
    """What happened in one second, by column."""

    at: datetime
    cells: tuple[tuple[E, ...], ...]


@dataclass(frozen=True)
class Gap:
    """Nothing happened in any column between two instants."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since


def align(
    columns: Sequence[Sequence[E]], *, at: Callable[[E], datetime], since: datetime, until: datetime, gap: timedelta
) -> list[Row[E] | Gap]:
    """The columns' events in [since, until), oldest first; where nothing happened for longer than `gap`, a Gap.

    Events of one instant stay in the order they are given in. Without any event there are no rows, and no gap either.
    """
    seconds: dict[datetime, list[list[E]]] = defaultdict(lambda: [[] for _ in columns])
    for number, column in enumerate(columns):
        for event in sorted(column, key=at):
            seconds[at(event).replace(microsecond=0)][number].append(event)
    rows: list[Row[E] | Gap] = []
    before = since
    for second in sorted(seconds):
        times = [at(event) for cell in seconds[second] for event in cell]
        if min(times) - before > gap:
            rows.append(Gap(before, min(times)))
        rows.append(Row(min(times), tuple(tuple(cell) for cell in seconds[second])))
        before = max(times)
    if rows and until - before > gap:
        rows.append(Gap(before, until))
    return rows
