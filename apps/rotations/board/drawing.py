"""What the timeline's script is given: rows, and segments in the wall-clock time of the zone that is shown. Pure.

The script draws times as they are written, so all arithmetic of zones stays here and in the resolver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.rotations.board.shape import Acting, LayerRow, Segment
from apps.rotations.resolving.wallclock import on_the_wall
from apps.rotations.timeline import Duty

NOBODY = "Nobody"
# The row of gaps where the rows are people; no email is one character.
GAPS = "-"
HUES = 8


@dataclass(frozen=True)
class Words:
    """How people are called and instants are spelled, and which of so many hues is somebody's, to be found by it."""

    called: Callable[[str], str]
    spelled: Callable[[datetime], str]
    hues: Mapping[str, int]

    def names(self, people: Sequence[str]) -> str:
        return names(people, self.called)

    def ends(self, of: Duty | Acting) -> dict[str, str]:
        """For what has no line in the table."""
        return {"from": self.spelled(of.start), "until": self.spelled(of.end)}

    def hue(self, people: Sequence[str]) -> dict[str, int]:
        """Of the first; nothing where nobody is."""
        return {"hue": self.hues[people[0]] % HUES} if people and people[0] in self.hues else {}


def by_role(
    roles: Sequence[str],
    found: Sequence[Segment],
    layers: Sequence[LayerRow],
    overrides: Sequence[Acting],
    *,
    words: Words,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """A row a role with the final schedule; its layers and its overrides are rows of their own below it."""
    rows: list[dict[str, Any]] = []
    drawn = [
        _final(number, segment, f"r{roles.index(segment.role)}", words, zone) for number, segment in enumerate(found)
    ]
    for place, role in enumerate(roles):
        below: list[dict[str, Any]] = []
        for layer in (each for each in layers if each.role == role):
            row = f"r{place}l{len(below)}"
            below.append({"id": row, "title": layer.name, "kind": "layer"})
            drawn += [_of_layer(duty, row, words, zone) for duty in layer.duties]
        acting = [each for each in overrides if each.role in ("", role)]
        if acting:
            row = f"r{place}o"
            below.append({"id": row, "title": "Overrides", "kind": "overrides"})
            drawn += [_of_override(each, row, words, zone) for each in acting]
        rows.append({"id": f"r{place}", "title": role, "kind": "final", "children": below})
    return {"rows": rows, "segments": drawn}


def by_person(people: Mapping[str, str], found: Sequence[Segment], *, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """A row a person, whoever they are on with, and first a row of gaps where there are any.

    people: email to name, in order.
    """
    rows, drawn = [], []
    numbered = list(enumerate(found))
    if gaps := [(number, segment) for number, segment in numbered if segment.gap]:
        rows.append({"id": GAPS, "title": NOBODY, "kind": "gaps"})
        drawn += [_of_person(number, gap, GAPS, words, zone) for number, gap in gaps]
    for email, name in people.items():
        rows.append({"id": email, "title": name, "kind": "person"})
        drawn += [
            _of_person(number, segment, email, words, zone) for number, segment in numbered if email in segment.people
        ]
    return {"rows": rows, "segments": drawn}


def marks(segment: Segment) -> list[str]:
    """What is remarkable, in words that choose the sign and the pattern of the segment."""
    said = {
        "gap": segment.gap,
        "override": bool(segment.overrides),
        "double": bool(segment.doubles),
        "leave": bool(segment.leaves),
    }
    return [word for word, is_so in said.items() if is_so]


def names(people: Sequence[str], called: Callable[[str], str]) -> str:
    """Everybody's, or that it is nobody."""
    return ", ".join(called(person) for person in people) or NOBODY


def _final(number: int, segment: Segment, row: str, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "row": row,
        "line": number,
        "title": words.names(segment.people),
        "marks": marks(segment),
        **words.hue(segment.people),
        **_span(segment, zone),
    }


def _of_person(number: int, segment: Segment, row: str, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "row": row,
        "line": number,
        "title": segment.role,
        "marks": marks(segment),
        **words.hue((row,)),
        **_span(segment, zone),
    }


def _of_layer(duty: Duty, row: str, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "row": row,
        "title": words.names(duty.people),
        "marks": ["layer"],
        "says": next(iter(dict.fromkeys(each.because for each in duty.on)), ""),
        **words.hue(duty.people),
        **words.ends(duty),
        **_span(duty, zone),
    }


def _of_override(override: Acting, row: str, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    add, remove = words.called(override.add), words.called(override.remove)
    if override.add and override.remove:
        title = f"{add} for {remove}"
    else:
        title = f"{add} as well" if override.add else f"without {remove}"
    hue = words.hue((override.add,)) if override.add else {}
    return {
        "row": row,
        "override": override.key,
        "title": title,
        "marks": ["override"],
        **hue,
        **words.ends(override),
        **_span(override, zone),
    }


def _span(of: Segment | Duty | Acting, zone: ZoneInfo) -> dict[str, str]:
    start, end = on_the_wall(of.start, zone), on_the_wall(of.end, zone)
    # In the hour that comes twice the clock shows an end that is not after its start.
    end = end if end > start else start + (of.end - of.start)
    return {"start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds")}
