"""A rotation as somebody asks for it, whichever door they came through. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True)
class RoleSpec:
    """A role. `key` is that of the stored role it changes; without one it is the role of that name."""

    name: str
    user_group: str = ""
    key: int | None = None


@dataclass(frozen=True)
class LayerSpec:
    """A layer; only what its `kind` (turns, people, shifts or calendar) asks for is looked at. Roles by name.

    start_local: the first handoff, naive, on the wall of the rotation's zone. participants: emails by turn; None
    leaves the roster as it is, and another one than now takes effect at the next handoff. active_days: MO … SU; no days
    and no times are no window. calendar: its name. `key` is that of the stored layer it changes; without one it is the
    layer of that name.
    """

    role: str
    name: str = ""
    priority: int = 0
    kind: str = "turns"
    unit: str = "week"
    length: int = 1
    start_local: datetime | None = None
    index_offset: int = 0
    advance: str = "calendar"
    turn_active_minutes: int | None = None
    active_days: tuple[str, ...] = ()
    active_from: time | None = None
    active_to: time | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    shift_kind: str = ""
    calendar: str = ""
    participants: tuple[tuple[str, ...], ...] | None = None
    key: int | None = None


@dataclass(frozen=True)
class RotationSpec:
    """A whole rotation: what it does not name of roles and layers goes. Team by slug, channel by Slack id."""

    team: str
    slug: str
    name: str
    time_zone: str
    channel: str = ""
    roles: tuple[RoleSpec, ...] = ()
    layers: tuple[LayerSpec, ...] = ()
