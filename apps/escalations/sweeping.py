"""Reaching what is due: ask for replies outside any transaction, then settle a batch of clocks in one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Prefetch

from apps.escalations import aligning, incident_clocks, ladder, paging, rfh_clocks
from apps.escalations import clocks as running
from apps.escalations.audiences import Directory
from apps.escalations.clocks import Running
from apps.escalations.events import EscalationReached, EscalationSkipped
from apps.escalations.models import Check, Clock
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.tickets.replies import Answer, Question, ReplySource, SourceUnreachable
from apps.trail import services as trail

logger = logging.getLogger(__name__)

BATCH = 500
# After a failure the help desk is left alone for a moment, so that a hung one cannot hold up every batch.
BREATHER = timedelta(seconds=10)


@dataclass
class Sweep:
    """Reaches due checks; keeps between batches only since when the reply source has been failing."""

    clock: Callable[[], datetime]
    source: ReplySource | None
    unknown_since: datetime | None = None
    ask_again_at: datetime | None = None
    most: int = BATCH
    reached: int = field(default=0)

    def batch(self) -> int:
        """Settle at most `most` due clocks; how many moved on. 0: nothing is due, or another sweep is settling it.

        Safe to run twice at once: nothing is claimed while the help desk is asked, and the settling
        transaction takes only clocks that are still due and that nobody else has locked.
        """
        now = self.clock()
        size = min(self.most, self.source.batch) if self.source and not self._resting(now) else self.most
        due = list(
            Clock.objects.filter(Running, next_at__lte=now).order_by("next_at", "pk").select_related("ticket")[:size]
        )
        if not due:
            return 0
        questions = {
            clock.ticket.number: Question(number=clock.ticket.number, opened_at=clock.ticket.opened_at)
            for clock in due
            if clock.ticket
        }
        answers = self._ask(list(questions.values()), now)
        replied: dict[int, datetime] = {}
        gone: list[Ticket] = []
        silent = []
        for clock in due:
            answer = answers.get(clock.ticket.number) if clock.ticket else None
            at = _replied_at(answer, clock, now)
            if clock.ticket and answer and answer.gone:
                gone.append(clock.ticket)
            elif clock.ticket and at is not None:
                replied[clock.ticket.pk] = at
            else:
                silent.append(clock.pk)
        self._record_replies(replied, due)
        self._close(gone)
        return len(replied) + len(gone) + self._settle(silent)

    def _resting(self, now: datetime) -> bool:
        return self.ask_again_at is not None and now < self.ask_again_at

    def _ask(self, questions: list[Question], now: datetime) -> dict[str, Answer]:
        """What the source knows of each ticket; one that cannot be asked answers nothing, and we say so."""
        if self.source is None or self._resting(now):
            return {}
        try:
            answers = self.source.replies(questions)
        except SourceUnreachable as error:
            logger.warning("%s could not be asked: %s", self.source.name, error)
            self.unknown_since = tickets.source_failed(self.source.name, str(error), now=self.clock())
            self.ask_again_at = self.clock() + BREATHER
            return {}
        except Exception:
            # Fail loud and go on: a fault in a source must not keep anybody from hearing.
            logger.exception("%s gave an answer nobody understands", self.source.name)
            self.unknown_since = tickets.source_failed(self.source.name, "an unreadable answer", now=self.clock())
            self.ask_again_at = self.clock() + BREATHER
            return {}
        if self.unknown_since is not None or self.ask_again_at is None:
            tickets.source_answered(self.source.name, now=self.clock())
        self.unknown_since, self.ask_again_at = None, self.clock()
        return answers

    def _record_replies(self, replied: dict[int, datetime], due: Sequence[Clock]) -> None:
        """Record all at once; should one be refused, the others are still recorded, one by one."""
        if not replied:
            return
        # Each goes on with its own ticket's chain: that they were found in one sweep says nothing.
        chains = {
            clock.ticket_id: tickets.Chain(cause=clock.started_event, correlation=clock.correlation_id)
            for clock in due
            if clock.ticket_id is not None
        }
        try:
            tickets.record_replies(list(replied.items()), author="agent", now=self.clock(), chains=chains)
        except Exception:
            logger.exception("A batch of replies could not be recorded; going one by one")
            for ticket, at in replied.items():
                try:
                    tickets.record_replies([(ticket, at)], author="agent", now=self.clock(), chains=chains)
                except Exception:
                    logger.exception("The reply in ticket %s could not be recorded", ticket)
        self._put_off(replied)

    def _close(self, gone: Sequence[Ticket]) -> None:
        """A ticket merged into another, or deleted, is closed here too: nobody will answer it."""
        for ticket in gone:
            try:
                tickets.move(ticket, Ticket.Status.CLOSED, now=self.clock())
            except Exception:
                logger.exception("%s is gone in the help desk, but could not be closed", ticket)
        self._put_off([ticket.pk for ticket in gone])

    def _put_off(self, settled: Iterable[int]) -> None:
        """What still runs of these tickets' clocks waits a minute: no batch may meet it again at once."""
        again = self.clock() + timedelta(minutes=1)
        try:
            Clock.objects.filter(Running, ticket__in=list(settled), next_at__lt=again).update(next_at=again)
        except DatabaseError:
            logger.exception("Clocks could not be put off; the next batch meets them again")

    def _settle(self, keys: Sequence[int]) -> int:
        """Settle these clocks but those another sweep holds; how many moved on."""
        try:
            return self._count(settle(keys, unknown_since=self.unknown_since, now=self.clock()))
        except Exception:
            logger.exception("A batch of %s clocks could not be settled; going one by one", len(keys))
            for key in keys:
                try:
                    self._count(settle([key], unknown_since=self.unknown_since, now=self.clock()))
                except Exception:
                    logger.exception("Clock %s could not be settled; trying again in a minute", key)
                    Clock.objects.filter(pk=key).update(next_at=self.clock() + timedelta(minutes=1))
            return len(keys)

    def _count(self, settled: Settled) -> int:
        self.reached += settled.spoke
        return settled.clocks


def _replied_at(answer: Answer | None, clock: Clock, now: datetime) -> datetime | None:
    """When the clock's ticket was answered, as far as this clock is concerned; None: it was not.

    A reply without its time is believed as of now, one from before the ticket as of its opening. One from before a
    reopened ticket's new start does not keep the new promise.
    """
    if answer is None or not answer.replied or clock.ticket is None:
        return None
    at = min(max(answer.replied_at or now, clock.ticket.opened_at), now)
    return at if at >= clock.started_at else None


@dataclass(frozen=True)
class Settled:
    """How many clocks moved on, and how many tiers spoke."""

    clocks: int
    spoke: int


@transaction.atomic
def settle(keys: Sequence[int], *, unknown_since: datetime | None, now: datetime) -> Settled:
    """Of these clocks, those still due reach their highest due tier and record their breach.

    The number of statements does not depend on the number of clocks.
    """
    clocks = list(
        Clock.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("ticket__customer", "ticket__plan")
        .filter(Running, pk__in=keys, next_at__lte=now)
        .order_by("pk")
        .prefetch_related(Prefetch("checks", Check.objects.order_by("tier")))
    )
    pages = paging.claimed(clocks)
    clocks = [clock for clock in clocks if clock.page_id is None or clock.page_id in pages]
    rfhs = rfh_clocks.subjects(clocks)
    incidents = incident_clocks.subjects(clocks)
    known = {**rfh_clocks.people_of(rfhs.values()), **incident_clocks.people_of(incidents.values())}
    directory = Directory(now, known=known)
    climbing = paging.Climbing(directory, now)
    reached: list[int] = []
    skipped: list[int] = []
    anew: list[Check] = []
    happenings: list[trail.Happening] = []
    for clock in clocks:
        # The page as it is under its lock: its sentences name its team.
        clock.page = pages.get(clock.page_id) if clock.page_id else None
        clock.rfh = rfhs.get(clock.rfh_id) if clock.rfh_id else None
        clock.incident = incidents.get(clock.incident_id) if clock.incident_id else None
    breached = [clock for clock in clocks if clock.breached_at is None and clock.due_at <= now]
    happenings.extend(running.breach_of(clock) for clock in breached)
    for clock in clocks:
        if clock.page is not None:
            climbing.climb(clock, clock.page)
            continue
        steps = list(clock.checks.all())
        tier, below = ladder.fall_due([check.step for check in steps], now)
        if tier is None:
            continue
        by_tier = {check.tier: check for check in steps if check.state == Check.State.WAITING}
        reached.append(by_tier[tier].pk)
        skipped.extend(by_tier[passed].pk for passed in below)
        higher = [check for check in steps if check.tier > tier and check.state == Check.State.WAITING]
        if clock.ticket is None:
            then = aligning.after_the_last(clock, higher, steps, now)
            anew.extend(then)
            of = rfh_clocks if clock.rfh is not None else incident_clocks
            happenings.extend(of.skip(clock, by_tier[passed], tier) for passed in below)
            happenings.append(of.reach(clock, by_tier[tier], higher, then, below, directory))
            continue
        happenings.extend(_skip(clock, by_tier[passed], tier) for passed in below)
        happenings.append(_reach(clock, by_tier[tier], higher, below, directory, unknown_since))
    Check.objects.filter(pk__in=reached).update(state=Check.State.REACHED, settled_at=now)
    Check.objects.filter(pk__in=skipped).update(state=Check.State.SKIPPED, settled_at=now)
    Clock.objects.filter(pk__in=[clock.pk for clock in breached]).update(breached_at=F("due_at"))
    if pages:
        climbing.write()
    if anew:
        Check.objects.bulk_create(anew)
    running.set_next([clock.pk for clock in clocks], now=now)
    trail.record_many([*happenings, *climbing.happenings], now=now)
    return Settled(clocks=len(clocks), spoke=len(reached) + len(climbing.reached))


def _about(clock: Clock) -> list[str]:
    assert clock.ticket is not None
    policy = [f"policy:{clock.policy_id}"] if clock.policy_id else []
    return [*clock.ticket.streams, *policy]


def _skip(clock: Clock, check: Check, reached: int) -> trail.Happening:
    assert clock.ticket is not None
    event = EscalationSkipped(
        check=check.pk,
        clock=clock.pk,
        number=clock.ticket.number,
        tier=check.tier,
        reached=reached,
        check_due_at=check.due_at,
    )
    return trail.Happening(
        event=event, about=_about(clock), cause=clock.started_event, correlation=clock.correlation_id
    )


def _reach(
    clock: Clock,
    check: Check,
    higher: list[Check],
    below: list[int],
    directory: Directory,
    unknown_since: datetime | None,
) -> trail.Happening:
    ticket = clock.ticket
    assert ticket is not None
    told = directory.tell(check.audience, [other.audience for other in higher])
    following = higher[0] if higher else None
    event = EscalationReached(
        check=check.pk,
        clock=clock.pk,
        number=ticket.number,
        subject=ticket.subject,
        url=ticket.url,
        customer=ticket.customer.name if ticket.customer else "",
        plan=ticket.plan.name if ticket.plan else "",
        severity=ticket.severity,
        type=ticket.type,
        policy=clock.policy_name,
        promise=clock.promise,
        within=clock.within,
        tier=check.tier,
        audience=check.audience.as_json(),
        people=[person.as_json() for person in told.people],
        mentions=list(told.mentions),
        channels=list(told.channels),
        notes=list(told.notes),
        message=check.message,
        started_at=clock.started_at,
        due_at=clock.due_at,
        check_due_at=check.due_at,
        next_tier={
            "tier": following.tier,
            "due_at": following.due_at.isoformat(),
            "label": following.audience.label,
        }
        if following
        else None,
        unknown_since=unknown_since,
        channel=ticket.channel,
        thread_ts=ticket.thread_ts,
        skipped=below,
    )
    return trail.Happening(
        event=event, about=_about(clock), cause=clock.started_event, correlation=clock.correlation_id
    )
