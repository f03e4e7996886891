"""Before and after, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from apps.trail.browser.diffing import MOST_LINES, changes_in, compared, told_by_changes


def marks(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(line.mark, line.text) for line in compared(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("old", "new", [("gone", "old"), ("came", "new")]),
        (None, "new", [("came", "new")]),
        (3, None, [("gone", "3")]),
        (False, True, [("gone", "no"), ("came", "yes")]),
        (0, 1, [("gone", "0"), ("came", "1")]),
        ("", [], []),
        (["a", "b", "c"], ["a", "c", "d"], [("stayed", "a"), ("gone", "b"), ("stayed", "c"), ("came", "d")]),
        ([{"after": "PT10M"}], [{"after": "PT5M"}], [("gone", "after PT10M"), ("came", "after PT5M")]),
        ({"a_b": 1, "c": [1]}, {"a_b": 1}, [("stayed", "a b: 1"), ("gone", "c: [1]")]),
        ("x\ny\nz", "x\nY\nz", [("stayed", "x"), ("gone", "y"), ("came", "Y"), ("stayed", "z")]),
    ],
)
def test_what_went_is_before_what_came(before: Any, after: Any, lines: list[tuple[str, str]]) -> None:
    assert marks(before, after) == lines


def test_what_is_far_from_a_change_is_counted() -> None:
    before = "\n".join(str(number) for number in range(20))

    assert marks(before, before.replace("10", "ten"))[0] == ("left out", "8 lines are the same")
    assert len(marks(before, before.replace("10", "ten"))) == 2 + 4 + 2


def test_very_long_texts_are_shown_as_they_are_rather_than_compared() -> None:
    before, after = "a\n" * 5_000, "b\n" * 5_000

    lines = compared(before, after)

    assert len(lines) == 2 * MOST_LINES


def test_a_change_without_pairs_is_left_to_be_read_as_a_field() -> None:
    payload = {"changes": {"name": "new"}}

    assert changes_in(payload) == []
    assert told_by_changes(payload) == frozenset()


def test_before_and_after_of_a_payload_are_a_change() -> None:
    payload = {"number": "1", "before": "open", "after": "solved"}

    [change] = changes_in(payload, str.upper)

    assert [line.text for line in change.lines] == ["OPEN", "SOLVED"]
    assert told_by_changes(payload) == {"before", "after"}


def test_rows_before_and_after_are_a_change_of_each_column() -> None:
    payload = {"before": {"status": "new", "group_name": "a"}, "after": {"status": "solved", "group_name": None}}

    status, group = changes_in(payload)

    assert (status.name, [(line.mark, line.text) for line in status.lines]) == (
        "status",
        [("gone", "new"), ("came", "solved")],
    )
    assert (group.name, [(line.mark, line.text) for line in group.lines]) == ("group name", [("gone", "a")])
