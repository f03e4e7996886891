"""Asking others to take a shift: who is asked, taken once, both halves or none, declined, withdrawn, too late."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import RotationError, SwapIsOver, SwapRefused
from apps.rotations.models import Invited, Override, Role, Rotation, SwapRequest
from apps.rotations.schedules import on_call
from apps.rotations.services.swaps import InReturn
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db

NOW = make.NOW
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
# Ana's next week as primary; Ben is backup then, and primary the week after.
MONDAY = datetime(2026, 3, 23, 9, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 3, 30, 8, tzinfo=UTC)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Dot", "Eli")}


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    people = (cast["ana"], cast["ben"], cast["cem"], cast["dot"])
    # Turn 0 is Ana's in the week of 23 March.
    first = datetime(2026, 2, 23, 9)
    return make.rotation(
        make.layer(*people, start_local=first), make.layer(*people, role="backup", index_offset=1, start_local=first)
    )


def role(rotation: Rotation, name: str = "primary") -> Role:
    return rotation.roles.get(name=name)


def ask(rotation: Rotation, cast: dict[str, Agent], **fields: Any) -> SwapRequest:
    """Ana asks the roster to take the first day of her week."""
    asked: dict[str, Any] = {
        "role": role(rotation), "starts_at": MONDAY, "ends_at": MONDAY + DAY, "person": cast["ana"], "by": cast["ana"],
        "now": NOW,
    }  # fmt: skip
    return services.ask_to_swap(rotation, **{**asked, **fields})


def on(rotation: Rotation, at: datetime, name: str = "primary") -> tuple[str, ...]:
    return next(each.names for each in on_call(at)[rotation] if each.role == name)


def invited(request: SwapRequest) -> list[str]:
    return [str(each) for each in request.invited.all()]


def refused(rotation: Rotation, cast: dict[str, Agent], **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(SwapRefused) as refusal:
        ask(rotation, cast, **fields)
    return refusal.value.errors


def test_anyone_of_the_roster_who_is_free_then_is_asked(rotation: Rotation, cast: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=cast["dot"].pk).update(is_active=False)

    # Ben is backup then, and Eli is not in the roster.
    assert invited(ask(rotation, cast)) == ["Cem"]


def test_whoever_takes_it_is_on_instead_and_only_then(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast, message="my sister's wedding")

    services.take_swap(request, by=cast["cem"], now=NOW)

    assert [on(rotation, at) for at in (MONDAY, MONDAY + DAY)] == [("Cem",), ("Ana",)]
    assert Override.objects.get().reason == "swap asked for by Ana: my sister's wedding"
    request.refresh_from_db()
    assert (request.state, request.taken_by) == ("taken", cast["cem"])


def test_two_shifts_are_swapped_as_one(rotation: Rotation, cast: dict[str, Agent]) -> None:
    back = InReturn(role(rotation), NEXT_MONDAY, NEXT_MONDAY + 2 * DAY)
    request = ask(rotation, cast, to=cast["ben"], back=back)

    services.take_swap(request, by=cast["ben"], now=NOW)

    assert on(rotation, MONDAY) == ("Ben",)
    assert [on(rotation, NEXT_MONDAY + days * DAY) for days in (0, 1, 2)] == [("Ana",), ("Ana",), ("Ben",)]
    taken = StoredEvent.objects.get(type="SwapTaken")
    assert set(StoredEvent.objects.filter(causation_id=taken.event_id).values_list("type", flat=True)) == {
        "OverrideAdded", "ShiftsMoved",
    }  # fmt: skip


def test_of_two_shifts_both_are_swapped_or_none(rotation: Rotation, cast: dict[str, Agent]) -> None:
    back = InReturn(role(rotation), NEXT_MONDAY, NEXT_MONDAY + 2 * DAY)
    request = ask(rotation, cast, to=cast["ben"], back=back)
    services.add_override(
        rotation, starts_at=NEXT_MONDAY, ends_at=NEXT_MONDAY + DAY, remove=cast["ben"], add=cast["eli"], reason="ill",
        now=NOW,
    )  # fmt: skip

    with pytest.raises(SwapRefused, match="Ben is not on as primary for all of this time"):
        services.take_swap(request, by=cast["ben"], now=NOW)

    assert on(rotation, MONDAY) == ("Ana",)
    request.refresh_from_db()
    assert request.state == "open"


def test_who_is_on_for_another_hands_that_on_and_keeps_what_lies_around_it(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    services.add_override(
        rotation, role=role(rotation), starts_at=MONDAY, ends_at=MONDAY + 4 * DAY, remove=cast["ana"], add=cast["eli"],
        reason="ill", now=NOW,
    )  # fmt: skip
    fields = {"person": cast["eli"], "by": cast["eli"], "starts_at": MONDAY + DAY, "ends_at": MONDAY + 2 * DAY}

    services.take_swap(ask(rotation, cast, to=cast["cem"], **fields), by=cast["cem"], now=NOW)

    assert [on(rotation, MONDAY + days * DAY) for days in range(5)] == [
        ("Eli",), ("Cem",), ("Eli",), ("Eli",), ("Ana",),
    ]  # fmt: skip
    assert [str(each) for each in Override.objects.all()] == [
        "Eli for Ana as primary", "Cem for Ana as primary", "Eli for Ana as primary",
    ]  # fmt: skip


def test_who_is_replaced_takes_their_own_shift_back(rotation: Rotation, cast: dict[str, Agent]) -> None:
    services.take_swap(ask(rotation, cast), by=cast["cem"], now=NOW)
    back = ask(rotation, cast, person=cast["cem"], by=cast["cem"], to=cast["ana"])

    services.take_swap(back, by=cast["ana"], now=NOW)

    assert on(rotation, MONDAY) == ("Ana",)
    assert not Override.objects.exists()


def test_an_override_of_every_role_is_a_leads_to_end(rotation: Rotation, cast: dict[str, Agent]) -> None:
    services.add_override(
        rotation, starts_at=MONDAY, ends_at=MONDAY + DAY, remove=cast["ana"], add=cast["eli"], reason="ill", now=NOW
    )

    said = refused(rotation, cast, person=cast["eli"], by=cast["eli"])[""][0]

    assert "An override touches Eli then: Eli for Ana" in said


def test_a_shift_that_is_somebody_elses_meanwhile_is_not_taken(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)
    services.add_override(
        rotation, starts_at=MONDAY, ends_at=MONDAY + DAY, remove=cast["ana"], add=cast["eli"], reason="x", now=NOW
    )

    with pytest.raises(SwapRefused, match="Ana is not on as primary"):
        services.take_swap(request, by=cast["cem"], now=NOW)


def test_the_second_who_takes_it_learns_who_was_quicker(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)
    services.take_swap(request, by=cast["cem"], now=NOW)

    with pytest.raises(SwapIsOver, match=r"Cem has taken it already\."):
        services.take_swap(request, by=cast["dot"], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_one_does(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)
    start, ends = threading.Barrier(2), []

    def press(agent: Agent) -> None:
        try:
            start.wait(10)
            services.take_swap(SwapRequest.objects.get(pk=request.pk), by=agent, now=NOW)
            ends.append("took it")
        except RotationError as refusal:
            ends.append(str(refusal))
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=press, args=(cast[name],)) for name in ("cem", "dot")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    taker = str(SwapRequest.objects.get().taken_by)
    assert sorted(ends) == sorted(["took it", f"{taker} has taken it already."])
    assert Override.objects.count() == 1


def test_who_was_not_asked_does_not_take_it(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast, to=cast["dot"])

    with pytest.raises(SwapRefused, match=r"Eli was not asked to take this\."):
        services.take_swap(request, by=cast["eli"], now=NOW)


def test_declined_by_the_one_who_was_named_it_is_over(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast, to=cast["dot"])

    assert services.decline_swap(request, by=cast["dot"], now=NOW)

    with pytest.raises(SwapIsOver, match=r"It was declined\."):
        services.take_swap(request, by=cast["dot"], now=NOW)


def test_declined_by_one_of_several_it_is_asked_of_the_others(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)

    assert not services.decline_swap(request, by=cast["cem"], now=NOW)
    services.take_swap(request, by=cast["dot"], now=NOW)

    assert on(rotation, MONDAY) == ("Dot",)


def test_what_is_withdrawn_is_not_taken(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)

    services.withdraw_swap(request, now=NOW)

    with pytest.raises(SwapIsOver, match="It was withdrawn"):
        services.take_swap(request, by=cast["cem"], now=NOW)


def test_what_began_before_anybody_took_it_is_over_and_says_so_once(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)

    with pytest.raises(SwapIsOver, match="It began before anybody took it"):
        services.take_swap(request, by=cast["cem"], now=MONDAY)
    assert [services.expire_swaps(now=at) for at in (MONDAY - DAY, MONDAY, MONDAY)] == [0, 1, 0]

    assert StoredEvent.objects.get(type="SwapExpired").occurred_at == MONDAY


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"ends_at": MONDAY}, "ends_at", "It must end after it starts."),
        ({"starts_at": NOW - DAY}, "starts_at", "This has begun already."),
        ({"starts_at": datetime(9999, 1, 1, tzinfo=UTC)}, "starts_at", "The year 9999 is a slip"),
        ({"ends_at": MONDAY + 2 * WEEK}, "", "Ana is not on as primary for all of this time."),
        ({"to": "ana"}, "to", "Somebody cannot take their own shift."),
        ({"message": "x" * 301}, "message", "A message has at most 300 characters."),
        ({"role": "backup"}, "", "Ana is not on as backup"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_why(
    rotation: Rotation, cast: dict[str, Agent], fields: dict[str, Any], field: str, sentence: str
) -> None:
    asked = dict(fields)
    if "to" in asked:
        asked["to"] = cast[asked["to"]]
    if "role" in asked:
        asked["role"] = role(rotation, asked["role"])

    assert sentence in refused(rotation, cast, **asked)[field][0]
    assert not Invited.objects.exists()


def test_the_same_is_not_asked_twice(rotation: Rotation, cast: dict[str, Agent]) -> None:
    ask(rotation, cast)

    assert "This is asked already" in refused(rotation, cast, ends_at=MONDAY + 2 * DAY)[""][0]


def test_a_role_that_goes_takes_its_requests_along(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)
    role(rotation).delete()

    with pytest.raises(SwapIsOver, match="This request is gone"):
        services.take_swap(request, by=cast["cem"], now=NOW)


def test_what_is_given_in_return_may_begin_first_and_then_it_is_too_late(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    back = InReturn(role(rotation, "backup"), NOW + DAY, NOW + 2 * DAY)
    request = ask(
        rotation, cast, to=cast["ana"], person=cast["ben"], starts_at=NEXT_MONDAY, ends_at=NEXT_MONDAY + DAY, back=back
    )

    assert services.expire_swaps(now=NOW + DAY - timedelta(seconds=1)) == 0
    assert services.expire_swaps(now=NOW + DAY) == 1
    with pytest.raises(SwapIsOver, match="It began before anybody took it"):
        services.take_swap(request, by=cast["ana"], now=NOW + DAY)
