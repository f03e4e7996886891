"""One-off replacements: made, ended, withdrawn; and taking a shift over at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from apps.people.models import Agent
from apps.rotations.errors import OverrideRefused, OverrideStays
from apps.rotations.events import OverrideAdded, OverrideEnded, OverrideWithdrawn
from apps.rotations.models import Override, Role, Rotation, Touched
from apps.rotations.schedules import Current, book
from apps.rotations.services.history import keep_history
from apps.rotations.services.moving import look, tell
from apps.rotations.validation.overrides import override_problems
from apps.trail import services as trail
from apps.trail.reacting import Recorded

# A shift without an end within a year is taken for so long.
TAKEN_FOR = timedelta(days=1)
AROUND = timedelta(days=400)


def add_override(
    rotation: Rotation,
    *,
    role: Role | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime,
    remove: Agent | None = None,
    add: Agent | None = None,
    reason: str,
    by: Agent | None = None,
    now: datetime,
) -> Override:
    """From `starts_at` (None: now) until `ends_at` `remove` is not on, `add` is, or `add` is for `remove`.

    One that would have begun already begins now: who was on duty until now stays so. No two that touch the same person
    overlap, also when two save at the same moment. Raises OverrideRefused with the reasons by field.
    """
    starts_at = starts_at or now
    asked: dict[str, Any] = {"role": role, "ends_at": ends_at, "remove": remove, "add": add, "reason": reason}
    try:
        with transaction.atomic():
            row = keep_history(rotation, now=now)
            looked = look(row, within=(starts_at, ends_at), now=now)
            made, entry = put(row, starts_at=starts_at, by=by, now=now, **asked)
            tell(row, looked, change=f"override: {made}", reason=made.reason, by=[by], cause=entry, now=now)
            return made
    except IntegrityError as error:
        if "override_touches_once" not in str(error):
            raise
        # The database lets one of two win; the other is told what it would have been told a moment later.
        found = override_problems(rotation, starts_at=starts_at, now=now, **asked)
        raise OverrideRefused(found or {"": ["Another override touches the same person then."]}) from error


def put(
    row: Rotation, *, starts_at: datetime, by: Agent | None, now: datetime, **asked: Any
) -> tuple[Override, Recorded[OverrideAdded]]:
    """The override in a rotation whose history is kept, without a word to whom it moves. Raises OverrideRefused."""
    if found := override_problems(row, starts_at=starts_at, now=now, **asked):
        raise OverrideRefused(found)
    made = Override.objects.create(
        rotation=row,
        starts_at=max(starts_at, now),
        made_by=by,
        made_at=now,
        **{**asked, "reason": asked["reason"].strip()},
    )
    _touch(made)
    return made, trail.record(OverrideAdded(**_told(made), reason=made.reason), about=[row], now=now)


@transaction.atomic
def end_override(override: Override, *, reason: str = "", now: datetime) -> None:
    """One in progress ends now, and what it was so far stays; one that has not begun is withdrawn.

    Raises OverrideStays when it is over.
    """
    rotation = keep_history(override.rotation, now=now)
    row = Override.objects.select_related("role", "add", "remove", "rotation").filter(pk=override.pk).first()
    if row is None:
        return
    if row.ends_at <= now:
        raise OverrideStays("This override is over: it says who was on duty, so it stays.")
    looked = look(rotation, within=(row.starts_at, row.ends_at), now=now)
    change = f"override {'ended' if row.starts_at < now else 'withdrawn'}: {row}"
    entry = cut_short(row, at=max(row.starts_at, now), reason=reason.strip(), now=now)
    tell(rotation, looked, change=change, reason=reason, cause=entry, now=now)


def cut_short(row: Override, *, at: datetime, reason: str = "", now: datetime) -> Recorded[Any]:
    """It ends at `at`, or never begins when that is its start; without a word to whom it moves.

    The rotation's history is kept, and `at` is not before `now`.
    """
    told = _told(row)
    if at > row.starts_at:
        Override.objects.filter(pk=row.pk).update(ends_at=at)
        Touched.objects.filter(override=row).update(ends_at=at)
        return trail.record(OverrideEnded(**told, reason=reason), about=[row.rotation], now=now)
    row.delete()
    return trail.record(OverrideWithdrawn(**told, reason=reason), about=[row.rotation], now=now)


@transaction.atomic
def take_shift(
    rotation: Rotation,
    role: Role,
    *,
    by: Agent,
    instead_of: Agent | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
    now: datetime,
) -> Override:
    """`by` is on in the role from now until the running shift ends (or `ends_at`), for whoever is on.

    Where several are on, `instead_of` names whose shift it is; where nobody is, `by` fills the gap. Raises
    OverrideRefused.
    """
    row = keep_history(rotation, now=now)
    current = next(
        (each for each in book(row, now - AROUND, now + AROUND).at(now) if each.role == role.name),
        Current(role.name, (), (), (), None, None, ""),
    )
    if by in current.people:
        raise OverrideRefused({"add": [f"{by} is on already."]})
    if instead_of is None and len(current.people) > 1:
        names = ", ".join(str(person) for person in current.people)
        raise OverrideRefused({"remove": [f"Say whose shift it is: {names}."]})
    if instead_of is not None and instead_of not in current.people:
        raise OverrideRefused({"remove": [f"{instead_of} is not on now."]})
    remove = instead_of or next(iter(current.people), None)
    return add_override(
        row,
        role=role,
        ends_at=ends_at or current.end or now + TAKEN_FOR,
        remove=remove,
        add=by,
        reason=reason.strip() or f"{by} took this shift",
        by=by,
        now=now,
    )


def _touch(override: Override) -> None:
    # In one order, so that two who touch the same two wait for each other once and not both ways.
    people = sorted({agent.pk for agent in (override.add, override.remove) if agent})
    Touched.objects.bulk_create(
        Touched(
            override=override,
            rotation=override.rotation,
            role=override.role,
            agent_id=pk,
            starts_at=override.starts_at,
            ends_at=override.ends_at,
        )
        for pk in people
    )


def _told(override: Override) -> dict[str, Any]:
    return {
        "rotation": override.rotation.slug,
        "name": override.rotation.name,
        "override": override.pk,
        "role": override.role.name if override.role else "",
        "start": override.starts_at,
        "end": override.ends_at,
        "remove": override.remove.email if override.remove else "",
        "add": override.add.email if override.add else "",
        "words": str(override),
    }
