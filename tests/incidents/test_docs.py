"""docs/incidents.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.incidents.models import Severity
from apps.incidents.states import CRASHBOT, NAMES, RULES, State, legal

PAGE = (Path(__file__).parents[2] / "docs" / "incidents.md").read_text(encoding="utf-8")


def test_the_states_and_their_steps_are_those_of_the_table() -> None:
    rows = [
        f"| {NAMES[state]} | {CRASHBOT[state]} | {', '.join(RULES[step].words for step in legal(state))} |"
        for state in State
    ]

    assert "\n".join(rows) in PAGE


@pytest.mark.django_db
def test_the_words_are_those_a_fresh_portal_has() -> None:
    rows = [
        f"| {each.severity} | {each.level} | {each.impact} | {each.meaning} | {each.banner} | {each.component_status} |"
        for each in Severity.objects.all()
    ]

    assert "\n".join(rows) in PAGE
