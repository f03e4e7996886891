"""What a request for help or an incident is promised: how it stands, and who hears next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from apps.escalations.aligning import Owing
from apps.escalations.audiences import Directory, Told
from apps.escalations.models import Check, Clock
from apps.sla.audiences import Audience
from apps.sla.durations import spell
from apps.sla.models import Promise, how_soon


@dataclass(frozen=True)
class NextTier:
    """The tier that speaks next. `told`: whom that is now; None where people were not asked for."""

    tier: int
    due_at: datetime
    label: str
    told: Told | None = None


@dataclass(frozen=True)
class Promised:
    """One promise. `late`: it is broken, be it still awaited or kept too late."""

    clock: Clock
    late: bool
    next: NextTier | None

    @property
    def name(self) -> str:
        """What is promised, such as “First answer”."""
        return str(self.clock.get_promise_display())

    @property
    def how_soon(self) -> str:
        """ "within 4 h", "every 1 day"."""
        return f"{how_soon(self.clock.promise)} {spell(self.clock.within)}"

    @property
    def of_updates(self) -> bool:
        """Whether it is that everybody hears how it stands."""
        return self.clock.promise == Promise.Kind.UPDATE

    @property
    def is_running(self) -> bool:
        """Whether it is still awaited."""
        return self.clock.state == Clock.State.RUNNING


Bound = Callable[[Audience, Clock], Audience]


def standing(
    kind: str, subjects: Mapping[int, Owing], bound: Bound, *, directory: Directory | None, now: datetime
) -> dict[int, list[Promised]]:
    """What each subject, an rfh or an incident, is promised: what runs, soonest first, then how the last of each other
    kind ended.

    In as many queries as of one. bound: whom a tier means for a clock's subject. directory: with whom the next tier
    means now, some queries more.
    """
    found: dict[int, dict[str, Clock]] = {key: {} for key in subjects}
    waiting = Check.objects.filter(state=Check.State.WAITING).order_by("due_at", "tier")
    clocks = Clock.objects.filter(**{f"{kind}__in": list(subjects)}).order_by("started_at", "pk")
    for clock in clocks.prefetch_related(Prefetch("checks", waiting)):
        key = getattr(clock, f"{kind}_id")
        clock.subject = subjects[key]
        known = found[key].get(clock.promise)
        if known is None or known.state != Clock.State.RUNNING:
            found[key][clock.promise] = clock
    return {
        key: sorted(
            (_promised(clock, bound, directory, now) for clock in clocks.values()),
            key=lambda one: (not one.is_running, one.clock.due_at),
        )
        for key, clocks in found.items()
    }


def _promised(clock: Clock, bound: Bound, directory: Directory | None, now: datetime) -> Promised:
    ended_late = clock.state == Clock.State.MISSED
    late = clock.due_at <= now if clock.state == Clock.State.RUNNING else ended_late
    checks = list(clock.checks.all()) if clock.state == Clock.State.RUNNING else []
    return Promised(clock, late, _next(checks, clock, bound, directory) if checks else None)


def _next(checks: Sequence[Check], clock: Clock, bound: Bound, directory: Directory | None) -> NextTier:
    first, *higher = [(check, bound(check.audience, clock)) for check in checks]
    check, audience = first
    told = directory.tell(audience, [other for _, other in higher]) if directory else None
    return NextTier(check.tier, check.due_at, audience.label, told)
