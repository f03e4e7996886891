"""Overrides: who may overlap whom, what is over stays, and two who save at the same moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import OverrideRefused, OverrideStays
from apps.rotations.models import Override, Role, Rotation, Touched
from apps.rotations.schedules import on_call, schedule
from apps.trail.models import StoredEvent
from tests import make
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db

NOW = make.NOW
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Dot", "Eli")}


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    """Cem is primary and Ana is backup this week."""
    people = (cast["ana"], cast["ben"], cast["cem"])
    return make.rotation(make.layer(*people), make.layer(*people, role="backup", index_offset=1))


def role(rotation: Rotation, name: str = "primary") -> Role:
    return rotation.roles.get(name=name)


def add(rotation: Rotation, **fields: Any) -> Override:
    defaults: dict[str, Any] = {"ends_at": NOW + DAY, "reason": "holiday", "now": NOW}
    return services.add_override(rotation, **{**defaults, **fields})


def on(rotation: Rotation, at: datetime = NOW, name: str = "primary") -> tuple[str, ...]:
    return next(each.names for each in on_call(at)[rotation] if each.role == name)


def refusal(rotation: Rotation, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(OverrideRefused) as refused:
        add(rotation, **fields)
    return refused.value.errors


def test_a_replacement_is_on_and_the_trail_says_who_and_why(rotation: Rotation, cast: dict[str, Agent]) -> None:
    add(rotation, remove=cast["cem"], add=cast["dot"], by=cast["ana"])

    assert on(rotation) == ("Dot",)
    assert on(rotation, NOW + DAY) == ("Cem",)
    event = StoredEvent.objects.get(type="OverrideAdded")
    assert event.payload["words"] == "Dot for Cem"
    assert event.payload["reason"] == "holiday"


def test_why_somebody_is_on_names_the_override_and_its_reason(rotation: Rotation, cast: dict[str, Agent]) -> None:
    add(rotation, remove=cast["cem"], add=cast["dot"], by=cast["ana"])

    assert on_call(NOW)[rotation][0].because == "override by Ana: holiday"


def test_one_that_would_have_begun_already_begins_now(rotation: Rotation, cast: dict[str, Agent]) -> None:
    made = add(rotation, starts_at=NOW - DAY, remove=cast["cem"], add=cast["dot"])

    assert made.starts_at == NOW
    assert on(rotation, NOW - HOUR) == ("Cem",)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"reason": " "}, "reason", "Say why: those whose shift moves are told."),
        ({"remove": None}, "add", "Say who is on, who is not, or both."),
        ({"add": "cem"}, "add", "Somebody cannot be on for themselves."),
        ({"ends_at": NOW - HOUR, "starts_at": NOW - DAY}, "ends_at", "This is over already"),
        ({"starts_at": NOW + 2 * DAY}, "ends_at", "The override must end after it starts."),
        ({"ends_at": NOW + 400 * DAY}, "ends_at", "An override is at most 366 days long"),
        ({"ends_at": datetime(9999, 1, 1, tzinfo=NOW.tzinfo)}, "ends_at", "The year 9999 is a slip"),
        ({"remove": None, "add": "dot"}, "role", "Say in which role Dot is on: primary, backup."),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    rotation: Rotation, cast: dict[str, Agent], fields: dict[str, Any], field: str, sentence: str
) -> None:
    asked: dict[str, Any] = {"remove": cast["cem"], **fields}
    if isinstance(asked.get("add"), str):
        asked["add"] = cast[asked["add"]]

    errors = refusal(rotation, **asked)

    assert sentence in errors[field][0]
    assert not Override.objects.exists()


def test_who_works_here_no_more_is_not_put_on(rotation: Rotation, cast: dict[str, Agent]) -> None:
    cast["dot"].is_active = False
    cast["dot"].save()

    assert "does not work here any more" in refusal(rotation, remove=cast["cem"], add=cast["dot"])["add"][0]


def test_another_rotations_role_is_refused(rotation: Rotation, cast: dict[str, Agent]) -> None:
    other = make.rotation(make.layer(cast["dot"]), slug="other")

    assert refusal(rotation, remove=cast["cem"], role=role(other))["role"] == ["SET has no such role."]


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ({"remove": "cem"}, {"remove": "cem"}, True),
        ({"remove": "cem", "add": "dot"}, {"remove": "ana", "add": "dot"}, True),
        ({"remove": "cem", "add": "dot"}, {"remove": "dot", "add": "eli"}, True),
        ({"remove": "cem", "role": "primary"}, {"remove": "cem"}, True),
        ({"remove": "cem", "role": "primary"}, {"remove": "cem", "role": "backup"}, False),
        ({"remove": "cem", "add": "dot"}, {"remove": "ana", "add": "eli"}, False),
    ],
)
def test_two_that_touch_the_same_person_in_the_same_role_may_not_overlap(
    rotation: Rotation, cast: dict[str, Agent], one: dict[str, str], other: dict[str, str], overlap: bool
) -> None:
    def asked(words: dict[str, str]) -> dict[str, Any]:
        return {key: role(rotation, word) if key == "role" else cast[word] for key, word in words.items()}

    add(rotation, **asked(one))

    if not overlap:
        add(rotation, **asked(other))
        return
    errors = refusal(rotation, **asked(other))
    assert "Another override touches" in next(iter(errors.values()))[0]
    with pytest.raises(IntegrityError, match="override_touches_once"), transaction.atomic():
        # The database refuses what got past the sentence.
        touched = Touched.objects.order_by("pk").first()
        assert touched is not None
        Touched.objects.create(
            override=touched.override, rotation=rotation, role=None, agent=touched.agent,
            starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR,
        )  # fmt: skip


def test_one_may_begin_as_another_ends(rotation: Rotation, cast: dict[str, Agent]) -> None:
    add(rotation, remove=cast["cem"], add=cast["dot"])

    add(rotation, remove=cast["cem"], add=cast["dot"], starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)

    assert Override.objects.count() == 2


def test_the_same_person_may_be_touched_in_two_rotations(rotation: Rotation, cast: dict[str, Agent]) -> None:
    other = make.rotation(make.layer(cast["cem"]), slug="other")
    add(rotation, remove=cast["cem"])

    add(other, remove=cast["cem"])

    assert Override.objects.count() == 2


def test_one_in_progress_ends_now_and_what_it_was_stays(rotation: Rotation, cast: dict[str, Agent]) -> None:
    made = add(rotation, remove=cast["cem"], add=cast["dot"])

    services.end_override(made, reason="back early", now=NOW + HOUR)

    made.refresh_from_db()
    assert made.ends_at == NOW + HOUR
    assert on(rotation, NOW) == ("Dot",)
    assert on(rotation, NOW + HOUR) == ("Cem",)
    assert StoredEvent.objects.get(type="OverrideEnded").payload["reason"] == "back early"


def test_one_to_come_is_withdrawn(rotation: Rotation, cast: dict[str, Agent]) -> None:
    made = add(rotation, remove=cast["cem"], add=cast["dot"], starts_at=NOW + HOUR)

    services.end_override(made, now=NOW)

    assert not Override.objects.exists()
    assert StoredEvent.objects.filter(type="OverrideWithdrawn").exists()


def test_one_that_is_over_stays(rotation: Rotation, cast: dict[str, Agent]) -> None:
    made = add(rotation, remove=cast["cem"], add=cast["dot"])

    with pytest.raises(OverrideStays):
        services.end_override(made, now=NOW + 2 * DAY)

    assert on(rotation, NOW) == ("Dot",)


def test_a_shift_is_taken_until_it_ends(rotation: Rotation, cast: dict[str, Agent]) -> None:
    made = services.take_shift(rotation, role(rotation), by=cast["dot"], now=NOW)

    [primary, _] = on_call(NOW)[rotation]
    assert primary.names == ("Dot",)
    assert made.ends_at == schedule(rotation, NOW, NOW + WEEK).of("primary")[0].end
    assert made.remove == cast["cem"]


def test_whoever_is_on_has_nothing_to_take(rotation: Rotation, cast: dict[str, Agent]) -> None:
    with pytest.raises(OverrideRefused, match="Cem is on already"):
        services.take_shift(rotation, role(rotation), by=cast["cem"], now=NOW)


def test_a_gap_is_filled_by_taking_it(cast: dict[str, Agent]) -> None:
    rotation = make.rotation(make.layer(cast["ana"]), roles=("primary", "lead"))

    services.take_shift(rotation, role(rotation, "lead"), by=cast["dot"], now=NOW)

    assert on(rotation, NOW, "lead") == ("Dot",)


def test_of_two_who_share_a_shift_it_is_said_whose_is_taken(cast: dict[str, Agent]) -> None:
    rotation = make.rotation(make.layer((cast["ana"], cast["ben"])))

    with pytest.raises(OverrideRefused, match="Say whose shift it is: Ana, Ben"):
        services.take_shift(rotation, role(rotation), by=cast["dot"], now=NOW)
    services.take_shift(rotation, role(rotation), by=cast["dot"], instead_of=cast["ben"], now=NOW)

    assert on(rotation) == ("Ana", "Dot")


@pytest.mark.django_db(transaction=True)
def test_of_two_leads_at_the_same_moment_the_second_is_told_why_not() -> None:
    people = {name: make.agent(name) for name in ("Ana", "Ben", "Cem")}
    rotation = make.rotation(make.layer(people["Ana"], people["Ben"]))
    asked = {"remove": people["Ana"], "add": people["Cem"]}

    with transaction.atomic():
        add(rotation, **asked)
        thread, found = in_a_thread(lambda: add(rotation, **asked))
        make.until_somebody_waits()
    thread.join(10)

    [refused] = found
    assert isinstance(refused, OverrideRefused)
    assert "Another override touches Ana then: Cem for Ana, 18 Mar 2026 09:00" in str(refused)
    assert Override.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_one_of_two_win_who_got_past_every_lock() -> None:
    ana, ben = make.agent("Ana"), make.agent("Ben")
    rotation = make.rotation(make.layer(ana, ben))

    def write() -> Touched:
        override = Override.objects.create(
            rotation=rotation, remove=ana, starts_at=NOW, ends_at=NOW + DAY, reason="x", made_at=NOW
        )
        return Touched.objects.create(override=override, rotation=rotation, agent=ana, starts_at=NOW, ends_at=NOW + DAY)

    with transaction.atomic():
        write()
        thread, found = in_a_thread(write)
        make.until_somebody_waits()
    thread.join(10)

    assert isinstance(found[0], IntegrityError)
