"""Before and after as lines of what went, came and stayed. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

GONE, CAME, STAYED, LEFT_OUT = "gone", "came", "stayed", "left out"
# Of what stayed, so many lines beside a change are shown.
AROUND = 2
# Comparing longer texts line by line takes too long for a page.
MOST_LINES = 400


@dataclass(frozen=True)
class Line:
    """One line of a value; `mark` says whether it went, came, stayed, or stands for such as are not shown."""

    mark: str
    text: str


@dataclass(frozen=True)
class Change:
    """What became of one field."""

    name: str
    lines: tuple[Line, ...]


def changes_in(payload: Mapping[str, Any], spoken: Callable[[str], str] = str) -> list[Change]:
    """The changes a payload tells of: its `changes` by field, or its `before` and `after`.

    `spoken` says a text as people do, such as an instant in their zone.
    """
    by_field = payload.get("changes")
    if isinstance(by_field, Mapping):
        return [
            Change(in_words(name), compared(pair[0], pair[1], spoken))
            for name, pair in by_field.items()
            if _is_pair(pair)
        ]
    if "before" in payload and "after" in payload:
        old, new = payload["before"], payload["after"]
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return [Change(in_words(name), compared(old.get(name), new.get(name), spoken)) for name in {**old, **new}]
        return [Change("before and after", compared(old, new, spoken))]
    return []


def told_by_changes(payload: Mapping[str, Any]) -> frozenset[str]:
    """The names of the fields that `changes_in` has told of."""
    by_field = payload.get("changes")
    if isinstance(by_field, Mapping):
        return frozenset({"changes"}) if all(_is_pair(pair) for pair in by_field.values()) else frozenset()
    return frozenset({"before", "after"}) if {"before", "after"} <= payload.keys() else frozenset()


def compared(before: Any, after: Any, spoken: Callable[[str], str] = str) -> tuple[Line, ...]:
    """The lines of both: what went before what came, and of what stayed only what is near."""
    old, new = lines_of(before, spoken), lines_of(after, spoken)
    if max(len(old), len(new)) > MOST_LINES:
        return (*(Line(GONE, text) for text in old[:MOST_LINES]), *(Line(CAME, text) for text in new[:MOST_LINES]))
    lines: list[Line] = []
    for tag, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines.extend(Line(STAYED, text) for text in old[i:j])
        else:
            lines.extend(Line(GONE, text) for text in old[i:j])
            lines.extend(Line(CAME, text) for text in new[k:m])
    return tuple(_near(lines))


def lines_of(value: Any, spoken: Callable[[str], str] = str) -> list[str]:
    """A value as lines: a text by its own, a list by its items, an object by its fields. Nothing has none."""
    if value is None or value == "" or value == [] or value == {}:
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, str):
        return [spoken(line) for line in value.splitlines() or [value]]
    if isinstance(value, list):
        return [_item(held, spoken) for held in value]
    if isinstance(value, Mapping):
        return [f"{in_words(str(name))}: {_item(held, spoken)}" for name, held in value.items()]
    return [str(value)]


def in_words(name: str) -> str:
    """A field's name for a person."""
    return name.replace("_", " ")


def _item(value: Any, spoken: Callable[[str], str]) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{in_words(str(name))} {_item(held, spoken)}" for name, held in value.items())
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(lines_of(value, spoken)) or "–"


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2


def _near(lines: list[Line]) -> Iterator[Line]:
    """The lines, with what stayed far from any change as one line that says how many those are."""
    changed = [index for index, line in enumerate(lines) if line.mark != STAYED]
    near = {index + step for index in changed for step in range(-AROUND, AROUND + 1)}
    skipped = 0
    for index, line in enumerate(lines):
        if index in near or not changed:
            if skipped:
                yield _left_out(skipped)
            skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield _left_out(skipped)


def _left_out(count: int) -> Line:
    return Line(LEFT_OUT, "1 line is the same" if count == 1 else f"{count} lines are the same")
