"""Writing rotations whole: their roles, layers and first rosters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from apps.people import services as people
from apps.people.models import Team
from apps.rotations.errors import RotationRefused
from apps.rotations.events import RotationArchived, RotationRestored
from apps.rotations.models import Calendar, Layer, Role, Rotation
from apps.rotations.resolving.definition import WEEK
from apps.rotations.resolving.wallclock import first
from apps.rotations.services.history import held, keep_history
from apps.rotations.services.moving import look_ahead, tell
from apps.rotations.services.rosters import next_in, put_roster
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.rotations.validation.definitions import name_of, problems
from apps.trail import services as trail
from apps.trail.managed import saving
from apps.trail.reacting import Recorded

# How much of a rotation's past is taken over when it is entered here.
TAKEN_OVER = timedelta(days=366)


def save_rotation(rotation: Rotation | None, spec: RotationSpec, *, quietly: bool = False, now: datetime) -> Rotation:
    """`rotation` (None: a new one) is from `now` on as `spec` says; who was on duty until now stays as it was.

    Of a new one what its definition says of the time before, up to a year, is taken over as its past. Rosters that
    differ take over at the next handoff. Nobody hears of it when it is done `quietly`, as of what people know already.
    Two who save at once: the second waits, and says what it found. Raises
    RotationRefused with the reasons by field.
    """
    try:
        with transaction.atomic():
            return _save(rotation, spec, quietly=quietly, now=now)
    except IntegrityError as error:
        # Two can give the same slug at once; the database lets one of them win.
        if found := problems(spec, rotation, now=now):
            raise RotationRefused(found) from error
        raise


def archive(rotation: Rotation, *, now: datetime) -> None:
    """Nobody is on duty by it from now on; what was stays known. Archived twice, it is archived."""

    def write(row: Rotation) -> Recorded[RotationArchived]:
        return trail.record(RotationArchived(rotation=row.slug, name=row.name), about=[row], now=now)

    _mark(rotation, archived_at=now, then=write, change="the rotation was archived", now=now)


def restore(rotation: Rotation, *, now: datetime) -> None:
    """It goes on from now; in between nobody was on duty by it."""

    def write(row: Rotation) -> Recorded[RotationRestored]:
        Rotation.objects.filter(pk=row.pk).update(kept_until=max(now, row.kept_until))
        return trail.record(RotationRestored(rotation=row.slug, name=row.name), about=[row], now=now)

    _mark(rotation, archived_at=None, then=write, change="the rotation was restored", now=now)


@transaction.atomic
def _mark(
    rotation: Rotation,
    *,
    archived_at: datetime | None,
    then: Callable[[Rotation], Recorded[Any]],
    change: str,
    now: datetime,
) -> None:
    row = keep_history(rotation, now=now)
    looked = look_ahead(row, now=now)
    changed = Rotation.objects.filter(pk=row.pk, archived_at__isnull=archived_at is not None)
    if changed.update(archived_at=archived_at):
        tell(row, looked, change=change, cause=then(row), now=now)


def _save(rotation: Rotation | None, spec: RotationSpec, *, quietly: bool, now: datetime) -> Rotation:
    kept = keep_history(rotation, now=now) if rotation else None
    if found := problems(spec, rotation, now=now):
        raise RotationRefused(found)
    looked = look_ahead(kept, from_=_latest(kept, spec, now), now=now)
    row = kept or Rotation(kept_until=now)
    with saving(row, now=now):
        row.team = Team.objects.get(slug=spec.team)
        row.slug, row.name, row.time_zone = spec.slug, spec.name.strip(), spec.time_zone
        row.channel = people.channel(spec.channel, now=now) if spec.channel else None
        row.save()
        roles = _write_roles(row, spec.roles)
        layers = _write_layers(row, spec.layers, roles, now=now)
        # What the spec does not name goes.
        row.layers.exclude(pk__in=[layer.pk for layer in layers]).delete()
        row.roles.exclude(pk__in=[role.pk for role in roles.values()]).delete()
    for index, (layer, asked) in enumerate(zip(layers, spec.layers, strict=True)):
        if asked.participants is not None and asked.kind in (Layer.Kind.TURNS, Layer.Kind.PEOPLE):
            _write_roster(layer, asked.participants, index, now=now)
    if kept is None:
        # Only now that everything is written does it say who was on.
        Rotation.objects.filter(pk=row.pk).update(kept_until=_beginning(spec, now))
        keep_history(row, now=now)
    if not quietly:
        tell(row, looked, change="the rotation was changed" if kept else "the rotation is new", now=now)
    return held(row)


def _latest(rotation: Rotation | None, spec: RotationSpec, now: datetime) -> datetime:
    """When the last of what is asked for begins: what it changes by then is told."""
    zone = ZoneInfo(spec.time_zone)
    starts = [first(layer.start_local, zone) for layer in spec.layers if layer.start_local is not None]
    changes = [layer.valid_from for layer in spec.layers if layer.valid_from is not None]
    stored = rotation.layers.all() if rotation is not None else ()
    handoffs = [handoff.at for layer in stored if (handoff := next_in(layer, now=now))]
    return max([now, *starts, *changes, *handoffs])


def _beginning(spec: RotationSpec, now: datetime) -> datetime:
    """From when on a new rotation's history is known: from its first handoff, but no more than a year back."""
    starts = [
        first(layer.start_local, ZoneInfo(spec.time_zone))
        for layer in spec.layers
        if layer.start_local is not None and layer.kind == Layer.Kind.TURNS
    ]
    return max(min([now, *starts]), now - TAKEN_OVER)


def _write_roles(rotation: Rotation, specs: Sequence[RoleSpec]) -> dict[str, Role]:
    stored = {role.pk: role for role in rotation.roles.all()}
    keys = matched([(spec.key, spec.name.strip()) for spec in specs], {pk: role.name for pk, role in stored.items()})
    roles = [stored[key] if key is not None else Role(rotation=rotation) for key in keys]
    was = {role.pk: role.name for role in roles if role.pk}
    # Two may swap names, which are unique: first each of them has one that nobody else has.
    for role, spec in zip(roles, specs, strict=True):
        if role.pk and role.name != spec.name.strip():
            Role.objects.filter(pk=role.pk).update(name=f"·{role.pk}")
            rotation.served.filter(role=role.name).update(role=f"·{role.pk}")
    for position, (role, spec) in enumerate(zip(roles, specs, strict=True), start=1):
        role.name, role.position, role.user_group = spec.name.strip(), position, spec.user_group.strip()
        role.save()
    for role in roles:
        # The same role under another name keeps its past, unless another role of that name has one of its own.
        aside = rotation.served.filter(role=f"·{role.pk}")
        taken = rotation.served.filter(role=role.name).exists()
        aside.update(role=was.get(role.pk, role.name) if taken else role.name)
    return {role.name: role for role in roles}


def _write_layers(
    rotation: Rotation, specs: Sequence[LayerSpec], roles: dict[str, Role], *, now: datetime
) -> list[Layer]:
    stored = {layer.pk: layer for layer in rotation.layers.all()}
    names = [name_of(spec, index) for index, spec in enumerate(specs)]
    keys = matched(
        [(spec.key, name) for spec, name in zip(specs, names, strict=True)],
        {pk: layer.name for pk, layer in stored.items()},
    )
    layers = [stored[key] if key is not None else Layer(rotation=rotation) for key in keys]
    for layer, name in zip(layers, names, strict=True):
        if layer.pk and layer.name != name:
            Layer.objects.filter(pk=layer.pk).update(name=f"·{layer.pk}")
    for layer, spec, name in zip(layers, specs, names, strict=True):
        started = layer.start_local
        _fill(layer, spec, roles[spec.role.strip()], name)
        layer.save()
        if started != layer.start_local:
            _begin_anew(layer, now=now)
    return layers


def matched(asked: Sequence[tuple[int | None, str]], stored: Mapping[int, str]) -> list[int | None]:
    """For each that is asked for, by key and name, the key of the stored one it means; None for a new one."""
    claimed = {key for key, _ in asked if key in stored}
    by_name = {name: key for key, name in stored.items() if key not in claimed}
    return [key if key in stored else by_name.get(name) for key, name in asked]


def _fill(layer: Layer, spec: LayerSpec, role: Role, name: str) -> None:
    layer.role, layer.name, layer.priority, layer.kind = role, name, spec.priority, spec.kind
    layer.valid_from, layer.valid_until = spec.valid_from, spec.valid_until
    layer.active_days = [day for day in WEEK if day in spec.active_days]
    layer.active_from, layer.active_to = spec.active_from, spec.active_to
    layer.shift_kind = spec.shift_kind if spec.kind in (Layer.Kind.SHIFTS, Layer.Kind.CALENDAR) else ""
    by_calendar = spec.kind == Layer.Kind.CALENDAR
    layer.calendar = Calendar.objects.get(name=spec.calendar.strip()) if by_calendar else None
    if spec.kind == Layer.Kind.TURNS and spec.start_local is not None:
        layer.unit, layer.length, layer.advance = spec.unit, spec.length, spec.advance
        layer.start_date, layer.start_time = spec.start_local.date(), spec.start_local.time()
        layer.index_offset, layer.turn_active_minutes = spec.index_offset, spec.turn_active_minutes


def _begin_anew(layer: Layer, *, now: datetime) -> None:
    """A layer that is to begin in the future begins with the first of its roster, however it went on before."""
    if layer.start_local is None or first(layer.start_local, ZoneInfo(layer.rotation.time_zone)) <= now:
        return
    rosters = list(layer.rosters.all())
    in_force = [roster for roster in rosters if roster.effective_at is None or roster.effective_at <= now]
    if in_force:
        layer.rosters.filter(pk__in=[roster.pk for roster in in_force[:-1]]).delete()
        layer.rosters.filter(pk=in_force[-1].pk).update(effective_at=None, offset=0)


def _write_roster(layer: Layer, participants: Sequence[Sequence[str]], index: int, *, now: datetime) -> None:
    """The layer's roster is another one from its next handoff, unless it is this now or was planned to be."""
    asked = tuple(tuple(email.strip().lower() for email in turn) for turn in participants)
    rosters = list(layer.rosters.prefetch_related("participants__agent"))
    in_force = [roster for roster in rosters if roster.effective_at is None or roster.effective_at <= now]
    if any(roster.turns == asked for roster in [*in_force[-1:], *rosters[-1:]]):
        return
    try:
        put_roster(layer, asked, now=now)
    except RotationRefused as refused:
        raise RotationRefused({f"layers.{index}.{path}": said for path, said in refused.errors.items()}) from refused
