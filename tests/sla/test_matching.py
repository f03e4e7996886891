"""Which policy governs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.sla.matching import Facts, PolicyRule, PromiseRule, govern
from apps.sla.messages import fill, unknown_placeholders

PROMISE = PromiseRule("first_response", timedelta(minutes=50), ())
FACTS = Facts(plan="enterprise", severity="high", channel="C1", type="problem")


def rule(id: int = 1, **conditions: Any) -> PolicyRule:
    defaults: dict[str, Any] = {
        "name": f"Policy {id}",
        "position": id,
        "enabled": True,
        "plans": frozenset(),
        "without_plan": False,
        "severities": frozenset(),
        "channels": frozenset(),
        "excluded_types": frozenset({"feedback"}),
        "promises": (PROMISE,),
    }
    return PolicyRule(id=id, **{**defaults, **conditions})


def test_the_first_match_wins_whatever_the_order_given() -> None:
    verdict = govern([rule(2), rule(1)], FACTS)

    assert verdict.policy == rule(1)
    assert verdict.promises == (PROMISE,)


@pytest.mark.parametrize(
    "conditions",
    [
        {"plans": frozenset({"teams"})},
        {"without_plan": True},
        {"severities": frozenset({"low"})},
        {"channels": frozenset({"C2"})},
        {"enabled": False},
    ],
)
def test_a_condition_that_does_not_hold_lets_the_next_policy_govern(conditions: dict[str, Any]) -> None:
    verdict = govern([rule(1, **conditions), rule(2)], FACTS)

    assert verdict.policy == rule(2)


@pytest.mark.parametrize(
    ("plan", "plans", "without", "expected"),
    [
        ("", [], False, True),
        ("", ["teams"], False, False),
        ("", ["teams"], True, True),
        ("teams", ["teams"], True, True),
        ("pro", ["teams"], True, False),
        ("pro", [], True, False),
        ("pro", [], False, True),
    ],
)
def test_a_missing_plan_is_matched_only_where_asked_for(
    plan: str, plans: list[str], without: bool, expected: bool
) -> None:
    facts = Facts(plan=plan, severity="high", channel="", type="problem")

    assert rule(plans=frozenset(plans), without_plan=without).matches(facts) is expected


def test_an_excluded_type_gets_no_promise_and_asks_no_further_policy() -> None:
    facts = Facts(plan="enterprise", severity="high", channel="C1", type="feedback")

    verdict = govern([rule(1), rule(2, excluded_types=frozenset())], facts)

    assert verdict.policy == rule(1)
    assert verdict.promises == ()
    assert "feedback" in verdict.because


def test_no_policy_no_promise() -> None:
    verdict = govern([], FACTS)

    assert verdict.policy is None
    assert verdict.promises == ()


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("", []),
        ("{people} please look at {ticket}", []),
        ("{peopel}", ["{peopel}"]),
        ("{0} and {}", ["{0}", "{}"]),
        ("{people!r}", ["{people}"]),
        ("{people.__class__}", ["{people.__class__}"]),
        ("50 % {", ["a single { or }"]),
        ("{{literal}}", []),
    ],
)
def test_a_placeholder_nobody_knows_is_named(template: str, unknown: list[str]) -> None:
    assert unknown_placeholders(template) == unknown


def test_a_template_that_went_bad_gives_the_usual_words() -> None:
    words = {"people": "@ana", "ticket": "4711", "waiting": "10 min"}

    assert fill("{nonsense}", words) == "@ana 4711 has waited 10 min for a first response."
    assert fill("Hey {people}", words) == "Hey @ana"
