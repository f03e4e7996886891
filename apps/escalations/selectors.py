"""What happens next, and what a change of policy would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from apps.escalations import ladder
from apps.escalations.audiences import Directory, Told
from apps.escalations.models import Check, Clock
from apps.escalations.services import facts_of
from apps.sla.audiences import Audience
from apps.sla.matching import PolicyRule, PromiseRule, govern
from apps.tickets.models import Ticket


@dataclass(frozen=True)
class Ahead:
    """A waiting check, with the people its audience is at this moment."""

    tier: int
    due_at: datetime
    audience: Audience
    told: Told
    clock: Clock


def ahead(ticket: Ticket, *, now: datetime) -> list[Ahead]:
    """Every waiting check of the ticket, soonest first."""
    checks = list(
        Check.objects.filter(clock__ticket=ticket, clock__state=Clock.State.RUNNING, state=Check.State.WAITING)
        .select_related("clock")
        .order_by("due_at", "tier")
    )
    directory = Directory(now)
    return [
        Ahead(
            tier=check.tier,
            due_at=check.due_at,
            audience=check.audience,
            told=directory.tell(check.audience, [other.audience for other in checks if other.tier > check.tier]),
            clock=check.clock,
        )
        for check in checks
    ]


@dataclass(frozen=True)
class Effect:
    """What new policies would do to one open ticket: `tiers` as (tier, before, after), None meaning no check."""

    ticket: Ticket
    kind: str
    policy_before: str
    policy_after: str
    due_before: datetime | None
    due_after: datetime | None
    tiers: tuple[tuple[int, datetime | None, datetime | None], ...]


@dataclass(frozen=True)
class Effects:
    """The effects on all open tickets: counts, and the first of them in full."""

    gained: int
    lost: int
    moved: int
    looked_at: int
    first: tuple[Effect, ...]

    @property
    def nothing(self) -> bool:
        return not (self.gained or self.lost or self.moved)


def effects(after: Sequence[PolicyRule], *, now: datetime, show: int = 50) -> Effects:
    """Which open, unanswered tickets would gain, lose or move a check if the policies were `after`."""
    counts = {"gains": 0, "loses": 0, "moves": 0}
    first: list[Effect] = []
    looked_at = 0
    running = Clock.objects.filter(state=Clock.State.RUNNING).prefetch_related("checks")
    tickets = (
        Ticket.objects.filter(first_response_at=None)
        .exclude(status__in=Ticket.ENDED)
        .select_related("customer", "plan")
        .prefetch_related(Prefetch("clocks", running))
        .order_by("pk")
    )
    for ticket in tickets.iterator(chunk_size=2000):
        looked_at += 1
        effect = effect_on(ticket, after)
        if effect is not None:
            counts[effect.kind] += 1
            if len(first) < show:
                first.append(effect)
    return Effects(counts["gains"], counts["loses"], counts["moves"], looked_at, tuple(first))


def effect_on(ticket: Ticket, after: Iterable[PolicyRule]) -> Effect | None:
    """What the policies `after` would change for one ticket whose running clocks are prefetched; None: nothing."""
    verdict = govern(after, facts_of(ticket))
    clocks = {clock.promise: clock for clock in ticket.clocks.all()}
    promises = {promise.kind: promise for promise in verdict.promises}
    name = verdict.policy.name if verdict.policy and verdict.promises else "no promise"
    for kind in sorted({*clocks, *promises}):
        effect = _effect(ticket, clocks.get(kind), promises.get(kind), name)
        if effect is not None:
            return effect
    return None


def _effect(ticket: Ticket, clock: Clock | None, promise: PromiseRule | None, name: str) -> Effect | None:
    started_at = clock.started_at if clock else ticket.awaits_since
    snoozed = clock.snoozed if clock else timedelta()
    steps = [check.step for check in clock.checks.all()] if clock else []
    rungs = promise.rungs if promise else ()
    plan = ladder.rearrange(steps, rungs, started_at=started_at, snoozed=snoozed)
    before = {step.tier: step.due_at for step in steps if step.state == "waiting"}
    after = {placed.rung.tier: placed.due_at for placed in (*plan.add, *plan.move)}
    due_before = clock.due_at if clock else None
    due_after = started_at + promise.within if promise else None
    tiers = tuple(
        (tier, before.get(tier), after.get(tier))
        for tier in sorted({*before, *after})
        if before.get(tier) != after.get(tier)
    )
    if not tiers and due_before == due_after:
        return None
    kind = "gains" if clock is None else "loses" if promise is None else "moves"
    if kind == "moves" and set(after) - set(before) and not set(before) - set(after):
        kind = "gains"
    elif kind == "moves" and set(before) - set(after) and not set(after) - set(before):
        kind = "loses"
    before_name = clock.policy_name if clock else "no promise"
    return Effect(ticket, kind, before_name, name, due_before, due_after, tiers)
