"""How long a component was in which state: intervals follow from the changes of one incident. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

WELL = "operational"
Which = TypeVar("Which", bound=Hashable)


@dataclass(frozen=True)
class Interval(Generic[Which]):
    """From `since` until `until` (None: still) the incident leaves the component so."""

    component: Which
    status: str
    since: datetime
    until: datetime | None
    public: bool


def intervals(changes: Iterable[tuple[Which, str, datetime, bool]], *, ended: datetime | None) -> list[Interval[Which]]:
    """Of one incident's changes (component, status, since, public), oldest first, those times when something was wrong.

    A change holds until the component's next one, or until the incident `ended`.
    """
    of_each: dict[Which, list[tuple[str, datetime, bool]]] = defaultdict(list)
    for component, status, since, public in changes:
        of_each[component].append((status, since, public))
    found = []
    for component, points in of_each.items():
        following = [*(since for _, since, _ in points[1:]), ended]
        for (status, since, public), until in zip(points, following, strict=True):
            if status != WELL and (until is None or until > since):
                found.append(Interval(component, status, since, until, public))
    return sorted(found, key=lambda each: each.since)
