"""A stored rotation as a spec, to start a change from: saving it again changes nothing."""

from __future__ import annotations

from apps.rotations.models import Layer, Rotation
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec


def spec_of(rotation: Rotation) -> RotationSpec:
    """What the rotation says now; its rosters stay as they are."""
    return RotationSpec(
        team=rotation.team.slug,
        slug=rotation.slug,
        name=rotation.name,
        time_zone=rotation.time_zone,
        channel=rotation.channel.slack_id if rotation.channel else "",
        roles=tuple(RoleSpec(role.name, role.user_group, role.pk) for role in rotation.roles.all()),
        layers=tuple(layer_spec(layer) for layer in rotation.layers.all()),
    )


def layer_spec(layer: Layer) -> LayerSpec:
    """What the layer says now."""
    return LayerSpec(
        role=layer.role.name,
        name=layer.name,
        priority=layer.priority,
        kind=layer.kind,
        unit=layer.unit,
        length=layer.length,
        start_local=layer.start_local,
        index_offset=layer.index_offset,
        advance=layer.advance,
        turn_active_minutes=layer.turn_active_minutes,
        active_days=tuple(layer.active_days),
        active_from=layer.active_from,
        active_to=layer.active_to,
        valid_from=layer.valid_from,
        valid_until=layer.valid_until,
        shift_kind=layer.shift_kind,
        calendar=layer.calendar.name if layer.calendar else "",
        key=layer.pk,
    )
