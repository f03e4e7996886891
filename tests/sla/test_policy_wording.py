"""Policies in words, and why one is passed by."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from apps.sla.fields import DurationField
from apps.sla.matching import Facts, PolicyRule, govern
from apps.sla.wording import either, governs, passes_by
from tests import make


def rule(**fields: Any) -> PolicyRule:
    plain: dict[str, Any] = {
        "id": 1,
        "name": "Gold",
        "position": 0,
        "enabled": True,
        "plans": frozenset(),
        "without_plan": False,
        "severities": frozenset(),
        "channels": frozenset(),
        "excluded_types": frozenset(),
        "promises": (),
    }
    return PolicyRule(**{**plain, **fields})


FACTS = Facts(plan="teams", severity="normal", channel="C1", type="question")


@pytest.mark.parametrize(
    ("words", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_words_are_joined_as_people_say_them(words: list[str], said: str) -> None:
    assert either(words) == said


RULES = [
    rule(enabled=enabled, plans=plans, without_plan=without_plan, severities=severities, channels=channels)
    for enabled, plans, without_plan, severities, channels in product(
        (True, False),
        (frozenset(), frozenset({"teams"}), frozenset({"pro"})),
        (True, False),
        (frozenset(), frozenset({"normal"}), frozenset({"urgent"})),
        (frozenset(), frozenset({"C1"}), frozenset({"C2"})),
    )
]


@pytest.mark.parametrize("plan", ["", "teams"])
def test_a_policy_is_passed_by_for_a_reason_exactly_when_it_does_not_match(plan: str) -> None:
    facts = Facts(plan=plan, severity="normal", channel="C1", type="question")

    wrong = [each for each in RULES if bool(passes_by(each, facts)) is (govern([each], facts).policy is not None)]

    assert wrong == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"enabled": False}, "it is switched off"),
        ({"plans": frozenset({"pro"}), "without_plan": True}, "it is for pro or no plan, and the plan is teams"),
        ({"severities": frozenset({"urgent"})}, "it is for urgent, and the ticket is normal"),
        ({"channels": frozenset({"C2"})}, "it is for the channel C2, and the ticket is in C1"),
    ],
)
def test_the_reason_names_what_differs(fields: dict[str, Any], said: str) -> None:
    assert passes_by(rule(**fields), FACTS) == said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "every ticket"),
        ({"without_plan": True}, "no plan known"),
        ({"severities": ["urgent", "high"]}, "urgent or high"),
        ({"excluded_types": ["feedback", "task"]}, "every ticket, but not feedback or task"),
    ],
)
def test_what_a_policy_governs_is_told_in_words(fields: dict[str, Any], said: str) -> None:
    policy = make.policy(**{"excluded_types": [], **fields})

    assert governs(policy) == said


def test_a_duration_is_typed_and_shown_as_people_say_it() -> None:
    field = DurationField()

    assert field.clean("1 h 30 min") == timedelta(minutes=90)
    assert field.prepare_value(timedelta(minutes=90)) == "1 h 30 min"
    assert field.prepare_value("soon") == "soon"
