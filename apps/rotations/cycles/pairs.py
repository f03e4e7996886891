"""Leads and engineers as the layers of a rotation that runs in cycles. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.rotations.specs import LayerSpec, RoleSpec

PRIMARY, BACKUP, LEAD = "primary", "backup", "lead"
ROLES = (RoleSpec(PRIMARY), RoleSpec(BACKUP), RoleSpec(LEAD))
FOUR = 4
Turns = tuple[tuple[str, ...], ...]


class Form(StrEnum):
    """Two reads of the SET handbook."""

    CONCURRENT = "concurrent"
    STAGGERED = "staggered"


@dataclass(frozen=True)
class Group:
    """Whom the teams commit to one cycle, by email: a lead and four engineers.

    Concurrent: the first two are one shift, the last two the other, and who is primary first comes first. Staggered:
    in the order in which they are primary.
    """

    lead: str
    engineers: tuple[str, str, str, str]


def layers(form: Form, groups: Sequence[Group], *, start_local: datetime, weeks: int = 2) -> tuple[LayerSpec, ...]:
    """Primary, backup and lead; the groups follow one another, and after the last comes the first again.

    weeks: how long a cycle is; roles swap after half of it. Concurrent: two are primary and two are backup at once,
    and each shift's two swap. Staggered: one roster, in which whoever is backup is primary next, so that four
    engineers, and their lead, last for two cycles.
    """
    half = weeks // 2
    primary: Turns
    backup: Turns
    if form is Form.STAGGERED:
        primary = tuple((engineer,) for group in groups for engineer in group.engineers)
        backup, offset, led = primary, 1, half * FOUR
    else:
        fours = [group.engineers for group in groups]
        primary = tuple(turn for a, b, c, d in fours for turn in ((a, c), (b, d)))
        backup = tuple(turn for a, b, c, d in fours for turn in ((b, d), (a, c)))
        offset, led = 0, weeks
    return (
        LayerSpec(PRIMARY, name="Primaries", length=half, start_local=start_local, participants=primary),
        LayerSpec(
            BACKUP, name="Backups", length=half, start_local=start_local, participants=backup, index_offset=offset
        ),
        LayerSpec(
            LEAD, name="Leads", length=led, start_local=start_local, participants=tuple((each.lead,) for each in groups)
        ),
    )
