"""Whether a story holds a pattern: compared with trying every choice of events there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import combinations, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.trail.patterns.matching import Result, Rule, Seen, Verdict, check, in_time, matches
from tests.make import MINUTE, NOW

TYPES = ("Opened", "Paid", "Shipped", "Refunded")


def story(*types: str, minutes: Sequence[int] = ()) -> list[Seen]:
    """Events of these types, one a minute, or at these minutes."""
    times = minutes or range(len(types))
    return [
        Seen(position, kind, NOW + minute * MINUTE)
        for position, (kind, minute) in enumerate(zip(types, times, strict=True), start=1)
    ]


def positions(events: Iterable[Seen]) -> list[int]:
    return [event.position for event in events]


stories = st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 6)), max_size=8).map(
    lambda drawn: [Seen(n, kind, NOW + minute * MINUTE) for n, (kind, minute) in enumerate(drawn, start=1)]
)
rules = st.builds(
    Rule,
    required=st.lists(st.sampled_from(TYPES), min_size=1, max_size=3).map(tuple),
    in_order=st.booleans(),
    within=st.one_of(st.none(), st.integers(0, 5).map(lambda minutes: minutes * MINUTE)),
    forbidden=st.frozensets(st.sampled_from(TYPES), max_size=2),
    anywhere=st.booleans(),
).map(lambda rule: Rule(rule.required, rule.in_order, rule.within, rule.forbidden - {*rule.required}, rule.anywhere))


def holds(rule: Rule, events: Sequence[Seen], chosen: Sequence[int]) -> bool:
    """Whether the events at these places, in time, are what the rule asks for: said once more, as plainly as can be."""
    kinds = tuple(events[place].type for place in chosen)
    if rule.in_order and kinds != rule.required:
        return False
    if Counter(kinds) != Counter(rule.required):
        return False
    first, last = events[chosen[0]], events[chosen[-1]]
    if rule.within is not None and last.at - first.at > rule.within:
        return False
    inside = events if rule.anywhere else [e for place, e in enumerate(events) if chosen[0] < place < chosen[-1]]
    return not any(event.type in rule.forbidden for event in inside)


def every_place(rule: Rule, events: Sequence[Seen]) -> list[tuple[int, ...]]:
    return [c for c in combinations(range(len(events)), len(rule.required)) if holds(rule, events, c)]


@settings(max_examples=1_000, deadline=None)
@given(rule=rules, events=stories)
def test_a_pattern_is_found_exactly_where_some_choice_of_events_holds(rule: Rule, events: list[Seen]) -> None:
    ordered = in_time(events)

    result = check(rule, events)

    assert result.found == bool(every_place(rule, ordered))
    if result.found:
        assert holds(rule, ordered, [ordered.index(seen) for seen in result.evidence])


@settings(max_examples=500, deadline=None)
@given(rule=rules, events=stories)
def test_what_is_told_of_a_pattern_that_is_not_found_is_so(rule: Rule, events: list[Seen]) -> None:
    result = check(rule, events)
    counts = Counter(event.type for event in events)
    lacking = tuple((Counter(rule.required) - counts).elements())
    unbound = Rule(rule.required, rule.in_order)

    if result.found:
        return
    assert Counter(result.missing) == Counter(lacking)
    assert (result.verdict is Verdict.MISSING) == bool(lacking)
    if result.verdict is Verdict.ORDER:
        assert not every_place(unbound, in_time(events))
    if result.verdict is Verdict.APART:
        assert every_place(unbound, in_time(events))
        assert not every_place(Rule(rule.required, rule.in_order, rule.within), in_time(events))
    if result.verdict is Verdict.FORBIDDEN:
        assert result.against
        assert all(event.type in rule.forbidden for event in result.against)


@settings(max_examples=500, deadline=None)
@given(rule=rules, events=stories, batches=st.integers(1, 4))
def test_a_watch_tells_each_place_once_and_misses_none(rule: Rule, events: list[Seen], batches: int) -> None:
    ordered = in_time(events)
    used: set[int] = set()
    told: list[Result] = []

    size = max(1, len(events) // batches)
    for start in range(0, len(events), size):
        known, fresh = events[: start + size], set(positions(events[start : start + size]))
        for _ in range(2):  # delivered twice
            new = matches(rule, known, fresh=fresh, used=used)
            told += new
            used.update(position for result in new for position in positions(result.evidence))

    evidence = [position for result in told for position in positions(result.evidence)]
    assert len(evidence) == len(set(evidence))
    if not rule.forbidden:
        left = [event for event in ordered if event.position not in used]
        assert bool(told) == bool(every_place(rule, ordered))
        assert not every_place(rule, left)


def test_the_latest_and_tightest_place_is_shown() -> None:
    result = check(Rule(("Opened", "Paid")), story("Opened", "Opened", "Paid", "Opened", "Paid", "Shipped"))

    assert positions(result.evidence) == [4, 5]


def test_in_any_order_each_type_needs_an_event_of_its_own() -> None:
    rule = Rule(("Paid", "Paid", "Opened"), in_order=False)

    assert [check(rule, story(*order)).found for order in sorted(set(permutations(rule.required)))] == [True] * 3
    assert check(rule, story("Paid", "Opened")).missing == ("Paid",)


def test_the_window_holds_its_last_moment() -> None:
    rule = Rule(("Opened", "Paid"), within=5 * MINUTE)

    assert check(rule, story("Opened", "Paid", minutes=(0, 5))).found
    late = [*story("Opened"), Seen(2, "Paid", NOW + 5 * MINUTE + timedelta(microseconds=1))]
    assert check(rule, late).verdict is Verdict.APART


def test_what_is_forbidden_is_so_between_the_required_ones_or_anywhere() -> None:
    between = Rule(("Opened", "Shipped"), forbidden=frozenset({"Paid"}))
    anywhere = Rule(("Opened", "Shipped"), forbidden=frozenset({"Paid"}), anywhere=True)

    assert check(between, story("Opened", "Shipped", "Paid")).found
    assert positions(check(between, story("Opened", "Paid", "Shipped")).against) == [2]
    assert positions(check(anywhere, story("Opened", "Shipped", "Paid")).against) == [3]


def test_an_event_that_is_recorded_late_stands_at_its_own_time() -> None:
    late = [Seen(1, "Paid", NOW), Seen(2, "Opened", NOW - MINUTE)]

    assert check(Rule(("Opened", "Paid")), late).found


def test_what_was_there_before_is_not_told_as_new() -> None:
    events = story("Opened", "Paid", "Opened")

    assert matches(Rule(("Opened", "Paid")), events, fresh={3}, used=()) == []


def test_a_thousand_events_are_checked_at_once() -> None:
    events = story(*(["Opened", "Paid"] * 500))
    started = datetime.now()

    check(Rule(("Opened", "Paid", "Shipped"), within=MINUTE), events)
    check(Rule(("Opened", "Paid"), forbidden=frozenset({"Refunded"}), anywhere=True), [*events, *story("Refunded")])

    assert datetime.now() - started < timedelta(seconds=5)
