"""When cycles begin, swap and end, and when what is to be done in them is due: over a year, clocks moving."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.rotations.cycles import pairs, phases
from apps.rotations.cycles.pairs import Form, Group
from apps.rotations.cycles.phases import DAILY, HANDOVER, MONITOR, ONCE, START, SWAP, TWICE, WEEKLY, Rules
from apps.rotations.resolving.definition import Definition, Layer, Turns
from apps.rotations.resolving.resolver import resolve
from apps.rotations.resolving.wallclock import Unit

ZONES = ["Europe/London", "America/Chicago", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = datetime(2026, 1, 5, 9)


def rules(zone: str = "Europe/London", **fields: object) -> Rules:
    return Rules(**{"zone": ZoneInfo(zone), "start_local": FIRST, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_cycles_of_a_year_lie_end_to_end_and_each_hour_is_in_one(zone: str, weeks: int) -> None:
    of = rules(zone, weeks=weeks)
    instant = phases.span(of, 1).starts_at
    held = phases.span_at(of, instant)
    for _ in range(366 * 24):
        found = phases.span_at(of, instant)
        assert found.starts_at <= instant < found.ends_at
        if found != held:
            assert (found.number, found.starts_at) == (held.number + 1, held.ends_at)
        local = found.starts_at.astimezone(of.zone)
        assert (local.weekday(), local.time()) == (0, time(9))
        held, instant = found, instant + HOUR


def test_before_the_first_cycle_it_is_the_first_that_comes() -> None:
    assert phases.span_at(rules(), datetime(2020, 1, 1, tzinfo=UTC)).number == 1


@pytest.mark.parametrize("zone", ZONES)
def test_whatever_is_due_in_a_year_is_within_its_cycle_and_on_its_day(zone: str) -> None:
    of = rules(zone)
    for number in range(1, 27):
        cycle = phases.span(of, number)
        final = phases.handover_due(of, cycle)
        local = final.astimezone(of.zone)
        assert cycle.starts_at < final < cycle.ends_at
        assert (local.weekday(), local.time()) == (4, time(17))
        assert cycle.ends_at - final <= 3 * DAY
        for part, repeats, hours in ((START, ONCE, 8), (MONITOR, DAILY, 8), (MONITOR, TWICE, 8), (SWAP, ONCE, 0)):
            for due in phases.dues(of, cycle, part=part, repeats=repeats, hours=hours):
                assert cycle.starts_at < due <= cycle.ends_at
                assert due.astimezone(of.zone).weekday() < 5


def test_a_friday_that_the_calendar_skips_is_due_as_the_saturday_begins() -> None:
    # Apia had no 30 December 2011.
    of = rules("Pacific/Apia", start_local=datetime(2011, 12, 19, 9))

    due = phases.handover_due(of, phases.span(of, 1))

    assert due.astimezone(of.zone) == datetime(2011, 12, 31, tzinfo=of.zone)


def test_a_working_fortnight_has_ten_days_and_two_hand_overs() -> None:
    # The clocks go forward on 29 March.
    of = rules(start_local=datetime(2026, 3, 23, 9))
    cycle = phases.span(of, 1)

    daily = phases.dues(of, cycle, part=MONITOR, repeats=DAILY, hours=8)
    twice = phases.dues(of, cycle, part=MONITOR, repeats=TWICE, hours=8)
    weekly = phases.dues(of, cycle, part=MONITOR, repeats=WEEKLY, hours=8)

    assert [len(daily), len(twice), len(weekly)] == [10, 20, 2]
    assert daily[0] == datetime(2026, 3, 23, 17, tzinfo=UTC)
    assert daily[-1] == datetime(2026, 4, 3, 16, tzinfo=UTC)
    assert phases.dues(of, cycle, part=SWAP, repeats=ONCE, hours=0) == [datetime(2026, 3, 27, 17, tzinfo=UTC)]
    assert phases.dues(of, cycle, part=HANDOVER, repeats=ONCE, hours=0) == [datetime(2026, 4, 3, 16, tzinfo=UTC)]


def test_without_a_hand_over_at_mid_cycle_nothing_is_due_for_it() -> None:
    of = rules(mid_cycle=False)

    assert phases.dues(of, phases.span(of, 1), part=SWAP, repeats=ONCE, hours=0) == []


def test_a_run_goes_from_start_to_monitor_to_hand_over_and_never_back() -> None:
    of = rules(start_local=datetime(2026, 3, 23, 9))
    cycle = phases.span(of, 1)
    order = [START, MONITOR, HANDOVER]
    seen, instant = [], cycle.starts_at
    while instant < cycle.ends_at:
        seen.append(order.index(phases.phase_at(of, cycle, instant, started=False)))
        instant += HOUR

    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2}
    # A day on the wall each: Start's, and the one before the hand-over is due.
    assert seen.count(0) == 24
    assert phases.handover_from(of, cycle) == datetime(2026, 4, 2, 16, tzinfo=UTC)
    assert phases.phase_at(of, cycle, cycle.starts_at, started=True) == MONITOR


GROUPS = [Group("lea", ("ana", "ben", "cem", "dot")), Group("max", ("eli", "fay", "gus", "hal"))]


def on_duty(form: Form, groups: list[Group], day: datetime) -> dict[str, set[str]]:
    layers = tuple(
        Layer(
            role=spec.role,
            turns=Turns(
                Unit(spec.unit), FIRST, spec.participants or (), length=spec.length, index_offset=spec.index_offset
            ),
        )
        for spec in pairs.layers(form, groups, start_local=FIRST)
    )
    found: dict[str, set[str]] = {}
    for shift in resolve(Definition(ZoneInfo("Europe/London"), layers), day, day + HOUR).shifts:
        found.setdefault(shift.role, set()).update(each.person for each in shift.on)
    return found


@pytest.mark.parametrize("count", [1, 2])
def test_over_a_year_each_of_two_shifts_swaps_at_mid_cycle(count: int) -> None:
    for week in range(52):
        group = GROUPS[week // 2 % count]
        a, b, c, d = group.engineers
        first, second = ({a, c}, {b, d}) if week % 2 == 0 else ({b, d}, {a, c})
        day = datetime(2026, 1, 7, 12, tzinfo=UTC) + week * 7 * DAY

        assert on_duty(Form.CONCURRENT, GROUPS[:count], day) == {
            "primary": first,
            "backup": second,
            "lead": {group.lead},
        }


def test_over_a_year_the_staggered_backup_is_next_weeks_primary() -> None:
    order = [engineer for group in GROUPS for engineer in group.engineers]
    for week in range(52):
        day = datetime(2026, 1, 7, 12, tzinfo=UTC) + week * 7 * DAY

        assert on_duty(Form.STAGGERED, GROUPS, day) == {
            "primary": {order[week % 8]},
            "backup": {order[(week + 1) % 8]},
            "lead": {GROUPS[week // 4 % 2].lead},
        }
