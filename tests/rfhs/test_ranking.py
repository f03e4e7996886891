"""Which request is worked on first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.rfhs.ranking import Ranked, Work, by_rules, ordered, places, work_of

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
CARDS = st.builds(
    Ranked,
    number=st.integers(1, 10**6),
    # Few instants, so that many cards stand at one.
    since=st.integers(0, 5).map(lambda hours: NOON + timedelta(hours=hours)),
    priority=st.sampled_from(["p1", "p2"]),
    level=st.sampled_from(["", "L1", "L2", "L3", "L4"]),
    bug_class=st.sampled_from(["", "hotfix", "release", "customer_reported", "other"]),
    kind=st.sampled_from(["question", "help", "defect", "feature"]),
    production=st.booleans(),
    of_customer=st.booleans(),
)
# A machine with much to do is no fault of these.
PATIENT = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
COLUMNS = st.lists(CARDS, min_size=2, max_size=9, unique_by=lambda each: each.number)


@pytest.mark.parametrize(
    ("fields", "work"),
    [
        ({"production": True, "bug_class": "other"}, Work.PRODUCTION),
        ({"of_customer": True}, Work.ESCALATION),
        ({"of_customer": True, "kind": "defect", "bug_class": "other", "level": "L2"}, Work.ESCALATION),
        ({"of_customer": True, "kind": "defect", "bug_class": "hotfix"}, Work.HOTFIX),
        ({"bug_class": "release"}, Work.RELEASE),
        ({"of_customer": True, "kind": "defect"}, Work.CUSTOMER_REPORTED),
        ({"of_customer": True, "kind": "feature"}, Work.OTHER),
        ({}, Work.OTHER),
    ],
)
def test_the_priority_of_work(fields: dict[str, Any], work: Work) -> None:
    assert work_of(Ranked(1, NOON, **fields)) == work


@PATIENT
@given(COLUMNS)
def test_work_comes_first_then_p1_then_the_level_then_the_oldest(cards: list[Ranked]) -> None:
    def rule(each: Ranked) -> tuple[object, ...]:
        return (work_of(each), each.priority, each.level or "L5", each.since, each.number)

    assert ordered(cards) == sorted(cards, key=rule)


@PATIENT
@given(COLUMNS, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=12))
def test_a_card_stands_where_hands_put_it_and_the_others_as_they_stood(
    cards: list[Ranked], moves: list[tuple[int, int]]
) -> None:
    now = ordered(cards)
    for start, end in moves:
        wanted = list(now)
        moved = wanted.pop(start % len(wanted))
        wanted.insert(end % (len(wanted) + 1), moved)

        found = places(wanted, moved.number)
        now = ordered(replace(each, place=found.get(each.number, each.place)) for each in now)

        assert [each.number for each in now] == [each.number for each in wanted]
    assert sorted(by_rules(now)) == sorted(each.number for each in cards)
