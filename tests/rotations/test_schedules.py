"""Rotations as they are stored: who is on, from when to when, and what stays of the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.definitions import written
from apps.rotations.models import Rotation, Served
from apps.rotations.schedules import on_call, on_call_for_support, schedule
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.rotations.timeline import Timeline
from tests import make

pytestmark = pytest.mark.django_db

# Wednesday 18 March 2026, 09:00 London: the third weekly turn, which began on Monday the 16th.
NOW = make.NOW
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Dot")}


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    """Ana, Ben and Cem take weeks as primary; the backup is next week's primary."""
    people = (cast["ana"], cast["ben"], cast["cem"])
    return make.rotation(make.layer(*people), make.layer(*people, role="backup", index_offset=1))


def names(timeline: Timeline, role: str = "primary") -> list[tuple[str, ...]]:
    return [tuple(person.partition("@")[0] for person in duty.people) for duty in timeline.of(role)]


def on(rotation: Rotation, at: datetime, role: str = "primary") -> tuple[str, ...]:
    current = {each.role: each for each in on_call(at, Rotation.objects.filter(pk=rotation.pk))[rotation]}
    return tuple(str(person).lower() for person in current[role].people)


def spec_with(rotation: Rotation, *layers: LayerSpec) -> RotationSpec:
    return RotationSpec(
        team=rotation.team.slug,
        slug=rotation.slug,
        name=rotation.name,
        time_zone=rotation.time_zone,
        roles=tuple(RoleSpec(role.name) for role in rotation.roles.all()),
        layers=layers,
    )


def test_turns_follow_one_another_and_the_backup_is_next_weeks_primary(rotation: Rotation) -> None:
    timeline = schedule(rotation, MONDAY, MONDAY + 3 * WEEK)

    assert names(timeline)[:3] == [("cem",), ("ana",), ("ben",)]
    assert names(timeline, "backup")[:3] == [("ana",), ("ben",), ("cem",)]
    assert timeline.gaps == ()


def test_around_an_instant_the_shift_has_its_true_ends(rotation: Rotation) -> None:
    [primary, backup] = on_call(NOW)[rotation]

    assert (primary.start, primary.end) == (MONDAY, MONDAY + WEEK)
    assert primary.because == "turn 3 of “primary weekly”"
    assert [str(person) for person in backup.people] == ["Ana"]


def test_who_is_always_on_has_no_ends_within_a_year(cast: dict[str, Agent]) -> None:
    rotation = make.rotation(make.layer(cast["ana"], kind="people", start_local=None))

    [current] = on_call(NOW + 2 * 365 * DAY)[rotation]

    assert (current.start, current.end, current.names) == (None, None, ("Ana",))


def test_a_new_rotation_takes_its_past_over_from_its_first_handoff(rotation: Rotation) -> None:
    timeline = schedule(rotation, NOW - 60 * DAY, NOW)

    assert names(timeline) == [("ana",), ("ben",), ("cem",)]
    assert timeline.of("primary")[0].start == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_changed_definition_never_rewrites_the_past(rotation: Rotation, cast: dict[str, Agent]) -> None:
    before = schedule(rotation, NOW - 10 * DAY, NOW)

    services.save_rotation(
        rotation,
        spec_with(
            rotation,
            make.layer(cast["dot"], start_local=datetime(2026, 3, 1, 12), unit="day"),
            make.layer(cast["dot"], role="backup"),
        ),
        now=NOW,
    )

    after = schedule(rotation, NOW - 10 * DAY, NOW)
    assert after.duties == before.duties


def test_a_shift_that_history_cuts_is_shown_whole(rotation: Rotation) -> None:
    services.keep_history(rotation, now=NOW + DAY)
    services.keep_history(rotation, now=NOW + 2 * DAY)

    # Until the clocks go forward.
    timeline = schedule(rotation, MONDAY - WEEK, datetime(2026, 3, 30, 8, tzinfo=UTC))

    assert names(timeline) == [("ben",), ("cem",), ("ana",)]
    assert Served.objects.filter(rotation=rotation, role="primary").count() == 3


def test_what_was_kept_tells_the_shift_of_an_instant_in_the_past(rotation: Rotation) -> None:
    services.keep_history(rotation, now=NOW + 4 * WEEK)

    [primary, _] = on_call(NOW)[rotation]

    assert (primary.start, primary.end, primary.names) == (MONDAY, MONDAY + WEEK, ("Cem",))


def test_history_names_people_who_are_gone_from_the_rotation(rotation: Rotation, cast: dict[str, Agent]) -> None:
    services.save_rotation(
        rotation,
        spec_with(rotation, make.layer(cast["dot"], name="new"), make.layer(role="backup", name="none")),
        now=NOW,
    )

    [primary, _] = on_call(NOW - DAY, Rotation.objects.all())[rotation]

    assert (primary.names, primary.emails, primary.people) == (("Cem",), ("cem@example.com",), ())


def test_a_clock_put_back_keeps_nothing_twice(rotation: Rotation) -> None:
    services.keep_history(rotation, now=NOW + DAY)
    kept = list(Served.objects.values())

    services.keep_history(rotation, now=NOW)

    assert list(Served.objects.values()) == kept


def test_the_job_keeps_every_rotation_and_tells_how_many(rotation: Rotation, cast: dict[str, Agent]) -> None:
    make.rotation(make.layer(cast["dot"]), slug="other")

    kept = services.keep_histories(now=NOW + DAY)

    assert kept == 2
    assert set(Rotation.objects.values_list("kept_until", flat=True)) == {NOW + DAY}


def test_who_works_here_no_more_leaves_a_gap(rotation: Rotation, cast: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=cast["ana"].pk).update(is_active=False)

    timeline = schedule(rotation, NOW, NOW + 2 * WEEK)

    assert names(timeline) == [("cem",), (), ("ben",)]
    assert timeline.gaps[0].start == MONDAY + WEEK


def test_an_override_that_replaces_somebody_gone_acts(rotation: Rotation, cast: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=cast["cem"].pk).update(is_active=False)

    services.add_override(rotation, ends_at=NOW + DAY, remove=cast["cem"], add=cast["dot"], reason="Cem left", now=NOW)

    assert on(rotation, NOW) == ("dot",)


def test_people_who_entered_a_shift_are_on_by_a_layer_of_shifts(cast: dict[str, Agent]) -> None:
    support = make.team("support", cast["ana"], cast["ben"], kind="support")
    make.shift(cast["ana"], start=NOW - timedelta(hours=1))
    make.shift(cast["dot"], start=NOW)
    make.shift(cast["ben"], kind="embedded", product="Boards", start=NOW)
    entered = LayerSpec(role="primary", kind="shifts", shift_kind="support")
    rotation = make.rotation(entered, team_of=support)

    [current] = on_call(NOW)[rotation]

    assert current.names == ("Ana",)
    assert current.start == NOW - timedelta(hours=1) or current.start == NOW
    assert current.because == "shift in “primary 1”"


def test_an_archived_rotation_has_nobody_on_and_keeps_its_past(rotation: Rotation) -> None:
    services.archive(rotation, now=NOW)
    services.keep_histories(now=NOW + WEEK)

    assert rotation not in on_call(NOW)
    assert names(schedule(rotation, NOW - DAY, NOW + WEEK)) == [("cem",)]

    services.restore(rotation, now=NOW + 2 * WEEK)

    assert next(duty.start for duty in schedule(rotation, NOW, NOW + 3 * WEEK).of("primary")) == NOW + 2 * WEEK


def test_on_call_asks_as_much_of_twenty_rotations_as_of_two(
    cast: dict[str, Agent], django_assert_num_queries: Callable[[int], Any]
) -> None:
    def made(count: int, prefix: str) -> None:
        for number in range(count):
            new = make.rotation(
                make.layer(cast["ana"], cast["ben"]),
                LayerSpec(role="backup", kind="shifts", shift_kind="support"),
                slug=f"{prefix}{number}",
            )
            services.add_override(new, role=new.roles.first(), ends_at=NOW + DAY, add=cast["cem"], reason="x", now=NOW)

    made(2, "few")
    with django_assert_num_queries(8):
        on_call(NOW)
    made(18, "many")

    with django_assert_num_queries(8):
        assert len(on_call(NOW)) == 20


def test_only_rotations_of_support_teams_count_for_support(rotation: Rotation, cast: dict[str, Agent]) -> None:
    support = make.rotation(make.layer(cast["dot"]), slug="emea", team_of=make.team("support", kind="support"))

    assert set(on_call_for_support(NOW)) == {support}
    assert rotation.team.kind == Team.Kind.ENGINEERING


def test_a_role_without_a_layer_is_a_gap(cast: dict[str, Agent]) -> None:
    rotation = make.rotation(make.layer(cast["ana"]), roles=("primary", "lead"))

    timeline = schedule(rotation, NOW, NOW + DAY)

    assert [(gap.role, gap.start, gap.end) for gap in timeline.gaps] == [("lead", NOW, NOW + DAY)]


def test_a_changed_window_and_priority_hold(cast: dict[str, Agent]) -> None:
    nights = make.layer(
        cast["dot"], name="nights", priority=5, active_from=datetime(2026, 1, 1, 22).time(),
        active_to=datetime(2026, 1, 1, 6).time(), active_days=("WE",),
    )  # fmt: skip
    rotation = make.rotation(make.layer(cast["ana"]), nights)

    assert on(rotation, datetime(2026, 3, 18, 23, tzinfo=UTC)) == ("dot",)
    assert on(rotation, datetime(2026, 3, 19, 5, 59, tzinfo=UTC)) == ("dot",)
    assert on(rotation, datetime(2026, 3, 19, 6, tzinfo=UTC)) == ("ana",)


def test_a_renamed_role_keeps_its_past_under_the_new_name(rotation: Rotation) -> None:
    roles = {role.name: role.pk for role in rotation.roles.all()}
    layers = {layer.name: layer.pk for layer in rotation.layers.all()}
    spec = spec_with(rotation)
    swapped = replace(
        spec,
        roles=(RoleSpec("backup", key=roles["primary"]), RoleSpec("primary", key=roles["backup"])),
        layers=(
            make.layer(role="backup", name="primary weekly", key=layers["primary weekly"], participants=None),
            make.layer(
                role="primary", name="backup weekly", key=layers["backup weekly"], participants=None, index_offset=1
            ),
        ),
    )

    services.save_rotation(rotation, swapped, now=NOW)

    assert on(rotation, NOW - DAY, "backup") == ("cem",)
    assert on(rotation, NOW + DAY, "backup") == ("cem",)
    assert on(rotation, NOW - DAY, "primary") == ("ana",)


def test_what_is_tried_is_what_saving_does_and_nothing_of_it_stays(rotation: Rotation, cast: dict[str, Agent]) -> None:
    def change() -> Rotation:
        services.add_override(
            rotation, ends_at=NOW + DAY, remove=cast["cem"], add=cast["dot"], reason="holiday", now=NOW
        )
        return rotation

    tried = services.what_if(change, rotation, start=NOW, end=NOW + WEEK)

    assert tried.before is not None
    assert names(tried.before.window(NOW, NOW + DAY)) == [("cem",)]
    assert names(tried.after.window(NOW, NOW + DAY)) == [("dot",)]
    assert on(rotation, NOW) == ("cem",)
    assert [each.rotation for each in written(Rotation.objects.all(), NOW, NOW + DAY)] == [rotation]
