"""What a change of a rotation means for one person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class OwnMove:
    """Somebody comes on duty in a role, or is on no longer.

    `others` are who is on instead, or who was on before somebody came, by name.
    """

    comes: bool
    role: str
    start: datetime
    end: datetime
    others: tuple[str, ...]


def own_moves(moves: Sequence[Mapping[str, Any]], email: str, names: Mapping[str, str]) -> list[OwnMove]:
    """What of a ShiftsMoved's moves is this person's, the earliest first; what lies end to end is one."""
    found: list[OwnMove] = []
    for move in moves:
        before, after = set(move["before"]), set(move["after"])
        if (email in before) == (email in after):
            continue
        comes = email in after
        others = sorted(before - after if comes else after - before)
        one = OwnMove(
            comes=comes,
            role=str(move["role"]),
            start=datetime.fromisoformat(move["start"]),
            end=datetime.fromisoformat(move["end"]),
            others=tuple(names.get(other, other) for other in others),
        )
        last = found[-1] if found else None
        if last and (last.comes, last.role, last.end) == (one.comes, one.role, one.start):
            found[-1] = replace(last, end=one.end, others=tuple(dict.fromkeys([*last.others, *one.others])))
        else:
            found.append(one)
    return sorted(found, key=lambda each: each.start)
