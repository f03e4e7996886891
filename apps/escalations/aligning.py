"""Promises that follow where their subject stands: of requests for help and of incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.escalations import clocks, ladder, owed
from apps.escalations.audiences import Told
from apps.escalations.models import Check, Clock
from apps.incidents.models import Incident
from apps.rfhs.models import RFH
from apps.sla.audiences import Audience
from apps.sla.matching import Rung
from apps.trail import services as trail
from apps.trail.events import Event

Owing = RFH | Incident


def align(
    subject: Owing,
    open_since: Mapping[str, datetime],
    promised: Mapping[str, owed.Owed],
    *,
    not_owed: str,
    because: str,
    now: datetime,
) -> bool:
    """What runs for the locked subject is what it is owed and the policies promise; whether that changed anything.

    open_since: what is owed, by kind, with the instant from which its time runs. not_owed: why the rest is not.
    What was said stays said. An update that was given ends the promise of it, and the next one begins at that instant.
    """
    changed = False
    known: dict[str, Clock] = {}
    for clock in locked(subject, ended=True):
        if clock.started_at == open_since.get(clock.promise):
            # A promise that was cancelled comes back as it was, so that nobody hears twice; what runs comes last.
            known[clock.promise] = clock
        elif clock.state == Clock.State.RUNNING:
            if clock.promise in open_since:
                clocks.stop([clock], at=open_since[clock.promise], now=now)
            else:
                clocks.cancel([clock], because=not_owed, now=now)
            changed = True
    for kind, clock in known.items():
        if kind not in promised and clock.state == Clock.State.RUNNING:
            clocks.cancel([clock], because="No policy promises it any more.", now=now)
            changed = True
    for kind, one in promised.items():
        if kind not in open_since:
            continue
        if kind in known:
            followed = clocks.follow(known[kind], one.promise, one.policy, because=because, now=now)
            if followed and kind == owed.UPDATE:
                _go_on(known[kind], one.promise.rungs, now=now)
            changed |= followed
            continue
        placed = ladder.place(one.promise.rungs, started_at=open_since[kind], snoozed=clocks.NOT_SNOOZED)
        clocks.begin(
            subject,
            one.promise,
            one.policy,
            [clocks.placed_check(each) for each in placed],
            because=one.because,
            started_at=open_since[kind],
            now=now,
        )
        changed = True
    return changed


def _go_on(clock: Clock, rungs: Sequence[Rung], *, now: datetime) -> None:
    """An update is owed again and again: where a quicker pace left nobody to hear, its tiers begin anew now."""
    checks = list(clock.checks.all())
    if not any(check.state == Check.State.WAITING for check in checks):
        first = min(rungs, key=lambda rung: rung.tier)
        Check.objects.bulk_create(_round(clock, checks, rungs, begins=now - first.after))
        clocks.set_next([clock.pk], now=now)


def stop(subject: Owing, promises: Iterable[str], *, at: datetime, now: datetime) -> None:
    """What was promised happened at `at`."""
    clocks.stop([clock for clock in locked(subject) if clock.promise in set(promises)], at=at, now=now)


def cancel(subject: Owing, promises: Iterable[str] | None = None, *, because: str, now: datetime) -> None:
    """These promises, or all of them, run no longer."""
    wanted = None if promises is None else set(promises)
    clocks.cancel(
        [clock for clock in locked(subject) if wanted is None or clock.promise in wanted], because=because, now=now
    )


def locked(subject: Owing, *, ended: bool = False) -> list[Clock]:
    """What runs for it, to the end of this transaction; with `ended` what was cancelled as well, and first."""
    states = [Clock.State.CANCELLED, Clock.State.RUNNING] if ended else [Clock.State.RUNNING]
    mine = {"rfh": subject} if isinstance(subject, RFH) else {"incident": subject}
    # In the alphabet cancelled comes before running.
    found = list(Clock.objects.select_for_update().filter(**mine, state__in=states).order_by("state", "pk"))
    for clock in found:
        clock.subject = subject
    return found


def _round(clock: Clock, checks: Sequence[Check], rungs: Iterable[Rung], *, begins: datetime) -> list[Check]:
    number = max(check.round for check in checks) + 1
    fresh = []
    for placed in ladder.place(rungs, started_at=begins, snoozed=clocks.NOT_SNOOZED):
        check = clocks.placed_check(placed, round=number)
        check.clock = clock
        fresh.append(check)
    return fresh


def after_the_last(clock: Clock, higher: Sequence[Check], checks: Sequence[Check], now: datetime) -> list[Check]:
    """The checks of the next round, once the last tier of an update speaks; else none."""
    if clock.promise != owed.UPDATE or higher:
        return []
    latest, base, snoozed = clocks.latest_round(clock, checks)
    rungs = [
        Rung(check.tier, check.after, check.audience, check.message)
        for check in checks
        if check.round == latest and check.state != Check.State.CANCELLED
    ]
    first = min(rung.after for rung in rungs)
    begins = owed.next_round(base + snoozed, within=clock.within, first=first, now=now)
    return _round(clock, checks, rungs, begins=begins)


def next_of(higher: Sequence[Check], then: Sequence[Check], label: Callable[[Audience], str]) -> dict[str, Any] | None:
    """Who hears next, as an event keeps it. higher: what waits of this round. then: the next one, where one begins."""
    following = next(iter([*higher, *then]), None)
    if following is None:
        return None
    return {"tier": following.tier, "due_at": following.due_at.isoformat(), "label": label(following.audience)}


def spoken(
    clock: Clock,
    check: Check,
    told: Told,
    audience: Audience,
    *,
    next_tier: dict[str, Any] | None,
    below: list[int],
) -> dict[str, Any]:
    """What the event of a tier that speaks says of it, whatever is owed; `below` did not speak."""
    return {
        "check": check.pk,
        "clock": clock.pk,
        "policy": clock.policy_name,
        "promise": clock.promise,
        "within": clock.within,
        "tier": check.tier,
        "round": check.round,
        "audience": audience.as_json(),
        "people": [person.as_json() for person in told.people],
        "mentions": list(told.mentions),
        "channels": list(told.channels),
        "notes": list(told.notes),
        "words": check.message,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "check_due_at": check.due_at,
        "next_tier": next_tier,
        "skipped": below,
    }


def passed_over(clock: Clock, check: Check, reached: int) -> dict[str, Any]:
    """The same of a lower tier that was due together with the higher one at `reached`."""
    return {
        "check": check.pk,
        "clock": clock.pk,
        "promise": clock.promise,
        "tier": check.tier,
        "reached": reached,
        "check_due_at": check.due_at,
    }


def happening(clock: Clock, event: Event) -> trail.Happening:
    """The event of a tier, caused by the promise, on its subject's and its policy's streams."""
    policy = [f"policy:{clock.policy_id}"] if clock.policy_id else []
    about = [*clock.subject.streams, *policy]
    return trail.Happening(event=event, about=about, cause=clock.started_event, correlation=clock.correlation_id)
