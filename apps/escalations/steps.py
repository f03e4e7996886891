"""The steps of a page, those that spoke and those that will: one answer for the page, the API and the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.escalations.audiences import Directory
from apps.escalations.models import Check
from apps.escalations.paging import role_of
from apps.pages.models import Page, Paged


@dataclass(frozen=True)
class Somebody:
    """Who is told by a step."""

    name: str
    email: str
    because: str


@dataclass(frozen=True)
class PageStep:
    """One step. Who a waiting one means is asked now, and asked again when it fires."""

    step: int
    round: int
    role: str
    due_at: datetime
    state: str
    at: datetime | None
    people: tuple[Somebody, ...]
    note: str = ""


def steps(page: Page, *, now: datetime) -> list[PageStep]:
    """The steps of the rounds begun so far, in order; those told to join are none."""
    return steps_of([page], now=now)[page.pk]


def steps_of(pages: Sequence[Page], *, now: datetime) -> dict[int, list[PageStep]]:
    """The same of many, in as many queries as of one."""
    found: dict[int, list[Check]] = {page.pk: [] for page in pages}
    for check in Check.objects.filter(clock__page__in=pages).select_related("clock").order_by("tier"):
        found[check.clock.page_id or 0].append(check)
    told: dict[int, dict[int, list[Paged]]] = {page.pk: {} for page in pages}
    for row in Paged.objects.filter(page__in=pages).select_related("agent"):
        told[row.page_id].setdefault(row.step, []).append(row)
    directory = Directory(now)
    return {page.pk: list(_shown(found[page.pk], told[page.pk], directory)) for page in pages}


def _shown(checks: Sequence[Check], told: dict[int, list[Paged]], directory: Directory) -> Iterable[PageStep]:
    begun = [check.round for check in checks if check.state != Check.State.CANCELLED]
    waiting = [check.round for check in checks if check.state == Check.State.WAITING]
    last = min(waiting) if waiting else max(begun, default=1)
    for check in checks:
        if check.round > last:
            continue
        people: tuple[Somebody, ...] = ()
        if check.state == Check.State.REACHED:
            people = tuple(
                Somebody(str(row.agent), row.agent.email, row.because)
                for row in told.get(check.tier, ())
                if row.agent is not None
            )
        elif check.state == Check.State.WAITING:
            meant = directory.resolve(check.audience)
            people = tuple(Somebody(person.name, person.email, person.because) for person in meant.people)
        yield PageStep(
            step=check.tier,
            round=check.round,
            role=role_of(check.audience),
            due_at=check.due_at,
            state=check.state,
            at=check.settled_at,
            people=people,
            note=NOTES.get(check.state, ""),
        )


NOTES: dict[str, str] = {
    Check.State.SKIPPED: "nobody could be told",
    Check.State.CANCELLED: "not needed any more",
}
