"""What a request is owed in each state, and when the round of an overdue update begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.escalations.owed import next_round, promised, since
from apps.rfhs.states import State
from apps.sla.defaults import DAILY, RFHS
from apps.sla.matching import Facts, Verdict, govern
from tests.make import NOW

HOUR = timedelta(hours=1)
ASKED, PASSED_ON, TOLD = NOW, NOW + HOUR, NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("state", "owed"),
    [
        (State.FILED, {"acknowledgement": ASKED, "first_answer": ASKED, "update": TOLD}),
        (State.HANDED_OVER, {"acknowledgement": PASSED_ON, "first_answer": ASKED, "update": TOLD}),
        (State.ACKNOWLEDGED, {"first_answer": ASKED, "update": TOLD}),
        (State.IN_PROGRESS, {"first_answer": ASKED, "update": TOLD}),
        *((state, {}) for state in State if state in (State.DRAFT, State.ASKED_TEAMMATES, State.ANSWERED)),
        *((state, {}) for state in (State.RESOLVED, State.WITHDRAWN)),
    ],
)
def test_what_each_state_owes_and_since_when(state: State, owed: dict[str, object]) -> None:
    assert since(state, asked_at=ASKED, handed_over_at=PASSED_ON, told_at=TOLD) == owed


@pytest.mark.parametrize("level", ["", "L1", "L2", "L3", "L4"])
@pytest.mark.parametrize("rules", [(), RFHS])
def test_a_level_that_demands_it_has_an_update_a_day(level: str, rules: tuple[object, ...]) -> None:
    facts = Facts(plan="", severity="", channel="", type="", priority="p2")
    verdict = govern([rule for rule in RFHS if rules], facts)

    found = promised(verdict, level=level)

    if level in ("L1", "L2"):
        assert found["update"].promise.within <= timedelta(days=1)
        assert found["update"].policy == DAILY
    else:
        assert set(found) == {promise.kind for promise in verdict.promises}


def test_a_policy_whose_tiers_come_too_late_gives_way_to_the_daily_update() -> None:
    [daily] = DAILY.promises
    late = replace(daily, rungs=tuple(replace(rung, after=rung.after + 48 * HOUR) for rung in daily.rungs))
    rule = replace(RFHS[0], promises=(late,))

    assert promised(Verdict(rule, (late,), ""), level="L1")["update"].policy == DAILY


@given(
    within=st.integers(1, 10_000),
    first=st.integers(1, 10_000),
    waited=st.integers(0, 200_000),
)
def test_the_next_round_is_the_first_that_lies_ahead(within: int, first: int, waited: int) -> None:
    period, after, now = timedelta(minutes=within), timedelta(minutes=first), NOW + timedelta(minutes=waited)

    begins = next_round(NOW, within=period, first=after, now=now)

    assert begins + after > now
    assert (begins - NOW) % period == timedelta(0)
    assert begins == NOW + period or begins - period + after <= now
