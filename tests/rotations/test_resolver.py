"""What the resolver promises of any definition, and its rules one by one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.rotations.resolving.definition import Active, Advance, Definition, Entry, Layer, Override, Turns
from apps.rotations.resolving.resolver import Because, Schedule, on_at, resolve
from apps.rotations.resolving.wallclock import Unit, first, last

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 3, 20, tzinfo=UTC)
END = datetime(2026, 4, 10, tzinfo=UTC)
PEOPLE = ["ana", "ben", "cem", "dot"]
ROLES = ["primary", "backup"]

people = st.sampled_from(PEOPLE)
instants = st.integers(-3, 24 * 24).map(lambda hours: START + timedelta(hours=hours))
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
windows = st.builds(Active, st.frozensets(st.integers(0, 6), min_size=1), times, times)
turns = st.builds(
    Turns,
    unit=st.sampled_from(Unit),
    start_local=st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 5)).map(lambda at: at.replace(microsecond=0)),
    participants=st.lists(st.lists(people, min_size=1, max_size=2, unique=True).map(tuple), max_size=4).map(tuple),
    length=st.integers(1, 5),
    index_offset=st.integers(-3, 3),
    turn_active=st.none() | st.integers(1, 3000).map(lambda minutes: timedelta(minutes=minutes)),
)
daily = st.builds(
    Turns,
    unit=st.just(Unit.DAY),
    start_local=st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 5)).map(lambda at: at.replace(microsecond=0)),
    participants=st.lists(people.map(lambda person: (person,)), min_size=1, max_size=4).map(tuple),
    length=st.integers(1, 3),
    advance=st.just(Advance.ACTIVE_DAY),
)
entries = st.lists(
    st.builds(
        lambda start, hours, who: Entry(start, start + timedelta(hours=hours), (who,)),
        instants,
        st.integers(1, 50),
        people,
    ),
    max_size=4,
).map(tuple)
layers = st.builds(
    Layer,
    role=st.sampled_from(ROLES),
    priority=st.integers(0, 2),
    people=st.lists(people, max_size=1).map(tuple),
    turns=st.none() | turns | daily,
    entries=entries,
    active=st.none() | windows,
    valid_from=st.none() | instants,
    valid_until=st.none() | instants,
)
overrides = st.builds(
    lambda start, hours, remove, add, role: Override(start, start + timedelta(hours=hours), remove, add, role),
    instants,
    st.integers(1, 100),
    people | st.just(""),
    people | st.just("zoe"),
    st.sampled_from(["", *ROLES]),
)
definitions = st.builds(
    Definition,
    zone=st.sampled_from([LONDON, ZoneInfo("America/Chicago"), ZoneInfo("Australia/Lord_Howe")]),
    layers=st.lists(layers, max_size=4).map(tuple),
    overrides=st.lists(overrides, max_size=4).map(tuple),
)


def answers(schedule: Schedule, role: str, at: datetime) -> list[tuple[str, ...]]:
    """Everything the schedule says of the role at the instant."""
    said = [shift.people for shift in schedule.shifts if shift.role == role and shift.start <= at < shift.end]
    return said + [() for gap in schedule.gaps if gap.role == role and gap.start <= at < gap.end]


@settings(max_examples=150, deadline=None)
@given(definitions)
def test_every_instant_has_one_answer_and_intervals_are_half_open_and_ordered(definition: Definition) -> None:
    schedule = resolve(definition, START, END)

    for role in definition.roles:
        pieces = sorted(
            [(shift.start, shift.end, shift.on) for shift in schedule.shifts if shift.role == role]
            + [(gap.start, gap.end, ()) for gap in schedule.gaps if gap.role == role],
            key=lambda piece: piece[0],
        )
        assert (pieces[0][0], pieces[-1][1]) == (START, END)
        assert all(start < end for start, end, _ in pieces)
        assert all(one[1] == other[0] and one[2] != other[2] for one, other in pairwise(pieces))
        assert all(len({each.person for each in on}) == len(on) for _, _, on in pieces)


@settings(max_examples=150, deadline=None)
@given(definitions, st.lists(st.integers(0, 21 * 24 * 60 - 1), min_size=1, max_size=20))
def test_who_is_on_at_an_instant_is_what_the_schedule_says_whatever_its_window(
    definition: Definition, minutes: list[int]
) -> None:
    schedule = resolve(definition, START, END)

    for minute in minutes:
        at = START + timedelta(minutes=minute)
        asked = on_at(definition, at)
        narrow = resolve(definition, at - timedelta(hours=1), at + timedelta(hours=1))
        for role in definition.roles:
            on = tuple(each.person for each in asked[role])
            assert answers(schedule, role, at) == answers(narrow, role, at) == [on]


@settings(max_examples=150, deadline=None)
@given(definitions, overrides, st.lists(st.integers(0, 21 * 24 * 60 - 1), min_size=1, max_size=20))
def test_an_override_never_leaks_outside_its_interval(
    definition: Definition, override: Override, minutes: list[int]
) -> None:
    more = Definition(definition.zone, definition.layers, (*definition.overrides, override))

    for minute in minutes:
        at = START + timedelta(minutes=minute)
        before, after = on_at(definition, at), on_at(more, at)
        if not override.start <= at < override.end:
            assert after == before


@settings(max_examples=150, deadline=None)
@given(definitions)
def test_a_person_in_two_roles_at_once_is_a_double_and_nobody_else_is(definition: Definition) -> None:
    schedule = resolve(definition, START, END)

    for hour in range(0, 21 * 24, 5):
        at = START + timedelta(hours=hour)
        held = {role: {each.person for each in on} for role, on in on_at(definition, at).items()}
        twice = {person for person in {*PEOPLE, "zoe"} if sum(person in on for on in held.values()) > 1}
        assert {double.person for double in schedule.doubles if double.start <= at < double.end} == twice


def weekly(*who: str, role: str = "primary", priority: int = 0) -> Layer:
    """Turns of a week from Monday 23 March 2026, nine o'clock in London."""
    participants = tuple((person,) for person in who)
    return Layer(role, priority, turns=Turns(Unit.WEEK, datetime(2026, 3, 23, 9), participants))


def at(definition: Definition, instant: str, role: str = "primary") -> tuple[str, ...]:
    return tuple(each.person for each in on_at(definition, datetime.fromisoformat(instant))[role])


def test_the_incoming_person_owns_the_handoff_and_the_wall_decides_when_it_is() -> None:
    definition = Definition(LONDON, (weekly("ana", "ben"),))

    # London's clocks went forward on 29 March.
    assert at(definition, "2026-03-30T07:59:59Z") == ("ana",)
    assert at(definition, "2026-03-30T08:00:00Z") == ("ben",)


def test_before_the_start_it_is_nobodys() -> None:
    definition = Definition(LONDON, (weekly("ana", "ben"),))

    assert at(definition, "2026-03-23T08:59:59Z") == ()


def test_the_highest_priority_with_somebody_wins_and_equal_ones_are_together() -> None:
    night = Layer("primary", 5, people=("eve",), active=Active(frozenset(range(7)), time(22), time(6)))
    definition = Definition(LONDON, (weekly("ana"), Layer("primary", people=("cem",)), night))

    assert at(definition, "2026-03-25T23:00:00Z") == ("eve",)
    assert at(definition, "2026-03-25T12:00:00Z") == ("ana", "cem")


def test_a_layer_is_there_from_its_beginning_until_before_its_end() -> None:
    bounded = Layer(
        "primary",
        people=("ana",),
        valid_from=datetime(2026, 3, 25, tzinfo=UTC),
        valid_until=datetime(2026, 3, 26, tzinfo=UTC),
    )
    definition = Definition(LONDON, (bounded,))

    said = [at(definition, f"2026-03-{instant}Z") for instant in ("24T23:59:59", "25T00:00:00", "26T00:00:00")]
    assert said == [(), ("ana",), ()]


def test_a_replacement_acts_only_while_the_replaced_person_is_on_and_fills_no_hole() -> None:
    layer = Layer(
        "primary",
        active=Active(frozenset(range(5)), time(9), time(17)),
        turns=Turns(Unit.DAY, datetime(2026, 3, 23, 9), (("ana",), ("ben",))),
    )
    override = Override(datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC), remove="ana", add="zoe")

    schedule = resolve(Definition(LONDON, (layer,), (override,)), override.start, override.end)

    assert [(shift.start.day, shift.people) for shift in schedule.shifts] == [
        (23, ("zoe",)),
        (24, ("ben",)),
        (25, ("zoe",)),
        (26, ("ben",)),
        (27, ("zoe",)),
    ]
    assert all(shift.end - shift.start == timedelta(hours=8) for shift in schedule.shifts)


def test_of_two_overrides_neither_acts_on_what_the_other_put_there() -> None:
    start, end = datetime(2026, 3, 24, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC)
    swap = (Override(start, end, "ana", "ben", "primary"), Override(start, end, "ben", "ana", "backup"))
    definition = Definition(LONDON, (weekly("ana"), weekly("ben", role="backup")), swap)

    assert (at(definition, "2026-03-24T12:00:00Z"), at(definition, "2026-03-24T12:00:00Z", "backup")) == (
        ("ben",),
        ("ana",),
    )


def test_weekdays_counted_as_calendar_days_leave_people_out_and_as_active_days_they_do_not() -> None:
    weekdays = Active(frozenset(range(5)))
    seven = tuple((person,) for person in "abcdefg")

    def served(advance: Advance) -> set[str]:
        turns = Turns(Unit.DAY, datetime(2026, 3, 23), seven, advance=advance)
        definition = Definition(LONDON, (Layer("primary", turns=turns, active=weekdays),))
        schedule = resolve(definition, datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
        return {person for shift in schedule.shifts for person in shift.people}

    assert served(Advance.CALENDAR) == set("abcde")
    assert served(Advance.ACTIVE_DAY) == set("abcdefg")


def test_why_somebody_is_on_is_said() -> None:
    override = Override(datetime(2026, 3, 24, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC), "ana", "zoe")
    definition = Definition(LONDON, (weekly("ana", "ben"),), (override,))

    [later] = on_at(definition, datetime(2026, 4, 1, tzinfo=UTC))["primary"]
    [instead] = on_at(definition, datetime(2026, 3, 24, 12, tzinfo=UTC))["primary"]
    assert later.because == Because(layer=0, turn=1)
    assert instead.because == Because(override=0)


@pytest.mark.parametrize(
    ("local", "zone", "one", "other"),
    [
        # Clocks back: the hour comes twice.
        (datetime(2026, 10, 25, 1, 30), "Europe/London", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        # Clocks forward: the hour is skipped.
        (datetime(2026, 3, 29, 1, 30), "Europe/London", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        # By half an hour.
        (datetime(2026, 10, 4, 2, 10), "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z"),
        # At midnight.
        (datetime(2026, 9, 6, 0, 30), "America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z"),
        # A whole day.
        (datetime(2011, 12, 30, 9), "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
    ],
)
def test_a_time_on_the_wall_has_a_first_and_a_last_instant(local: datetime, zone: str, one: str, other: str) -> None:
    assert first(local, ZoneInfo(zone)) == datetime.fromisoformat(one)
    assert last(local, ZoneInfo(zone)) == datetime.fromisoformat(other)
