"""Starting, stopping, moving and cancelling promises. Reaching tiers is in sweeping.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Least

from apps.escalations import ladder
from apps.escalations.errors import BadSnooze, NothingToSnooze
from apps.escalations.events import (
    ChecksSnoozed,
    ClockCancelled,
    ClockRearranged,
    ClockStarted,
    ClockStopped,
    PromiseBreached,
)
from apps.escalations.models import Check, Clock, Snooze
from apps.sla.matching import Facts, PolicyRule, PromiseRule, Verdict, govern
from apps.sla.selectors import rules
from apps.tickets.models import Ticket
from apps.trail import services as trail
from apps.trail.context import current

Running = Q(state=Clock.State.RUNNING)
LONGEST_SNOOZE = timedelta(hours=24)


# The number is only a name: nothing else in this database takes advisory locks with it.
POLICY_LOCK = 7_112_026


def current_policies() -> list[PolicyRule]:
    """The policies, which stay current to the end of this transaction: no recalculation begins before it.

    Without that a ticket opened while a policy is saved could read the old one and be missed by the
    recalculation, which sees only what is committed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [POLICY_LOCK])
    return rules()


@transaction.atomic
def await_policy_readers() -> None:
    """Every transaction that read policies as they were before has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [POLICY_LOCK])


def facts_of(ticket: Ticket) -> Facts:
    """What policies look at."""
    return Facts(
        plan=ticket.plan.slug if ticket.plan else "",
        severity=ticket.severity,
        channel=ticket.channel,
        type=ticket.type,
    )


def start_clocks(ticket: Ticket, *, started_at: datetime, now: datetime, policies: list[PolicyRule]) -> list[Clock]:
    """Every promise the policies make to the ticket runs, from `started_at`, with a check for each tier."""
    verdict = govern(policies, facts_of(ticket))
    return [_start(ticket, promise, verdict, started_at=started_at, now=now) for promise in verdict.promises]


def _start(ticket: Ticket, promise: PromiseRule, verdict: Verdict, *, started_at: datetime, now: datetime) -> Clock:
    assert verdict.policy is not None
    snoozed = _snoozed_since(ticket, started_at)
    context = current()
    clock = Clock(
        ticket=ticket,
        policy_id=verdict.policy.id,
        policy_name=verdict.policy.name,
        promise=promise.kind,
        within=promise.within,
        started_at=started_at,
        due_at=started_at + promise.within,
        snoozed=snoozed,
        correlation_id=context.correlation or UUID(int=0),
        started_event=context.cause or UUID(int=0),
    )
    clock.save()
    Check.objects.bulk_create(
        _check(clock, placed) for placed in ladder.place(promise.rungs, started_at=started_at, snoozed=snoozed)
    )
    event = ClockStarted(
        clock=clock.pk,
        number=ticket.number,
        promise=promise.kind,
        policy=verdict.policy.name,
        within=promise.within,
        started_at=started_at,
        due_at=clock.due_at,
        because=verdict.because,
    )
    entry = trail.record(event, about=[*ticket.streams, f"policy:{verdict.policy.id}"], now=now)
    Clock.objects.filter(pk=clock.pk).update(correlation_id=entry.correlation, started_event=entry.id)
    set_next([clock.pk], now=now)
    return clock


def _check(clock: Clock, placed: ladder.Placed) -> Check:
    return Check(
        clock=clock,
        tier=placed.rung.tier,
        after=placed.rung.after,
        due_at=placed.due_at,
        audience_json=placed.rung.audience.as_json(),
        message=placed.rung.message,
    )


def _snoozed_since(ticket: Ticket, started_at: datetime) -> timedelta:
    total = Snooze.objects.filter(ticket=ticket, at__gte=started_at).aggregate(total=Sum("by"))["total"]
    return total or timedelta()


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


@transaction.atomic
def stop_for_reply(ticket: int, *, at: datetime, now: datetime) -> None:
    """The ticket's first response came at `at`: its clock is met or missed by the reply's own time.

    An earlier reply that becomes known later corrects the outcome, also that of a promise cancelled because the
    ticket ended: help desks tell of an answer and of the end it brought in any order. What was waiting is cancelled.
    """
    ended = Q(state=Clock.State.CANCELLED, stopped_at__gte=at, ticket__status__in=Ticket.ENDED)
    clocks = list(
        Clock.objects.select_for_update(of=("self",))
        .select_related("ticket__customer")
        .filter(ticket=ticket, promise="first_response")
        .filter(Running | ended | Q(state__in=[Clock.State.MET, Clock.State.MISSED], stopped_at__gt=at))
        .order_by("pk")
    )
    for clock in clocks:
        assert clock.ticket is not None
        if clock.started_at > clock.ticket.opened_at and at < clock.started_at:
            # A reply from before a reopened ticket's new start says nothing about the new promise. One from before
            # the ticket itself does: the clocks of two systems differ.
            continue
        outcome = Clock.State.MET if ladder.kept(at, clock.due_at) else Clock.State.MISSED
        was_known = clock.state == outcome and clock.breached_at is None
        breached = clock.due_at if outcome == Clock.State.MISSED else None
        Clock.objects.filter(pk=clock.pk).update(state=outcome, stopped_at=at, breached_at=breached, next_at=None)
        cancel_checks([clock.pk], now=now)
        if was_known:
            continue
        event = ClockStopped(
            clock=clock.pk,
            number=clock.ticket.number,
            promise=clock.promise,
            outcome=outcome,
            at=at,
            due_at=clock.due_at,
        )
        happenings = [trail.Happening(event=event, about=clock.ticket.streams)]
        if breached and clock.breached_at is None:
            happenings.insert(0, breach_of(clock))
        trail.record_many(happenings, now=now)


def breach_of(clock: Clock) -> trail.Happening:
    """The breach of a clock, to be recorded."""
    from_policy = [f"policy:{clock.policy_id}"] if clock.policy_id else []
    return trail.Happening(
        event=PromiseBreached(
            clock=clock.pk,
            number=clock.number,
            promise=clock.promise,
            policy=clock.policy_name,
            due_at=clock.due_at,
            kind=clock.kind,
        ),
        about=[*clock.subject.streams, *from_policy],
        cause=clock.started_event,
        correlation=clock.correlation_id,
    )


@transaction.atomic
def cancel_clocks(ticket: int, *, because: str, now: datetime) -> None:
    """No promise of the ticket runs any more."""
    clocks = list(
        Clock.objects.select_for_update(of=("self",)).select_related("ticket__customer").filter(Running, ticket=ticket)
    )
    Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(
        state=Clock.State.CANCELLED, stopped_at=now, next_at=None
    )
    cancel_checks([clock.pk for clock in clocks], now=now)
    for clock in clocks:
        assert clock.ticket is not None
        event = ClockCancelled(clock=clock.pk, number=clock.ticket.number, promise=clock.promise, because=because)
        trail.record(event, about=clock.ticket.streams, now=now)


def cancel_checks(clocks: Collection[int], *, now: datetime, tiers: Collection[int] | None = None) -> None:
    """What waits of these clocks waits no more; with `tiers`, of those alone."""
    waiting = Check.objects.filter(clock__in=clocks, state=Check.State.WAITING)
    if tiers is not None:
        waiting = waiting.filter(tier__in=tiers)
    waiting.update(state=Check.State.CANCELLED, settled_at=now)


@transaction.atomic
def snooze(ticket: Ticket, *, by: timedelta, key: str, now: datetime) -> datetime | None:
    """Every waiting check of the ticket is pushed by `by`, once for a `key`; when the next one is due.

    The due does not move (SLA Buddy: only a reply disarms). None: no check is waiting any more, only the reply is
    awaited. Raises NothingToSnooze when no promise runs, BadSnooze for a length that makes no sense.
    """
    if not timedelta(minutes=1) <= by <= LONGEST_SNOOZE:
        raise BadSnooze("Snooze for at least a minute and at most 24 hours.")
    # The ticket before its clocks, as everywhere: the snooze's own row needs the ticket as well.
    Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    clocks = list(Clock.objects.select_for_update().filter(Running, ticket=ticket).order_by("pk"))
    if not clocks:
        raise NothingToSnooze(f"No promise is running for {ticket}, so there is nothing to snooze.")
    _, fresh = Snooze.objects.get_or_create(key=key, defaults={"ticket": ticket, "by": by, "at": now})
    keys = [clock.pk for clock in clocks]
    waiting = Check.objects.filter(clock__in=keys, state=Check.State.WAITING)
    if fresh:
        Clock.objects.filter(pk__in=keys).update(snoozed=F("snoozed") + Value(by, output_field=DurationField()))
        waiting.update(due_at=F("due_at") + Value(by, output_field=DurationField()))
        set_next(keys, now=now)
    first: datetime | None = waiting.aggregate(first=Min("due_at"))["first"]
    if fresh:
        event = ChecksSnoozed(number=ticket.number, by=by, next_at=first)
        trail.record(event, about=ticket.streams, now=now)
    return first


@transaction.atomic
def recalculate(tickets: Iterable[Ticket], *, because: str, now: datetime) -> int:
    """Each open, unanswered ticket follows the policies as they are now; how many changed.

    What was said stays said, what no longer holds is cancelled, nothing fires twice.
    """
    policies = current_policies()
    return sum(_recalculate(ticket, policies, because=because, now=now) for ticket in tickets)


def _recalculate(ticket: Ticket, policies: list[PolicyRule], *, because: str, now: datetime) -> bool:
    # The ticket is locked first, as everywhere, so a reply that arrives now waits for us or we for it.
    row = Ticket.objects.select_for_update(of=("self",)).select_related("customer", "plan").filter(pk=ticket.pk).first()
    if row is None or not row.is_open or row.first_response_at is not None:
        return False
    verdict = govern(policies, facts_of(row))
    clocks = {
        clock.promise: clock
        for clock in Clock.objects.select_for_update()
        .filter(ticket=row)
        # A promise of the life before a reopening has ended for good.
        .filter(Running | Q(state=Clock.State.CANCELLED, started_at__gte=row.awaits_since))
        .order_by("started_at", "pk")
    }
    changed = False
    for kind, clock in clocks.items():
        if kind not in {promise.kind for promise in verdict.promises} and clock.state == Clock.State.RUNNING:
            cancel_clocks(row.pk, because=verdict.because, now=now)
            changed = True
    for promise in verdict.promises:
        known = clocks.get(promise.kind)
        if known is None:
            _start(row, promise, verdict, started_at=row.awaits_since, now=now)
            changed = True
        else:
            changed |= _follow(row, known, promise, verdict, because=because, now=now)
    return changed


def _follow(
    ticket: Ticket, clock: Clock, promise: PromiseRule, verdict: Verdict, *, because: str, now: datetime
) -> bool:
    """The clock, running or cancelled, runs by `promise` now; False when it already did."""
    assert verdict.policy is not None
    checks = list(clock.checks.order_by("tier", "pk"))
    plan = ladder.rearrange(
        [check.step for check in checks], promise.rungs, started_at=clock.started_at, snoozed=clock.snoozed
    )
    # A number can be a cancelled check's and a waiting one's; the waiting one is the one to move.
    movable = {check.tier: check for check in checks if check.state == Check.State.CANCELLED}
    movable |= {check.tier: check for check in checks if check.state == Check.State.WAITING}
    moved, before = [], {}
    for placed in plan.move:
        check = movable[placed.rung.tier]
        fresh = _check(clock, placed)
        names = ("after", "due_at", "audience_json", "message", "state")
        if any(getattr(check, name) != getattr(fresh, name) for name in names):
            fresh.pk, fresh.settled_at = check.pk, None
            before[str(check.tier)] = check.due_at.isoformat()
            moved.append(fresh)
    due_at = clock.started_at + promise.within
    same = (
        clock.state == Clock.State.RUNNING
        and clock.policy_id == verdict.policy.id
        and clock.policy_name == verdict.policy.name
        and clock.due_at == due_at
    )
    if same and not (plan.add or moved or plan.cancel):
        return False
    cancel_checks([clock.pk], now=now, tiers=plan.cancel)
    Check.objects.bulk_create(_check(clock, placed) for placed in plan.add)
    Check.objects.bulk_update(moved, ["after", "due_at", "audience_json", "message", "state", "settled_at"])
    Clock.objects.filter(pk=clock.pk).update(
        policy_id=verdict.policy.id,
        policy_name=verdict.policy.name,
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
        number=ticket.number,
        promise=clock.promise,
        policy=verdict.policy.name,
        due_at=[clock.due_at, due_at],
        checks={
            "added": [placed.rung.tier for placed in plan.add],
            "moved": {str(check.tier): check.due_at.isoformat() for check in moved},
            "before": before,
            "cancelled": list(plan.cancel),
        },
        because=because,
    )
    trail.record(event, about=[*ticket.streams, f"policy:{verdict.policy.id}"], now=now)
    return True


def governed_tickets(keys: Sequence[int]) -> list[Ticket]:
    """Tickets by key, ready for `recalculate`."""
    return list(Ticket.objects.select_related("customer", "plan").filter(pk__in=keys).order_by("pk"))
