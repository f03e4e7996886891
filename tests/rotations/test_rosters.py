"""A roster's change takes over at an instant and goes on from where the old one was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import RosterStays, RotationRefused
from apps.rotations.models import Layer, Roster, Rotation
from apps.rotations.schedules import schedule
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db

NOW = make.NOW
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
NEXT = datetime(2026, 3, 23, 9, tzinfo=UTC)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Dot", "Eli")}


@pytest.fixture
def layer(cast: dict[str, Agent]) -> Layer:
    """Cem's turn runs; Ana is next, then Ben."""
    rotation = make.rotation(make.layer(cast["ana"], cast["ben"], cast["cem"]))
    return rotation.layers.get()


def change(layer: Layer, *people: str, at: datetime | None = None, now: datetime = NOW) -> Roster:
    return services.change_roster(layer, [[f"{name}@example.com"] for name in people], effective_at=at, now=now)


def turns(layer: Layer, count: int = 5, start: datetime = NOW) -> list[str]:
    rotation = Rotation.objects.get(pk=layer.rotation_id)
    duties = schedule(rotation, start, start + count * WEEK).of("primary")
    return [" ".join(person.partition("@")[0] for person in duty.people) for duty in duties][:count]


def test_the_turn_that_runs_stays_and_whoever_would_be_next_comes_next(layer: Layer) -> None:
    made = change(layer, "dot", "ana", "ben", "cem")

    assert made.effective_at == NEXT
    assert turns(layer, 6) == ["cem", "ana", "ben", "cem", "dot", "ana"]


def test_when_who_would_be_next_left_the_one_after_comes_next(layer: Layer) -> None:
    change(layer, "cem", "ben", "dot")

    assert turns(layer) == ["cem", "ben", "dot", "cem", "ben"]


def test_when_nobody_stays_the_new_roster_begins_with_its_first(layer: Layer) -> None:
    change(layer, "dot", "eli")

    assert turns(layer) == ["cem", "dot", "eli", "dot", "eli"]


def test_the_past_is_not_rewritten(layer: Layer) -> None:
    change(layer, "dot", "eli")

    assert turns(layer, 3, start=NOW - 2 * WEEK) == ["ana", "ben", "cem"]


def test_a_change_after_a_change_goes_on_from_it(layer: Layer) -> None:
    change(layer, "dot", "ana", "ben", "cem")
    change(layer, "dot", "ana", "cem", now=NOW + 2 * WEEK)

    assert turns(layer, 5) == ["cem", "ana", "ben", "cem", "dot"]


def test_several_share_a_turn(layer: Layer) -> None:
    services.change_roster(layer, [["ana@example.com", "dot@example.com"], ["ben@example.com"]], now=NOW)

    assert turns(layer, 3) == ["cem", "ana dot", "ben"]


def test_a_later_handoff_can_be_chosen(layer: Layer) -> None:
    # 30 March is British summer time.
    change(layer, "dot", at=datetime(2026, 3, 30, 8, tzinfo=UTC))

    assert turns(layer, 4) == ["cem", "ana", "dot", "dot"]


def test_a_plan_between_moves_what_was_planned_after_it(layer: Layer) -> None:
    later = datetime(2026, 4, 6, 8, tzinfo=UTC)
    change(layer, "ana", "ben", "cem", "eli", at=later)

    change(layer, "ben", "ana")

    assert turns(layer, 5) == ["cem", "ana", "ben", "ana", "ben"]


def test_a_roster_planned_for_the_same_handoff_is_replaced(layer: Layer) -> None:
    change(layer, "dot")

    change(layer, "eli")

    assert layer.rosters.count() == 2
    assert turns(layer, 2) == ["cem", "eli"]


def test_the_same_roster_again_changes_nothing(layer: Layer) -> None:
    change(layer, "ana", "ben", "cem")

    assert layer.rosters.count() == 1


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (NOW - DAY, "What was is kept as it was: choose an instant to come."),
        (NOW + DAY, "The turn that runs now stays as it is until 23 Mar 2026 09:00 GMT"),
        (datetime(9999, 1, 1, tzinfo=UTC), "The year 9999 is a slip of the finger."),
    ],
)
def test_an_instant_in_the_past_or_in_the_running_turn_is_refused(layer: Layer, at: datetime, sentence: str) -> None:
    with pytest.raises(RotationRefused) as refused:
        change(layer, "dot", at=at)

    assert refused.value.errors["effective_at"][0].startswith(sentence)
    assert layer.rosters.count() == 1


@pytest.mark.parametrize(
    ("turns", "path", "sentence"),
    [
        ([["zoe@example.com"]], "participants.0", "There is no agent “zoe@example.com”."),
        ([["ana@example.com"], []], "participants.1", "Say who takes this turn, or leave it out."),
        ([["ana@example.com", "Ana@example.com"]], "participants.0", "Name each person of a turn once."),
        ([["ana@example.com"]] * 201, "participants", "A roster has at most 200 turns."),
    ],
)
def test_a_roster_that_cannot_be_is_refused_with_a_sentence(
    layer: Layer, turns: list[list[str]], path: str, sentence: str
) -> None:
    with pytest.raises(RotationRefused) as refused:
        services.change_roster(layer, turns, now=NOW)

    assert refused.value.errors[path] == [sentence]


def test_an_empty_roster_is_accepted_and_leaves_a_gap_from_the_next_handoff(layer: Layer) -> None:
    change(layer)

    rotation = Rotation.objects.get(pk=layer.rotation_id)
    assert schedule(rotation, NOW, NOW + 2 * WEEK).gaps[0].start == NEXT


def test_before_the_first_turn_a_new_roster_is_there_from_the_beginning(cast: dict[str, Agent]) -> None:
    soon = make.layer(cast["ana"], cast["ben"], start_local=datetime(2026, 4, 6, 9))
    layer = make.rotation(soon).layers.get()

    change(layer, "dot", "ana")

    assert layer.rosters.count() == 1
    assert turns(layer, 3, start=datetime(2026, 4, 6, 8, tzinfo=UTC)) == ["dot", "ana", "dot"]


def test_who_is_always_on_changes_at_once(cast: dict[str, Agent]) -> None:
    layer = make.rotation(make.layer(cast["ana"], kind="people", start_local=None)).layers.get()

    change(layer, "dot", now=NOW + DAY)

    assert turns(layer, 1, start=NOW) == ["ana"]
    assert turns(layer, 1, start=NOW + DAY) == ["dot"]


def test_a_planned_roster_is_withdrawn_and_one_in_force_stays(layer: Layer) -> None:
    planned = change(layer, "dot")

    services.withdraw_roster(planned, now=NOW)

    assert turns(layer, 2) == ["cem", "ana"]
    with pytest.raises(RosterStays):
        services.withdraw_roster(layer.rosters.get(), now=NOW)


def test_the_trail_says_who_takes_turns_from_when(layer: Layer) -> None:
    change(layer, "dot")

    event = StoredEvent.objects.filter(type="RosterChanged").latest("position")
    assert event.payload["after"] == [["dot@example.com"]]
    assert event.payload["effective_at"] == NEXT.isoformat()
    assert "another one from 23 Mar 09:00 UTC" in event.sentence
