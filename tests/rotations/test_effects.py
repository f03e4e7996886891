"""What a change is warned about, and what it moves."""

from __future__ import annotations

from datetime import timedelta

from apps.rotations.effects import Hours, Leave, LeaveConflict, Moved, effect
from apps.rotations.resolving.resolver import Double, Gap
from apps.rotations.timeline import Duty, OnDuty, Timeline
from tests.make import NOW

DAY = timedelta(days=1)


def duty(role: str, first: int, last: int, *people: str) -> Duty:
    return Duty(role, NOW + first * DAY, NOW + last * DAY, tuple(OnDuty(person, "turn") for person in people))


def timeline(*duties: Duty) -> Timeline:
    return Timeline(NOW, NOW + 4 * DAY, tuple(dict.fromkeys(each.role for each in duties)), duties)


BEFORE = timeline(duty("primary", 0, 2, "ana"), duty("primary", 2, 4, "ben"), duty("backup", 0, 4, "cem"))
AFTER = timeline(
    duty("primary", 0, 1, "ana"),
    duty("primary", 1, 2, "cem"),
    duty("primary", 2, 3),
    duty("primary", 3, 4, "ben"),
    duty("backup", 0, 4, "cem"),
)


def test_gaps_and_doubles_are_those_of_after() -> None:
    found = effect(BEFORE, AFTER)

    assert found.gaps == (Gap("primary", NOW + 2 * DAY, NOW + 3 * DAY),)
    assert found.doubles == (Double("cem", ("primary", "backup"), NOW + DAY, NOW + 2 * DAY),)
    assert found.warned


def test_hours_are_told_before_and_after_and_two_roles_at_once_count_once() -> None:
    assert effect(BEFORE, AFTER).hours == (
        Hours("ana", 2 * DAY, DAY),
        Hours("ben", 2 * DAY, DAY),
        Hours("cem", 4 * DAY, 4 * DAY),
    )


def test_what_moves_names_who_was_and_who_is_on() -> None:
    found = effect(BEFORE, AFTER)

    assert found.moved == (
        Moved("primary", NOW + DAY, NOW + 2 * DAY, ("ana",), ("cem",)),
        Moved("primary", NOW + 2 * DAY, NOW + 3 * DAY, ("ben",), ()),
    )
    assert found.affected == ("ana", "cem", "ben")


def test_who_is_in_a_roster_and_never_serves_is_named_unless_they_left() -> None:
    found = effect(None, AFTER, named=["ana", "dot", "eli"], deactivated=["eli"])

    assert found.never == ("dot",)
    assert found.deactivated == ("eli",)


def test_a_leave_that_a_shift_falls_into_is_a_conflict() -> None:
    holiday = Leave("ana", NOW - DAY, NOW + DAY, "Holiday")

    assert effect(None, BEFORE, leaves=[holiday]).leaves == (
        LeaveConflict("ana", "primary", NOW, NOW + DAY, "Holiday"),
    )


def test_the_same_before_and_after_moves_nobody_and_warns_of_nothing() -> None:
    found = effect(BEFORE, BEFORE)

    assert (found.moved, found.warned) == ((), False)


def test_a_new_rotation_moves_everybody_it_names() -> None:
    assert effect(None, BEFORE).affected == ("ana", "ben", "cem")
