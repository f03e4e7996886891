"""Promises of any subject: they begin, are kept or not, end without, and follow their policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Least

from apps.escalations import ladder
from apps.escalations.events import (
    ClockCancelled,
    ClockRearranged,
    ClockStarted,
    ClockStopped,
    PromiseBreached,
)
from apps.escalations.models import Check, Clock, Subject
from apps.sla.matching import PolicyRule, PromiseRule
from apps.sla.models import Policy
from apps.sla.selectors import rules
from apps.trail import services as trail
from apps.trail.context import current

Running = Q(state=Clock.State.RUNNING)


# The number is only a name: nothing else in this database takes advisory locks with it.
POLICY_LOCK = 7_112_026
NOT_SNOOZED = timedelta()


def current_policies(applies_to: str = Policy.AppliesTo.TICKET) -> list[PolicyRule]:
    """The policies, which stay current to the end of this transaction: no recalculation begins before it.

    Without that a ticket opened while a policy is saved could read the old one and be missed by the
    recalculation, which sees only what is committed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [POLICY_LOCK])
    return rules(applies_to)


@transaction.atomic
def await_policy_readers() -> None:
    """Every transaction that read policies as they were before has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [POLICY_LOCK])


def begin(
    subject: Subject,
    promise: PromiseRule,
    policy: PolicyRule,
    checks: Iterable[Check],
    *,
    because: str,
    started_at: datetime,
    now: datetime,
    snoozed: timedelta = NOT_SNOOZED,
) -> Clock:
    """The promise runs from `started_at`, with these checks, which are saved here."""
    context = current()
    clock = Clock(
        policy_id=policy.id or None,
        policy_name=policy.name,
        promise=promise.kind,
        within=promise.within,
        started_at=started_at,
        due_at=started_at + promise.within,
        snoozed=snoozed,
        correlation_id=context.correlation or UUID(int=0),
        started_event=context.cause or UUID(int=0),
    )
    clock.subject = subject
    clock.save()
    fresh = list(checks)
    for check in fresh:
        check.clock = clock
    Check.objects.bulk_create(fresh)
    event = ClockStarted(
        clock=clock.pk,
        number=clock.number,
        promise=promise.kind,
        policy=policy.name,
        within=promise.within,
        started_at=started_at,
        due_at=clock.due_at,
        because=because,
        kind=clock.kind,
    )
    entry = trail.record(event, about=_about(clock), now=now)
    Clock.objects.filter(pk=clock.pk).update(correlation_id=entry.correlation, started_event=entry.id)
    set_next([clock.pk], now=now)
    return clock


def placed_check(placed: ladder.Placed, *, round: int = 1) -> Check:
    """The check of a rung at its instant, without its clock."""
    return Check(
        tier=placed.rung.tier,
        round=round,
        after=placed.rung.after,
        due_at=placed.due_at,
        audience_json=placed.rung.audience.as_json(),
        message=placed.rung.message,
    )


def latest_round(clock: Clock, checks: Sequence[Check]) -> tuple[int, datetime, timedelta]:
    """The round a clock is in, when that began, and how far its tiers were snoozed since.

    What was said in those before stays there. A later round's beginning is told from its tiers, so that snoozes are in
    it already; those that had spoken before one did not move.
    """
    number = max((check.round for check in checks), default=1)
    if number == 1:
        return 1, clock.started_at, clock.snoozed
    return number, max(check.due_at - check.after for check in checks if check.round == number), NOT_SNOOZED


def set_next(clocks: Collection[int], *, now: datetime) -> None:
    """Each running clock knows the next instant the sweep is needed: its first waiting check, or its due.

    With all tiers told and the breach recorded only a reply matters; where a help desk can be asked, it is, ever
    more seldom.
    """
    waiting = (
        Check.objects.filter(clock=OuterRef("pk"), state=Check.State.WAITING)
        .values("clock")
        .annotate(first=Min("due_at"))
        .values("first")
    )
    due = Case(When(breached_at=None, then=F("due_at")), output_field=DateTimeField())
    running = Clock.objects.filter(Running, pk__in=clocks)
    # PostgreSQL's LEAST passes over NULLs.
    running.update(next_at=Least(Subquery(waiting), due))
    if settings.HELPDESK:
        told = running.filter(next_at=None, ticket__isnull=False)
        for looks in set(told.values_list("looks", flat=True)):
            told.filter(looks=looks).update(next_at=now + ladder.look_again_after(looks), looks=looks + 1)


def stop(clocks: Sequence[Clock], *, at: datetime, now: datetime) -> None:
    """What these running clocks promised happened at `at`: each is met or missed, and nobody is told any more."""
    cancel_checks([clock.pk for clock in clocks], now=now)
    for clock in clocks:
        outcome = Clock.State.MET if ladder.kept(at, clock.due_at) else Clock.State.MISSED
        breached = clock.due_at if outcome == Clock.State.MISSED else None
        Clock.objects.filter(pk=clock.pk).update(state=outcome, stopped_at=at, breached_at=breached, next_at=None)
        event = ClockStopped(
            clock=clock.pk,
            number=clock.number,
            promise=clock.promise,
            outcome=outcome,
            at=at,
            due_at=clock.due_at,
            kind=clock.kind,
        )
        happenings = [trail.Happening(event=event, about=clock.subject.streams)]
        if breached and clock.breached_at is None:
            happenings.insert(0, breach_of(clock))
        trail.record_many(happenings, now=now)


def breach_of(clock: Clock) -> trail.Happening:
    """The breach of a clock, to be recorded."""
    return trail.Happening(
        event=PromiseBreached(
            clock=clock.pk,
            number=clock.number,
            promise=clock.promise,
            policy=clock.policy_name,
            due_at=clock.due_at,
            kind=clock.kind,
        ),
        about=_about(clock),
        cause=clock.started_event,
        correlation=clock.correlation_id,
    )


def cancel(clocks: Sequence[Clock], *, because: str, now: datetime) -> None:
    """These promises run no longer, whether or not they would have been kept."""
    keys = [clock.pk for clock in clocks]
    Clock.objects.filter(pk__in=keys).update(state=Clock.State.CANCELLED, stopped_at=now, next_at=None)
    cancel_checks(keys, now=now)
    for clock in clocks:
        event = ClockCancelled(
            clock=clock.pk, number=clock.number, promise=clock.promise, because=because, kind=clock.kind
        )
        trail.record(event, about=clock.subject.streams, now=now)


def cancel_checks(clocks: Collection[int], *, now: datetime, tiers: Collection[int] | None = None) -> None:
    """What waits of these clocks waits no more; with `tiers`, of those alone."""
    waiting = Check.objects.filter(clock__in=clocks, state=Check.State.WAITING)
    if tiers is not None:
        waiting = waiting.filter(tier__in=tiers)
    waiting.update(state=Check.State.CANCELLED, settled_at=now)


def follow(clock: Clock, promise: PromiseRule, policy: PolicyRule, *, because: str, now: datetime) -> bool:
    """The clock, running or cancelled, runs by `promise` of `policy` now; False when it already did."""
    checks = list(clock.checks.order_by("tier", "pk"))
    last, base, snoozed = latest_round(clock, checks)
    checks = [check for check in checks if check.round == last]
    plan = ladder.rearrange([check.step for check in checks], promise.rungs, started_at=base, snoozed=snoozed)
    # A number can be a cancelled check's and a waiting one's; the waiting one is the one to move.
    movable = {check.tier: check for check in checks if check.state == Check.State.CANCELLED}
    movable |= {check.tier: check for check in checks if check.state == Check.State.WAITING}
    moved, before = [], {}
    for placed in plan.move:
        check = movable[placed.rung.tier]
        fresh = placed_check(placed, round=last)
        names = ("after", "due_at", "audience_json", "message", "state")
        if any(getattr(check, name) != getattr(fresh, name) for name in names):
            fresh.pk, fresh.settled_at, fresh.clock = check.pk, None, clock
            before[str(check.tier)] = check.due_at.isoformat()
            moved.append(fresh)
    due_at = clock.started_at + promise.within
    same = (
        clock.state == Clock.State.RUNNING
        and clock.policy_id == (policy.id or None)
        and clock.policy_name == policy.name
        and clock.due_at == due_at
    )
    if same and not (plan.add or moved or plan.cancel):
        return False
    cancel_checks([clock.pk], now=now, tiers=plan.cancel)
    added = [placed_check(placed, round=last) for placed in plan.add]
    for check in added:
        check.clock = clock
    Check.objects.bulk_create(added)
    Check.objects.bulk_update(moved, ["after", "due_at", "audience_json", "message", "state", "settled_at"])
    Clock.objects.filter(pk=clock.pk).update(
        policy_id=policy.id or None,
        policy_name=policy.name,
        within=promise.within,
        due_at=due_at,
        state=Clock.State.RUNNING,
        stopped_at=None,
        # A breach that no longer holds is taken back here; the trail keeps that it was recorded.
        breached_at=clock.breached_at and (clock.breached_at if due_at <= now else None),
        looks=0,
    )
    set_next([clock.pk], now=now)
    event = ClockRearranged(
        clock=clock.pk,
        number=clock.number,
        promise=clock.promise,
        policy=policy.name,
        due_at=[clock.due_at, due_at],
        checks={
            "added": [placed.rung.tier for placed in plan.add],
            "moved": {str(check.tier): check.due_at.isoformat() for check in moved},
            "before": before,
            "cancelled": list(plan.cancel),
        },
        because=because,
        kind=clock.kind,
    )
    trail.record(event, about=_about(clock, policy.id), now=now)
    return True


def _about(clock: Clock, policy: int | None = None) -> list[str]:
    key = clock.policy_id if policy is None else policy
    return [*clock.subject.streams, *([f"policy:{key}"] if key else [])]
