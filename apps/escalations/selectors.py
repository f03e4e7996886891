"""What happens next, and what a change of policy would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from apps.escalations import ladder
from apps.escalations.audiences import Directory, Told
from apps.escalations.clocks import latest_round
from apps.escalations.events import PROMISES
from apps.escalations.models import Check, Clock, Subject
from apps.escalations.services import facts_of
from apps.incidents.models import Incident
from apps.rfhs.models import RFH
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
    """What new policies would do to one open subject: `tiers` as (tier, before, after), None meaning no check."""

    subject: Subject
    promise: str
    kind: str
    policy_before: str
    policy_after: str
    due_before: datetime | None
    due_after: datetime | None
    tiers: tuple[tuple[int, datetime | None, datetime | None], ...]

    @property
    def of_a_ticket(self) -> bool:
        """Whether the subject is a ticket."""
        return isinstance(self.subject, Ticket)

    @property
    def of_an_incident(self) -> bool:
        """Whether the subject is an incident."""
        return isinstance(self.subject, Incident)

    @property
    def name(self) -> str:
        """What the subject is called: the ticket's number, or RFH-12 or INC-7 and which promise."""
        if isinstance(self.subject, Ticket):
            return self.subject.number
        return f"{self.subject}, {PROMISES[self.promise]}"

    @property
    def title(self) -> str:
        """What it is about."""
        if isinstance(self.subject, Ticket):
            return self.subject.subject or "No subject yet"
        if isinstance(self.subject, Incident):
            return self.subject.title
        return self.subject.summary if isinstance(self.subject, RFH) else self.subject.title


@dataclass(frozen=True)
class Effects:
    """The effects on all that is open: counts, and the first of them in full."""

    gained: int
    lost: int
    moved: int
    looked_at: int
    first: tuple[Effect, ...]

    @property
    def nothing(self) -> bool:
        return not (self.gained or self.lost or self.moved)

    def and_also(self, other: Effects, *, show: int) -> Effects:
        """Both together, as many in full as of one."""
        return Effects(
            self.gained + other.gained,
            self.lost + other.lost,
            self.moved + other.moved,
            self.looked_at + other.looked_at,
            (*self.first, *other.first)[:show],
        )


NOTHING = Effects(0, 0, 0, 0, ())


def effects(after: Sequence[PolicyRule], *, now: datetime, show: int = 50) -> Effects:
    """Which open, unanswered tickets would gain, lose or move a check if the policies were `after`."""
    running = Clock.objects.filter(state=Clock.State.RUNNING).prefetch_related("checks")
    tickets = (
        Ticket.objects.filter(first_response_at=None)
        .exclude(status__in=Ticket.ENDED)
        .select_related("customer", "plan")
        .prefetch_related(Prefetch("clocks", running))
        .order_by("pk")
    )
    return counted((effect_on(ticket, after) for ticket in tickets.iterator(chunk_size=2000)), show=show)


def counted(found: Iterable[Effect | None], *, show: int) -> Effects:
    """The effects on each that was looked at, None being none, as one."""
    counts = {"gains": 0, "loses": 0, "moves": 0}
    first: list[Effect] = []
    looked_at = 0
    for effect in found:
        looked_at += 1
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
        effect = effect_of(ticket, kind, clocks.get(kind), promises.get(kind), name, began_at=ticket.awaits_since)
        if effect is not None:
            return effect
    return None


def effect_of(
    subject: Subject, kind: str, clock: Clock | None, promise: PromiseRule | None, name: str, *, began_at: datetime
) -> Effect | None:
    """What becomes of one promise: of `clock`, or of what would begin at `began_at`; None: nothing."""
    checks = list(clock.checks.all()) if clock else []
    latest, base, snoozed = latest_round(clock, checks) if clock else (1, began_at, timedelta())
    started_at = clock.started_at if clock else began_at
    steps = [check.step for check in checks if check.round == latest]
    rungs = promise.rungs if promise else ()
    plan = ladder.rearrange(steps, rungs, started_at=base, snoozed=snoozed)
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
    how = "gains" if clock is None else "loses" if promise is None else "moves"
    if how == "moves" and set(after) - set(before) and not set(before) - set(after):
        how = "gains"
    elif how == "moves" and set(before) - set(after) and not set(after) - set(before):
        how = "loses"
    before_name = clock.policy_name if clock else "no promise"
    return Effect(subject, kind, how, before_name, name, due_before, due_after, tiers)
