"""The table of a request's life, against what the services do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from apps.rfhs.describing import written
from apps.rfhs.errors import IllegalStep
from apps.rfhs.states import OVER, RULES, State, Step, check, legal_from, steps_from


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", State)
def test_a_step_is_legal_exactly_from_its_states(step: Step, state: State) -> None:
    if state in RULES[step].sources:
        check(step, state)
        assert step in steps_from(state)
    else:
        with pytest.raises(IllegalStep) as refusal:
            check(step, state)
        assert refusal.value.legal_from == [str(each) for each in legal_from(step)]
        assert step not in steps_from(state)


def test_every_state_is_reached_and_only_reopening_leads_out_of_the_end() -> None:
    reached = {rule.target for rule in RULES.values()} | {State.DRAFT}

    assert reached == set(State)
    assert {step for state in OVER for step in steps_from(state)} == {Step.REOPEN}


def test_nothing_gets_stuck() -> None:
    def leads_to(state: State) -> set[State]:
        return {RULES[step].target for step in steps_from(state)}

    for state in set(State) - OVER:
        seen, ahead = {state}, {state}
        while ahead:
            ahead = {target for each in ahead for target in leads_to(each)} - seen
            seen |= ahead
        assert seen & OVER


def test_the_printed_tables_are_what_the_code_says() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "rfhs.md").read_text()

    assert page == written(page), "run `make docs`"
