"""Rotations written whole: what is refused, and two who save at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import RotationRefused
from apps.rotations.models import Rotation
from apps.rotations.schedules import on_call, schedule
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db

NOW = make.NOW
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana")


@pytest.fixture
def spec(ana: Agent) -> RotationSpec:
    return RotationSpec(
        team=make.team().slug,
        slug="set",
        name="SET",
        time_zone="Europe/London",
        roles=(RoleSpec("primary"),),
        layers=(make.layer(ana),),
    )


def refused(spec: RotationSpec, rotation: Rotation | None = None) -> dict[str, list[str]]:
    with pytest.raises(RotationRefused) as error:
        services.save_rotation(rotation, spec, now=NOW)
    return error.value.errors


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        (
            {"time_zone": "Mars/Olympus"},
            "time_zone",
            "“Mars/Olympus” is no time zone. Use a name such as Europe/London.",
        ),
        ({"team": "nobody"}, "team", "There is no team “nobody”."),
        ({"name": " "}, "name", "Give the rotation a name."),
        ({"slug": "with space"}, "slug", "A slug has at most 50 letters"),
        ({"channel": "nonsense"}, "channel", "A Slack channel's id starts with C"),
        ({"roles": ()}, "roles", "A rotation has at least one role, such as primary."),
        ({"roles": (RoleSpec("primary"), RoleSpec("Primary"))}, "roles.0.name", "Two roles are called “primary”."),
        ({"roles": (RoleSpec("lead"),)}, "layers.0.role", "The rotation has no role “primary”."),
    ],
)
def test_a_rotation_that_cannot_be_is_refused_beside_its_field(
    spec: RotationSpec, changes: dict[str, Any], path: str, sentence: str
) -> None:
    errors = refused(replace(spec, **changes))

    assert errors[path][0].startswith(sentence)
    assert not Rotation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        ({"length": 0}, "length", "A turn is at least one unit long."),
        ({"length": 54}, "length", "A turn is at most a year long: 53 weeks."),
        ({"unit": "fortnight"}, "unit", "“fortnight” is no unit; there are hour, day, week, month."),
        ({"start_local": None}, "start_local", "Say when the first turn begins."),
        ({"start_local": datetime(1, 1, 1)}, "start_local", "The year 1 is a slip of the finger."),
        ({"advance": "sideways"}, "advance", "“sideways” is no way to advance"),
        ({"advance": "active_day"}, "advance", "Only turns of days can count active days alone"),
        ({"kind": "magic"}, "kind", "“magic” is no kind of layer; there are turns, people, shifts, calendar."),
        ({"kind": "shifts"}, "shift_kind", "Say which shifts count: support or embedded."),
        ({"active_days": ("XX",)}, "active_days", "“XX” is no day; there are MO, TU"),
        ({"turn_active_minutes": 0}, "turn_active_minutes", "This is between one minute and a year"),
        ({"priority": 9999}, "priority", "A priority is between -1000 and 1000."),
        ({"valid_from": NOW, "valid_until": NOW - DAY}, "valid_until", "This must be after the layer is valid from."),
        ({"participants": (("zoe@example.com",),)}, "participants.0", "There is no agent “zoe@example.com”."),
    ],
)
def test_a_layer_that_cannot_be_is_refused_beside_its_field(
    spec: RotationSpec, changes: dict[str, Any], path: str, sentence: str
) -> None:
    errors = refused(replace(spec, layers=(replace(spec.layers[0], **changes),)))

    assert errors[f"layers.0.{path}"][0].startswith(sentence)


def test_an_empty_roster_is_accepted_and_is_a_gap(spec: RotationSpec) -> None:
    rotation = services.save_rotation(None, replace(spec, layers=(make.layer(),)), now=NOW)

    assert [gap.role for gap in schedule(rotation, NOW, NOW + DAY).gaps] == ["primary"]


def test_a_rotation_may_start_in_an_hour_the_clock_skips(spec: RotationSpec, ana: Agent) -> None:
    skipped = make.layer(ana, start_local=datetime(2026, 3, 29, 1, 30))

    rotation = services.save_rotation(None, replace(spec, layers=(skipped,)), now=NOW)

    [duty] = schedule(rotation, NOW, NOW + 2 * WEEK).shifts
    assert duty.start == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_the_slug_stays(spec: RotationSpec) -> None:
    rotation = services.save_rotation(None, spec, now=NOW)

    assert refused(replace(spec, slug="other"), rotation)["slug"][0].startswith("The slug stays")


def test_a_slug_is_taken_once(spec: RotationSpec) -> None:
    services.save_rotation(None, spec, now=NOW)

    assert refused(spec)["slug"] == ["There is a rotation “set” already."]


def test_a_role_with_overrides_ahead_is_not_taken_away(spec: RotationSpec, ana: Agent) -> None:
    both = replace(spec, roles=(RoleSpec("primary"), RoleSpec("lead")))
    rotation = services.save_rotation(None, both, now=NOW)
    services.add_override(
        rotation, role=rotation.roles.get(name="lead"), add=ana, ends_at=NOW + DAY, reason="fills in", now=NOW
    )

    assert "withdraw them first" in refused(spec, rotation)["roles"][0]


def test_saving_what_is_there_changes_nothing(spec: RotationSpec) -> None:
    rotation = services.save_rotation(None, spec, now=NOW)
    told = StoredEvent.objects.count()

    services.save_rotation(rotation, spec, now=NOW)

    assert StoredEvent.objects.count() == told


def test_other_people_in_a_saved_layer_take_over_at_the_next_handoff(spec: RotationSpec) -> None:
    rotation = services.save_rotation(None, spec, now=NOW)
    dot = make.agent("Dot")

    services.save_rotation(rotation, replace(spec, layers=(make.layer(dot),)), now=NOW)

    duties = schedule(rotation, NOW, NOW + WEEK).of("primary")
    assert [duty.people for duty in duties] == [("ana@example.com",), ("dot@example.com",)]


def test_a_layer_that_is_to_begin_anew_begins_with_its_first(spec: RotationSpec, ana: Agent) -> None:
    ben = make.agent("Ben")
    rotation = services.save_rotation(None, replace(spec, layers=(make.layer(ana, ben),)), now=NOW)
    services.change_roster(rotation.layers.get(), [[ben.email], [ana.email]], now=NOW)
    later = make.layer(ana, ben, start_local=datetime(2026, 6, 1, 9), participants=None)

    services.save_rotation(rotation, replace(spec, layers=(later,)), now=NOW + 2 * WEEK)

    first = schedule(rotation, NOW + 2 * WEEK, NOW + 20 * WEEK).shifts[0]
    assert (first.start, first.people) == (datetime(2026, 6, 1, 8, tzinfo=UTC), ("ben@example.com",))


def test_a_layer_that_goes_takes_its_people_off(spec: RotationSpec) -> None:
    rotation = services.save_rotation(None, spec, now=NOW)

    services.save_rotation(rotation, replace(spec, layers=()), now=NOW)

    assert on_call(NOW)[rotation][0].people == ()
    assert on_call(NOW - DAY)[rotation][0].names == ("Ana",)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_the_second_waits_and_nothing_is_lost() -> None:
    ana = make.agent("Ana")
    spec = RotationSpec(
        team=make.team().slug, slug="set", name="SET", time_zone="Europe/London",
        roles=(RoleSpec("primary"),), layers=(make.layer(ana),),
    )  # fmt: skip
    rotation = services.save_rotation(None, spec, now=NOW)
    done = []

    def second() -> None:
        more = LayerSpec(role="primary", name="cover", kind="people", participants=(("ana@example.com",),))
        services.save_rotation(rotation, replace(spec, layers=(*spec.layers, more)), now=NOW)
        done.append(True)
        close_old_connections()
        connection.close()

    with transaction.atomic():
        services.add_override(rotation, remove=ana, ends_at=NOW + DAY, reason="ill", now=NOW)
        thread = threading.Thread(target=second)
        thread.start()
        make.until_somebody_waits()
    thread.join(10)

    assert done == [True]
    assert rotation.overrides.count() == 1
    assert rotation.layers.count() == 2
