"""The pages that still need somebody, for Home: whose each is, and who is asked next and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Value, When

from apps.escalations.models import Check
from apps.escalations.steps import PageStep, steps_of
from apps.pages.models import Page, Paged

SHOWN = 10
State = Page.State


@dataclass(frozen=True)
class Unresolved:
    """A page with who was told last and the step that comes; None: nobody further is told."""

    page: Page
    told: tuple[str, ...]
    next: PageStep | None
    channel_told: bool = False

    @property
    def is_open(self) -> bool:
        return self.page.state == State.OPEN

    @property
    def whose(self) -> str:
        """Who has it; of an open one who was told last."""
        if not self.is_open:
            return f"{self.page.owner or self.page.acknowledged_by or 'Somebody'} has it"
        if self.told:
            return f"{', '.join(self.told)} was told"
        return "Nobody is on, so the team's channel was told" if self.channel_told else "Nobody was told yet"


@dataclass(frozen=True)
class OpenPages:
    """The first of them, and how many nobody has acknowledged and how many somebody is at."""

    shown: list[Unresolved]
    open_count: int
    taken_count: int

    @property
    def more(self) -> int:
        return self.open_count + self.taken_count - len(self.shown)


def open_pages(*, now: datetime) -> OpenPages:
    """What is open first, the urgent before the rest and the oldest before the newer; then what somebody is at."""
    unresolved = Page.objects.exclude(state=State.RESOLVED).order_by()
    states = list(unresolved.values_list("state", flat=True))
    rank = Case(When(state=State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    pages = list(unresolved.select_related("team", "owner").order_by(rank, "urgency", "opened_at", "pk")[:SHOWN])
    steps = steps_of(pages, now=now) if pages else {}
    in_channels = set(Paged.objects.filter(page__in=pages, agent=None).order_by().values_list("page", flat=True))
    return OpenPages(
        shown=[_unresolved(page, steps[page.pk], page.pk in in_channels) for page in pages],
        open_count=states.count(State.OPEN),
        taken_count=states.count(State.ACKNOWLEDGED),
    )


def _unresolved(page: Page, steps: Sequence[PageStep], channel_told: bool) -> Unresolved:
    reached = [step for step in steps if step.state == Check.State.REACHED]
    waiting = [step for step in steps if step.state == Check.State.WAITING]
    told = tuple(person.name for person in reached[-1].people) if reached else ()
    is_open = page.state == State.OPEN
    return Unresolved(page, told, waiting[0] if waiting and is_open else None, channel_told)
