"""Opening hand-overs, writing their context, confirming and closing them. What is passed on is in passing_on.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.people.models import Agent
from apps.rotations.cycles.due import hand_over_due
from apps.rotations.errors import AlreadyConfirmed, ContextChanged, HandOverRefused, NothingToConfirm
from apps.rotations.handovers.events import (
    HandOverClosed,
    HandOverConfirmed,
    HandOverContextWritten,
    HandOverOpened,
    HandOverOverdue,
    HandOverPeopleChanged,
)
from apps.rotations.handovers.opening import of_run
from apps.rotations.handovers.people import Sides
from apps.rotations.handovers.selectors import Side, next_change, sides_of
from apps.rotations.models import CycleRun, HandOver, HandOverPerson, Rotation
from apps.rotations.services.checklists import tick_handed_over
from apps.trail import services as trail

# Mattermost SET handbook: hand-over by Friday end of day.
FRIDAY, END_OF_DAY = 4, time(17)
AGAIN = timedelta(days=1)
LONGEST_CONTEXT = 20_000


@transaction.atomic
def open_handover(
    rotation: Rotation, *, changes_at: datetime, due_at: datetime, kind: str = HandOver.Kind.FULL, now: datetime
) -> tuple[HandOver, bool]:
    """The hand-over for the change at that instant, and whether this call opened it: another changes nothing."""
    handover, fresh = HandOver.objects.get_or_create(
        rotation=rotation, kind=kind, changes_at=changes_at, defaults={"due_at": due_at, "opened_at": now}
    )
    if fresh:
        _seat(handover)
        event = HandOverOpened(**told(handover), changes_at=changes_at, due_at=due_at, **_people(handover))
        trail.record(event, about=handover.streams, now=now)
    return handover, fresh


def open_by_hand(rotation: Rotation, *, now: datetime) -> HandOver:
    """The hand-over at the end of the cycle that runs; without one that for the next change, due on the last Friday
    before it, or with it when that is over. One that is open already has its people as the rotation says now.

    Raises HandOverRefused when nobody knows of a change.
    """
    run = CycleRun.objects.filter(cycle__rotation=rotation, started_at__isnull=False, ended_at=None, ends_at__gt=now)
    for found in run.select_related("cycle__rotation").order_by("ends_at")[:1]:
        called = next(each for each in of_run(found) if each.kind == HandOver.Kind.FULL)
        return _opened(rotation, called.changes_at, called.due_at, now)
    changes_at = next_change(rotation, now)
    if rotation.archived_at or changes_at is None:
        raise HandOverRefused(f"Nobody knows when people change in {rotation}: its next handoff is not within a year.")
    due_at = hand_over_due(changes_at, zone=ZoneInfo(rotation.time_zone), weekday=FRIDAY, at=END_OF_DAY)
    due_at = due_at if due_at > now else changes_at
    return _opened(rotation, changes_at, due_at, now)


@transaction.atomic
def follow_people(handover: HandOver, *, now: datetime) -> bool:
    """Who hands over to whom is as the rotation says now, until people change; whether that was news.

    One that was confirmed by all is open again when somebody comes who has to confirm it.
    """
    row = locked(handover)
    if row.changes_at <= now or not _seat(row):
        return False
    if row.closed_at and row.people.filter(signs=True, signed_at=None).exists():
        # Whoever came after all had confirmed has not: it is open again, and they are reminded.
        HandOver.objects.filter(pk=row.pk).update(closed_at=None)
        row.closed_at = None
    trail.record(HandOverPeopleChanged(**told(row), **_people(row)), about=row.streams, now=now)
    _close_if_confirmed(row, now=now)
    return True


@transaction.atomic
def write_context(handover: HandOver, text: str, *, seen: str, now: datetime) -> None:
    """What the incoming people should know is this. Raises ContextChanged unless it was as `seen` until now."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()[:LONGEST_CONTEXT]
    row = locked(handover)
    if row.context == text:
        return
    if row.context != seen.replace("\r\n", "\n").strip():
        raise ContextChanged("Somebody wrote the context meanwhile. Yours is below theirs: put them together.")
    HandOver.objects.filter(pk=row.pk).update(context=text)
    trail.record(HandOverContextWritten(**told(row), context=text), about=row.streams, now=now)


@transaction.atomic
def confirm(handover: HandOver, people: Iterable[HandOverPerson], *, by: Agent, now: datetime) -> bool:
    """Of these people it is confirmed, by themselves or by `by` for them; whether that closed the hand-over.

    Raises AlreadyConfirmed when all of them had, which says who was quicker.
    """
    row = locked(handover)
    asked = [person.pk for person in people]
    waiting = list(row.people.select_related("agent").filter(pk__in=asked, signs=True, signed_at=None))
    if not waiting:
        done = row.people.select_related("agent", "signed_by").filter(pk__in=asked, signs=True).first()
        if done is None:
            raise NothingToConfirm("There is nothing for you to confirm here.")
        raise AlreadyConfirmed(f"{done.signed_by} confirmed this for {done.agent} already.")
    row.people.filter(pk__in=[person.pk for person in waiting]).update(signed_at=now, signed_by=by)
    event = HandOverConfirmed(
        **told(row),
        by=str(by),
        people=list(dict.fromkeys(str(person.agent) for person in waiting)),
        sides=sorted({str(person.side) for person in waiting}, reverse=True),
    )
    trail.record(event, about=row.streams, now=now)
    return _close_if_confirmed(row, now=now)


@transaction.atomic
def close_when_changed(handover: HandOver, *, now: datetime) -> bool:
    """People have changed: it is closed, confirmed or not; whether this call closed it."""
    row = locked(handover)
    if row.closed_at or row.changes_at > now:
        return False
    _close(row, confirmed=False, now=now)
    return True


@transaction.atomic
def nag(handover: HandOver, *, now: datetime) -> bool:
    """Whoever has not confirmed what is due is reminded, once a day at most; whether they were now."""
    row = locked(handover)
    if row.closed_at or now < row.due_at or now >= row.changes_at or (row.nagged_at and now < row.nagged_at + AGAIN):
        return False
    missing = list(row.people.select_related("agent").filter(signs=True, signed_at=None).order_by("-side", "place"))
    if not missing:
        return False
    HandOver.objects.filter(pk=row.pk).update(nagged_at=now)
    once: dict[str, dict[str, Any]] = {}
    for person in missing:
        told_of = once.setdefault(
            person.agent.email,
            {
                "name": str(person.agent),
                "email": person.agent.email,
                "slack_id": person.agent.slack_id or "",
                "side": "",
            },
        )
        told_of["side"] = " and ".join(filter(None, (told_of["side"], str(person.side))))
    event = HandOverOverdue(
        **told(row),
        due_at=row.due_at,
        changes_at=row.changes_at,
        missing=list(once.values()),
        channel=row.channel_id_in_slack,
    )
    trail.record(event, about=row.streams, now=now)
    return True


def locked(handover: HandOver) -> HandOver:
    """The hand-over as it is stored; until this transaction ends nobody else writes to it."""
    return (
        HandOver.objects.select_for_update(of=("self",))
        .select_related("rotation__team__channel", "rotation__channel")
        .get(pk=handover.pk)
    )


def told(handover: HandOver) -> dict[str, Any]:
    """What every event of it says."""
    return {
        "handover": handover.pk,
        "rotation": handover.rotation.slug,
        "name": handover.rotation.name,
        "kind": handover.kind,
    }


def _seat(handover: HandOver) -> bool:
    """The people are as the rotation says; whether any row changed. Who stays keeps what they confirmed."""
    sides, agents = sides_of(handover.rotation, handover.kind, handover.changes_at)
    known = {(row.side, row.agent_id): row for row in handover.people.all()}
    wanted = {
        (side, agents[hand.email].pk): HandOverPerson(
            handover=handover, side=side, agent=agents[hand.email], place=place, role=hand.role, signs=hand.signs
        )
        for side, hands in _by_side(sides)
        for place, hand in enumerate(hands)
    }
    moved = False
    for key, row in wanted.items():
        there = known.get(key)
        if there is None:
            row.save(force_insert=True)
            moved = True
        elif (there.place, there.role, there.signs) != (row.place, row.role, row.signs):
            there.place, there.role, there.signs = row.place, row.role, row.signs
            there.save(update_fields=["place", "role", "signs"])
            moved = True
    if gone := [row.pk for key, row in known.items() if key not in wanted]:
        HandOverPerson.objects.filter(pk__in=gone).delete()
        moved = True
    return moved


def _by_side(sides: Sides) -> list[tuple[str, Any]]:
    return [(str(Side.OUTGOING), sides.outgoing), (str(Side.INCOMING), sides.incoming)]


def _people(handover: HandOver) -> dict[str, Any]:
    found: dict[str, Any] = {"outgoing": [], "incoming": []}
    for row in handover.people.select_related("agent"):
        person = {"name": str(row.agent), "email": row.agent.email, "role": row.role, "signs": row.signs}
        found[row.side].append(person)
    return found


def _close_if_confirmed(row: HandOver, *, now: datetime) -> bool:
    signing = list(row.people.filter(signs=True).values_list("side", "signed_at"))
    # Where nobody goes or nobody comes there is nobody to confirm that side: the change itself closes it.
    if row.closed_at or {side for side, _ in signing} != set(Side.values) or any(at is None for _, at in signing):
        return False
    _close(row, confirmed=True, now=now)
    return True


def _close(row: HandOver, *, confirmed: bool, now: datetime) -> None:
    # At mid-cycle everybody stays in the team, and what was not passed on stays whose it is.
    settled = {"settled_at": now} if row.kind == HandOver.Kind.SHORT else {}
    HandOver.objects.filter(pk=row.pk).update(closed_at=now, **settled)
    closed = trail.record(HandOverClosed(**told(row), confirmed=confirmed), about=row.streams, now=now)
    if confirmed:
        tick_handed_over(row, because=closed, now=now)


def _opened(rotation: Rotation, changes_at: datetime, due_at: datetime, now: datetime) -> HandOver:
    handover, fresh = open_handover(rotation, changes_at=changes_at, due_at=due_at, now=now)
    if not fresh:
        # Whoever opens it may have just changed who comes; the job looks only every few minutes.
        follow_people(handover, now=now)
    return handover
