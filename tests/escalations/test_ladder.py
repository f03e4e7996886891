"""When tiers are due, and what a change of plans does to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.escalations import ladder
from apps.escalations.ladder import State, Step
from apps.sla.audiences import Audience
from apps.sla.matching import Rung

START = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

states = st.sampled_from(["waiting", "reached", "skipped", "cancelled"])
afters = st.lists(st.integers(1, 10_000), unique=True, max_size=8).map(sorted)
people = st.sampled_from("ABC").map(lambda name: Audience("agents", agents=(name,)))


def step(tier: int, minutes: int, state: State, whom: str = "A") -> Step:
    return Step(tier, START + minutes * MINUTE, state, minutes * MINUTE, Audience("agents", agents=(whom,)))


def rung(tier: int, minutes: int, whom: str = "A") -> Rung:
    return Rung(tier, minutes * MINUTE, Audience("agents", agents=(whom,)))


@st.composite
def ladders(draw: st.DrawFn) -> list[Step]:
    return [
        Step(tier, START + after * MINUTE, draw(states), after * MINUTE, draw(people))
        for tier, after in enumerate(draw(afters), start=1)
    ]


@st.composite
def rungs(draw: st.DrawFn) -> list[Rung]:
    return [Rung(tier, after * MINUTE, draw(people)) for tier, after in enumerate(draw(afters), start=1)]


def waiting_after(steps: list[Step], wanted: list[Rung]) -> list[int]:
    """The minutes after the start at which checks wait once the clock follows `wanted`."""
    plan = ladder.rearrange(steps, wanted, started_at=START, snoozed=timedelta())
    return sorted(placed.rung.after // MINUTE for placed in (*plan.add, *plan.move))


def test_a_tier_is_due_at_its_very_instant() -> None:
    steps = [step(1, 0, "waiting")]

    assert ladder.fall_due(steps, START) == (1, [])
    assert ladder.fall_due(steps, START - timedelta(microseconds=1)) == (None, [])


def test_after_an_outage_only_the_highest_due_tier_speaks() -> None:
    steps = [step(tier, tier, "waiting") for tier in (1, 2, 3, 4)]

    assert ladder.fall_due(steps, START + 3 * MINUTE) == (3, [1, 2])


@given(ladders(), st.integers(0, 11_000))
def test_whatever_is_due_is_either_reached_or_passed_over(steps: list[Step], minutes: int) -> None:
    now = START + minutes * MINUTE

    reached, passed = ladder.fall_due(steps, now)

    due = {step.tier for step in steps if step.state == "waiting" and step.due_at <= now}
    assert {*passed, *([reached] if reached else [])} == due
    assert all(tier < (reached or 0) for tier in passed)


@given(ladders(), rungs(), st.integers(0, 600))
def test_after_a_rearrangement_nothing_waits_but_what_the_plan_says(
    steps: list[Step], wanted: list[Rung], snoozed: int
) -> None:
    plan = ladder.rearrange(steps, wanted, started_at=START, snoozed=snoozed * MINUTE)

    placed = (*plan.add, *plan.move)
    untouched = {one.tier for one in steps if one.state == "waiting"} - {one.rung.tier for one in plan.move}
    assert untouched == set(plan.cancel)
    assert len({one.rung.tier for one in placed}) == len(placed)
    assert {one.rung for one in placed} <= set(wanted)
    for one in placed:
        assert one.due_at == START + one.rung.after + snoozed * MINUTE


@given(ladders(), rungs())
def test_no_rung_waits_below_one_that_has_spoken(steps: list[Step], wanted: list[Rung]) -> None:
    said = [one.after for one in steps if one.state in ("reached", "skipped")]

    minutes = waiting_after(steps, wanted)

    assert all(minute * MINUTE > max(said) for minute in minutes if said)


@given(rungs())
def test_following_the_same_rungs_again_moves_nothing(wanted: list[Rung]) -> None:
    steps = [Step(one.tier, START + one.after, "waiting", one.after, one.audience) for one in wanted]

    plan = ladder.rearrange(steps, wanted, started_at=START, snoozed=timedelta())

    assert not plan.add
    assert not plan.cancel
    assert [one.rung for one in plan.move] == wanted


def test_a_tier_inserted_below_one_that_spoke_makes_nobody_hear_twice() -> None:
    steps = [step(1, 10, "reached", "A"), step(2, 20, "waiting", "B")]

    assert waiting_after(steps, [rung(1, 5, "C"), rung(2, 10, "A"), rung(3, 20, "B")]) == [20]


def test_a_tier_deleted_below_those_that_wait_silences_none_of_them() -> None:
    steps = [step(1, 10, "reached", "A"), step(2, 20, "reached", "B"), step(3, 35, "waiting", "C")]

    assert waiting_after(steps, [rung(1, 20, "B"), rung(2, 35, "C")]) == [35]


def test_a_tier_that_spoke_and_was_moved_later_does_not_speak_again() -> None:
    steps = [step(1, 10, "reached", "A"), step(2, 20, "waiting", "B")]

    assert waiting_after(steps, [rung(1, 15, "A"), rung(2, 20, "B")]) == [20]


def test_the_same_people_in_two_tiers_hear_in_each() -> None:
    steps = [step(1, 10, "reached", "A"), step(2, 20, "waiting", "A")]

    assert waiting_after(steps, [rung(1, 20, "A")]) == [20]
    assert waiting_after(steps, [rung(1, 12, "A"), rung(2, 30, "A")]) == [30]


def test_a_tier_for_other_people_at_a_later_time_is_news() -> None:
    steps = [step(1, 10, "reached", "A")]

    assert waiting_after(steps, [rung(1, 15, "B")]) == [15]


def test_looks_grow_rarer_and_never_stop() -> None:
    waits = [ladder.look_again_after(looks) for looks in (0, 1, 2, 30_000)]

    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, timedelta(hours=6)]


def test_at_the_due_instant_itself_it_is_too_late() -> None:
    assert ladder.kept(START - timedelta(microseconds=1), START)
    assert not ladder.kept(START, START)
