"""The promises of tickets: starting, stopping, moving and cancelling. Reaching tiers is in sweeping.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, F, Min, Q, Sum, Value

from apps.escalations import clocks, ladder
from apps.escalations.clocks import Running
from apps.escalations.errors import BadSnooze, NothingToSnooze
from apps.escalations.events import ChecksSnoozed, ClockStopped
from apps.escalations.models import Check, Clock, Snooze
from apps.sla.matching import Facts, PolicyRule, PromiseRule, Verdict, govern
from apps.tickets.models import Ticket
from apps.trail import services as trail

LONGEST_SNOOZE = timedelta(hours=24)


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
    placed = ladder.place(promise.rungs, started_at=started_at, snoozed=snoozed)
    return clocks.begin(
        ticket,
        promise,
        verdict.policy,
        [clocks.placed_check(each) for each in placed],
        because=verdict.because,
        started_at=started_at,
        now=now,
        snoozed=snoozed,
    )


def _snoozed_since(ticket: Ticket, started_at: datetime) -> timedelta:
    total = Snooze.objects.filter(ticket=ticket, at__gte=started_at).aggregate(total=Sum("by"))["total"]
    return total or timedelta()


@transaction.atomic
def stop_for_reply(ticket: int, *, at: datetime, now: datetime) -> None:
    """The ticket's first response came at `at`: its clock is met or missed by the reply's own time.

    An earlier reply that becomes known later corrects the outcome, also that of a promise cancelled because the
    ticket ended: help desks tell of an answer and of the end it brought in any order. What was waiting is cancelled.
    """
    ended = Q(state=Clock.State.CANCELLED, stopped_at__gte=at, ticket__status__in=Ticket.ENDED)
    found = list(
        Clock.objects.select_for_update(of=("self",))
        .select_related("ticket__customer")
        .filter(ticket=ticket, promise="first_response")
        .filter(Running | ended | Q(state__in=[Clock.State.MET, Clock.State.MISSED], stopped_at__gt=at))
        .order_by("pk")
    )
    for clock in found:
        assert clock.ticket is not None
        if clock.started_at > clock.ticket.opened_at and at < clock.started_at:
            # A reply from before a reopened ticket's new start says nothing about the new promise. One from before
            # the ticket itself does: the clocks of two systems differ.
            continue
        outcome = Clock.State.MET if ladder.kept(at, clock.due_at) else Clock.State.MISSED
        was_known = clock.state == outcome and clock.breached_at is None
        breached = clock.due_at if outcome == Clock.State.MISSED else None
        Clock.objects.filter(pk=clock.pk).update(state=outcome, stopped_at=at, breached_at=breached, next_at=None)
        clocks.cancel_checks([clock.pk], now=now)
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
            happenings.insert(0, clocks.breach_of(clock))
        trail.record_many(happenings, now=now)


@transaction.atomic
def cancel_clocks(ticket: int, *, because: str, now: datetime) -> None:
    """No promise of the ticket runs any more."""
    running = Clock.objects.select_for_update(of=("self",)).select_related("ticket__customer")
    clocks.cancel(list(running.filter(Running, ticket=ticket)), because=because, now=now)


@transaction.atomic
def snooze(ticket: Ticket, *, by: timedelta, key: str, now: datetime) -> datetime | None:
    """Every waiting check of the ticket is pushed by `by`, once for a `key`; when the next one is due.

    The due does not move (SLA Buddy: only a reply disarms). None: no check is waiting any more, only the reply is
    awaited. Raises NothingToSnooze when no promise runs, BadSnooze for a length that makes no sense.
    """
    if not timedelta(minutes=1) <= by <= LONGEST_SNOOZE:
        raise BadSnooze("Snooze for at least a minute and at most 24 hours.")
    # The ticket before its clocks, as everywhere: the snooze's own row needs the ticket as well.
    Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    running = list(Clock.objects.select_for_update().filter(Running, ticket=ticket).order_by("pk"))
    if not running:
        raise NothingToSnooze(f"No promise is running for {ticket}, so there is nothing to snooze.")
    _, fresh = Snooze.objects.get_or_create(key=key, defaults={"ticket": ticket, "by": by, "at": now})
    keys = [clock.pk for clock in running]
    waiting = Check.objects.filter(clock__in=keys, state=Check.State.WAITING)
    if fresh:
        Clock.objects.filter(pk__in=keys).update(snoozed=F("snoozed") + Value(by, output_field=DurationField()))
        waiting.update(due_at=F("due_at") + Value(by, output_field=DurationField()))
        clocks.set_next(keys, now=now)
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
    policies = clocks.current_policies()
    return sum(_recalculate(ticket, policies, because=because, now=now) for ticket in tickets)


def _recalculate(ticket: Ticket, policies: list[PolicyRule], *, because: str, now: datetime) -> bool:
    # The ticket is locked first, as everywhere, so a reply that arrives now waits for us or we for it.
    # And read once it is held: who waits in one statement gets the new ticket with the old plan beside it.
    Ticket.objects.select_for_update(no_key=True).only("pk").filter(pk=ticket.pk).first()
    row = Ticket.objects.select_related("customer", "plan").filter(pk=ticket.pk).first()
    if row is None or not row.is_open or row.first_response_at is not None:
        return False
    verdict = govern(policies, facts_of(row))
    known = {
        clock.promise: clock
        for clock in Clock.objects.select_for_update()
        .filter(ticket=row)
        # A promise of the life before a reopening has ended for good.
        .filter(Running | Q(state=Clock.State.CANCELLED, started_at__gte=row.awaits_since))
        .order_by("started_at", "pk")
    }
    changed = False
    for kind, clock in known.items():
        if kind not in {promise.kind for promise in verdict.promises} and clock.state == Clock.State.RUNNING:
            cancel_clocks(row.pk, because=verdict.because, now=now)
            changed = True
    for promise in verdict.promises:
        one = known.get(promise.kind)
        if one is None:
            _start(row, promise, verdict, started_at=row.awaits_since, now=now)
            changed = True
        else:
            assert verdict.policy is not None
            one.ticket = row
            changed |= clocks.follow(one, promise, verdict.policy, because=because, now=now)
    return changed


def governed_tickets(keys: Sequence[int]) -> list[Ticket]:
    """Tickets by key, ready for `recalculate`."""
    return list(Ticket.objects.select_related("customer", "plan").filter(pk__in=keys).order_by("pk"))
