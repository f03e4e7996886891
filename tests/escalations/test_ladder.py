"""When tiers are due, and what a change of plans does to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.escalations import ladder
from apps.escalations.ladder import Step
from apps.sla.audiences import Audience
from apps.sla.matching import Rung

START = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

states = st.sampled_from(["waiting", "reached", "skipped", "cancelled"])
afters = st.lists(st.integers(1, 10_000), unique=True, max_size=8).map(sorted)


def rungs(minutes: list[int]) -> list[Rung]:
    return [Rung(tier, after * MINUTE, Audience("on_shift")) for tier, after in enumerate(minutes, start=1)]


@st.composite
def ladders(draw: st.DrawFn) -> list[Step]:
    minutes = draw(afters)
    return [Step(tier, START + after * MINUTE, draw(states)) for tier, after in enumerate(minutes, start=1)]


def test_a_tier_is_due_at_its_very_instant() -> None:
    steps = [Step(1, START, "waiting")]

    assert ladder.fall_due(steps, START) == (1, [])
    assert ladder.fall_due(steps, START - timedelta(microseconds=1)) == (None, [])


def test_after_an_outage_only_the_highest_due_tier_speaks() -> None:
    steps = [Step(tier, START + tier * MINUTE, "waiting") for tier in (1, 2, 3, 4)]

    assert ladder.fall_due(steps, START + 3 * MINUTE) == (3, [1, 2])


@given(ladders(), st.integers(0, 11_000))
def test_whatever_is_due_is_either_reached_or_passed_over(steps: list[Step], minutes: int) -> None:
    now = START + minutes * MINUTE

    reached, passed = ladder.fall_due(steps, now)

    due = {step.tier for step in steps if step.state == "waiting" and step.due_at <= now}
    assert {*passed, *([reached] if reached else [])} == due
    assert all(tier < (reached or 0) for tier in passed)


@given(ladders(), afters, st.integers(0, 600))
def test_what_was_said_never_fires_twice(steps: list[Step], minutes: list[int], snoozed: int) -> None:
    plan = ladder.rearrange(steps, rungs(minutes), started_at=START, snoozed=snoozed * MINUTE)

    said = {step.tier for step in steps if step.state in ("reached", "skipped")}
    touched = {placed.rung.tier for placed in (*plan.add, *plan.move)} | set(plan.cancel)
    assert not said & touched


@given(ladders(), afters, st.integers(0, 600))
def test_after_a_rearrangement_exactly_the_unsaid_rungs_wait(
    steps: list[Step], minutes: list[int], snoozed: int
) -> None:
    plan = ladder.rearrange(steps, rungs(minutes), started_at=START, snoozed=snoozed * MINUTE)

    said = {step.tier for step in steps if step.state in ("reached", "skipped")}
    waiting = {step.tier for step in steps if step.state == "waiting"} - set(plan.cancel)
    waiting |= {placed.rung.tier for placed in (*plan.add, *plan.move)}
    assert waiting == {rung.tier for rung in rungs(minutes)} - said
    for placed in (*plan.add, *plan.move):
        assert placed.due_at == START + placed.rung.after + snoozed * MINUTE


def test_looks_grow_rarer_and_never_stop() -> None:
    waits = [ladder.look_again_after(looks) for looks in (0, 1, 2, 30_000)]

    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, timedelta(hours=6)]


def test_at_the_due_instant_itself_it_is_too_late() -> None:
    assert ladder.kept(START - timedelta(microseconds=1), START)
    assert not ladder.kept(START, START)
