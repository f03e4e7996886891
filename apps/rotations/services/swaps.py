"""Asking others to take a shift, for another in return or for nothing: asked, taken, declined, withdrawn, too late."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.people.models import Agent
from apps.rotations.errors import OverrideRefused, SwapIsOver, SwapRefused
from apps.rotations.events import span
from apps.rotations.models import Invited, Role, Rotation, SwapRequest
from apps.rotations.schedules import book
from apps.rotations.services.handing_on import hand_on, handed_on
from apps.rotations.services.history import held, keep_history
from apps.rotations.services.moving import look, tell
from apps.rotations.swapping.events import SwapDeclined, SwapExpired, SwapRequested, SwapTaken, SwapWithdrawn
from apps.rotations.swapping.selectors import who_could
from apps.rotations.validation.overrides import overlapping
from apps.rotations.validation.swaps import LONGEST_MESSAGE, Part, Problems, part_problem, time_problems
from apps.trail import services as trail
from apps.trail.managed import stream_of
from apps.trail.reacting import following

logger = logging.getLogger(__name__)
State = SwapRequest.State


@dataclass(frozen=True)
class InReturn:
    """What is taken in return: an interval of the shift of who is asked."""

    role: Role
    starts_at: datetime
    ends_at: datetime


@transaction.atomic
def ask_to_swap(
    rotation: Rotation,
    *,
    role: Role,
    starts_at: datetime,
    ends_at: datetime,
    person: Agent,
    to: Agent | None = None,
    back: InReturn | None = None,
    message: str = "",
    by: Agent,
    now: datetime,
) -> SwapRequest:
    """`to`, or anyone in the roster who could, is asked to be on for `person` from `starts_at` until `ends_at`.

    With `back` the person takes that of theirs in return. Raises SwapRefused with the reasons by field.
    """
    # One at a time: nobody asks the same twice by pressing twice.
    row = held(rotation)
    asked = SwapRequest(
        rotation=row,
        role=role,
        starts_at=starts_at,
        ends_at=ends_at,
        person=person,
        to=to,
        back_role=back.role if back else None,
        back_starts_at=back.starts_at if back else None,
        back_ends_at=back.ends_at if back else None,
        message=message.strip(),
        asked_by=by,
        asked_at=now,
    )
    if found := _problems(asked, now=now):
        raise SwapRefused(found)
    invited = [to] if to else who_could(asked)
    if not invited:
        raise SwapRefused({"to": [f"Nobody else of the roster of {role} is free then. Ask somebody by name."]})
    asked.save()
    Invited.objects.bulk_create(Invited(request=asked, agent=agent) for agent in invited)
    event = SwapRequested(
        **_told(asked),
        to=to.email if to else "",
        to_name=str(to) if to else "",
        invited=[agent.email for agent in invited],
        **_in_return(asked),
        message=asked.message,
    )
    trail.record(event, about=_about(asked, invited), now=now)
    return asked


@transaction.atomic
def take_swap(request: SwapRequest, *, by: Agent, now: datetime) -> None:
    """`by` is on for the person, and the person for them where something is given in return: all of it or nothing.

    Raises SwapIsOver when somebody was quicker, SwapRefused when `by` was not asked, or the shifts are not theirs
    any more.
    """
    rotation = keep_history(request.rotation, now=now)
    row = _of(request)
    if not row.invited.filter(agent=by).exists():
        raise SwapRefused({"": [f"{by} was not asked to take this."]})
    _close(row, State.TAKEN, taken_by=by, now=now)
    if found := take_problems(row, by, now=now):
        raise SwapRefused({"": found})
    parts = parts_of(row, by)
    agents = {agent.email: agent for agent in (row.person, by)}
    roles = {role.name: role for role in (row.role, row.back_role) if role}
    starts, ends = min(part.start for part in parts), max(part.end for part in parts)
    looked = look(rotation, within=(starts, ends), now=now)
    event = SwapTaken(**_told(row), taken_by=by.email, taken_by_name=str(by), **_in_return(row))
    entry = trail.record(event, about=_about(row, [by]), now=now)
    reason = f"swap asked for by {row.asked_by}" + (f": {row.message}" if row.message else "")
    with following(entry):
        for part in parts:
            giver, taker = agents[part.giver], agents[part.taker]
            try:
                hand_on(rotation, part, roles[part.role], giver, taker, reason=reason, by=by, now=now)
            except OverrideRefused as refused:
                raise SwapRefused(refused.errors) from refused
    # Both hear of it as a swap.
    words = f"swap: {by} for {row.person}"
    tell(rotation, looked, change=words, reason=row.message, by=[by, row.person], cause=entry, now=now)


@transaction.atomic
def decline_swap(request: SwapRequest, *, by: Agent, now: datetime) -> bool:
    """`by` does not take it; whether it is over with that, since nobody is left who could.

    Raises SwapIsOver, or SwapRefused when `by` was not asked.
    """
    row = _of(request)
    if not row.is_open(now):
        raise SwapIsOver(how_it_ended(row, now=now))
    if not row.invited.filter(agent=by).exists():
        raise SwapRefused({"": [f"{by} was not asked to take this."]})
    if not row.invited.filter(agent=by, declined_at=None).update(declined_at=now):
        return False
    over = not row.invited.filter(declined_at=None).exists()
    if over:
        _close(row, State.DECLINED, now=now)
    event = SwapDeclined(**_told(row), declined_by=by.email, declined_by_name=str(by), over=over)
    trail.record(event, about=_about(row, [by]), now=now)
    return over


@transaction.atomic
def withdraw_swap(request: SwapRequest, *, now: datetime) -> None:
    """It is not asked any more. Raises SwapIsOver."""
    row = _of(request)
    _close(row, State.WITHDRAWN, now=now)
    trail.record(SwapWithdrawn(**_told(row)), about=_about(row, ()), now=now)


def expire_swaps(*, now: datetime) -> int:
    """What began before anybody took it is over; how many. One that fails does not stop the others."""
    expired = 0
    for request in SwapRequest.objects.begun(now).filter(state=State.OPEN).order_by("starts_at")[:500]:
        try:
            expired += _expire(request, now=now)
        except Exception:
            logger.exception("The swap request %s did not expire", request.pk)
    return expired


def parts_of(request: SwapRequest, taker: Agent | None) -> list[Part]:
    """What goes from whom to whom when `taker` takes it; nobody is known yet when it is None."""
    email = taker.email if taker else ""
    parts = [Part(request.role.name, request.starts_at, request.ends_at, request.person.email, email)]
    if request.back_role and request.back_starts_at and request.back_ends_at:
        interval = request.back_starts_at, request.back_ends_at
        parts.append(Part(request.back_role.name, *interval, email, request.person.email))
    return parts


def take_problems(request: SwapRequest, taker: Agent | None, *, now: datetime) -> list[str]:
    """Why it cannot be taken by the taker as the rotation is now, in sentences; empty when it can."""
    if request.rotation.archived_at is not None:
        return [f"{request.rotation} is archived, so nobody is on duty by it."]
    if taker is not None and not taker.is_active:
        return [f"{taker} does not work here any more."]
    people = {agent.email: agent for agent in (request.person, taker) if agent}
    roles = {role.name: role for role in (request.role, request.back_role) if role}
    found: list[str] = []
    for part in parts_of(request, taker):
        opened = book(request.rotation, part.start, part.end)
        if problem := part_problem(part, opened.window(part.start, part.end), opened.called):
            found.append(problem)
            continue
        role = roles[part.role]
        # What puts the giver on goes on to the taker.
        giver = people.get(part.giver)
        goes_on = list(handed_on(request.rotation, role, giver, *part.interval)) if giver else []
        for email in filter(None, (part.giver, part.taker)):
            other = overlapping(request.rotation, role, people[email], part.start, part.end, but=goes_on)
            if other is not None:
                when = span(other.starts_at, other.ends_at)
                found.append(f"An override touches {people[email]} then: {other}, {when}. A lead can end it first.")
    if any(part.start <= now for part in parts_of(request, taker)):
        found.append("It has begun already.")
    return found


def how_it_ended(request: SwapRequest, *, now: datetime) -> str:
    """Why nobody can take it any more, in a sentence."""
    match request.state:
        case State.TAKEN:
            return f"{request.taken_by} has taken it already."
        case State.DECLINED:
            return "It was declined."
        case State.WITHDRAWN:
            return f"It was withdrawn: {request.person} does not need it any more."
        case _:
            return "It began before anybody took it."


def _problems(asked: SwapRequest, *, now: datetime) -> Problems:
    found = time_problems(asked.starts_at, asked.ends_at, now=now)
    if asked.in_return and asked.back_starts_at and asked.back_ends_at:
        found |= time_problems(asked.back_starts_at, asked.back_ends_at, now=now, prefix="back_")
    if len(asked.message) > LONGEST_MESSAGE:
        found["message"] = [f"A message has at most {LONGEST_MESSAGE} characters."]
    if any(role and role.rotation_id != asked.rotation_id for role in (asked.role, asked.back_role)):
        found["role"] = [f"{asked.rotation} has no such role."]
    if asked.to == asked.person:
        found["to"] = ["Somebody cannot take their own shift."]
    elif asked.in_return and asked.to is None:
        found["to"] = ["Say whose shift is taken in return."]
    if found:
        return found
    if problems := take_problems(asked, asked.to, now=now):
        return {"": problems}
    same = SwapRequest.objects.filter(
        rotation=asked.rotation,
        role=asked.role,
        person=asked.person,
        state=State.OPEN,
        starts_at__lt=asked.ends_at,
        ends_at__gt=asked.starts_at,
    ).first()
    if same is not None:
        when = span(same.starts_at, same.ends_at)
        return {"": [f"This is asked already: {same}, {when}. Withdraw that first."]}
    return {}


def _expire(request: SwapRequest, *, now: datetime) -> bool:
    with transaction.atomic():
        row = SwapRequest.objects.begun(now).filter(pk=request.pk, state=State.OPEN)
        if not row.update(state=State.EXPIRED, closed_at=now):
            return False
        fresh = _of(request)
        trail.record(SwapExpired(**_told(fresh)), about=_about(fresh, ()), now=now)
        return True


def _close(row: SwapRequest, state: str, *, taken_by: Agent | None = None, now: datetime) -> None:
    """Whoever comes first closes it. Raises SwapIsOver for everybody else."""
    waiting = SwapRequest.objects.to_come(now).filter(pk=row.pk, state=State.OPEN)
    if not waiting.update(state=state, taken_by=taken_by, closed_at=now):
        raise SwapIsOver(how_it_ended(_of(row), now=now))


def _of(request: SwapRequest) -> SwapRequest:
    """The request as it is stored now; nobody else changes it until this transaction ends."""
    rows = SwapRequest.objects.select_for_update(of=("self",), no_key=True)
    related = rows.select_related("rotation", "role", "back_role", "person", "to", "asked_by", "taken_by")
    row = related.filter(pk=request.pk).first()
    if row is None:
        raise SwapIsOver("This request is gone: the role it was about is no more.")
    return row


def _about(request: SwapRequest, others: Iterable[Agent]) -> Sequence[str]:
    return [request.stream, request.rotation.stream, *(stream_of(agent) for agent in (request.person, *others))]


def _told(request: SwapRequest) -> dict[str, Any]:
    return {
        "request": request.pk,
        "rotation": request.rotation.slug,
        "name": request.rotation.name,
        "role": request.role.name,
        "start": request.starts_at,
        "end": request.ends_at,
        "person": request.person.email,
        "person_name": str(request.person),
        "asked_by": request.asked_by.email,
    }


def _in_return(request: SwapRequest) -> dict[str, Any]:
    role = request.back_role.name if request.back_role else ""
    return {"back_role": role, "back_start": request.back_starts_at, "back_end": request.back_ends_at}
