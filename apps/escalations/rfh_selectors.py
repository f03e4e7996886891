"""What requests for help are promised: how it stands, who hears next, and what other policies would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from apps.escalations import rfh_clocks
from apps.escalations.audiences import Directory, Told
from apps.escalations.models import Check, Clock
from apps.escalations.selectors import Effect, Effects, counted, effect_of
from apps.rfhs.models import RFH
from apps.rfhs.states import WITH_A_TEAM
from apps.sla.durations import spell
from apps.sla.matching import PolicyRule
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
    """One promise of a request. `late`: it is broken, be it still awaited or kept too late."""

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


def promises_of(rfhs: Sequence[RFH], *, now: datetime, people: bool = False) -> dict[int, list[Promised]]:
    """What each request is promised: what runs, soonest first, then how the last of each other kind ended.

    In as many queries as of one. `people`: with whom the next tier means now, some queries more. The requests have
    their owner, accountable, team and communicator at hand.
    """
    by_key = {rfh.pk: rfh for rfh in rfhs}
    found: dict[int, dict[str, Clock]] = {key: {} for key in by_key}
    waiting = Check.objects.filter(state=Check.State.WAITING).order_by("due_at", "tier")
    clocks = Clock.objects.filter(rfh__in=by_key).order_by("started_at", "pk")
    for clock in clocks.prefetch_related(Prefetch("checks", waiting)):
        known = found[clock.rfh_id or 0].get(clock.promise)
        if known is None or known.state != Clock.State.RUNNING:
            found[clock.rfh_id or 0][clock.promise] = clock
    directory = Directory(now, known=rfh_clocks.people_of(rfhs)) if people else None
    return {
        key: sorted(
            (_promised(clock, by_key[key], directory, now) for clock in clocks.values()),
            key=lambda one: (not one.is_running, one.clock.due_at),
        )
        for key, clocks in found.items()
    }


def _promised(clock: Clock, rfh: RFH, directory: Directory | None, now: datetime) -> Promised:
    ended_late = clock.state == Clock.State.MISSED
    late = clock.due_at <= now if clock.state == Clock.State.RUNNING else ended_late
    checks = list(clock.checks.all()) if clock.state == Clock.State.RUNNING else []
    return Promised(clock, late, _next(checks, clock, rfh, directory) if checks else None)


def _next(checks: Sequence[Check], clock: Clock, rfh: RFH, directory: Directory | None) -> NextTier:
    first, *higher = [(check, rfh_clocks.bound(check.audience, clock.promise, rfh)) for check in checks]
    check, audience = first
    told = directory.tell(audience, [other for _, other in higher]) if directory else None
    return NextTier(check.tier, check.due_at, audience.label, told)


def rfh_effects(after: Sequence[PolicyRule], *, show: int = 50) -> Effects:
    """Which requests that a team has would gain, lose or move a check if the policies were `after`."""
    running = Clock.objects.filter(state=Clock.State.RUNNING).prefetch_related("checks")
    rfhs = (
        RFH.objects.filter(state__in=[str(state) for state in WITH_A_TEAM])
        .select_related("team")
        .prefetch_related(Prefetch("clocks", running))
        .order_by("pk")
    )
    return counted((_effect_on(rfh, after) for rfh in rfhs.iterator(chunk_size=2000)), show=show)


def _effect_on(rfh: RFH, after: Iterable[PolicyRule]) -> Effect | None:
    promised = rfh_clocks.promised_to(rfh, list(after))
    clocks = {clock.promise: clock for clock in rfh.clocks.all()}
    for kind, since in rfh_clocks.owed_since(rfh).items():
        one = promised.get(kind)
        name = one.policy.name if one else "no promise"
        effect = effect_of(rfh, kind, clocks.get(kind), one.promise if one else None, name, began_at=since)
        if effect is not None:
            return effect
    return None
