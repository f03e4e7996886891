"""Maintenance is planned, begins and ends by itself, and says so; it silences nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.incidents import maintaining
from apps.incidents.errors import BadIncident, ChangedMeanwhile, IllegalStep, NotYours
from apps.incidents.models import Maintenance
from apps.incidents.services import maintenance as services
from apps.statuspage.visible import snapshot
from apps.trail.models import StoredEvent
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def planned(**fields: Any) -> Maintenance:
    """In two days, for two hours, of the component api."""
    if not fields.get("components"):
        make.component("api")
    defaults: dict[str, Any] = {
        "title": "Databases move",
        "starts_at": NOW + 2 * DAY,
        "ends_at": NOW + 2 * DAY + 2 * HOUR,
        "components": ["api"],
        "public_text": "Boards cannot be saved.",
        "by": make.acting(),
        "now": NOW,
    }
    return services.plan(**{**defaults, **fields})


def follow(now: datetime) -> int:
    return maintaining.follow_plans(now=now, by=make.acting(name="The plan")).moved


def told() -> list[str]:
    return list(StoredEvent.objects.order_by("position").values_list("type", flat=True))


def test_it_begins_and_ends_by_itself_and_the_component_shows_it() -> None:
    row = planned()

    follow(row.starts_at)
    during = snapshot(at=row.starts_at)
    follow(row.ends_at)
    after = snapshot(at=row.ends_at)

    assert (during.components[0].status, during.maintenances[0].status) == ("under_maintenance", "in_progress")
    assert (after.components[0].status, after.maintenances[0].status) == ("operational", "completed")
    [interval] = after.components[0].intervals
    assert (interval.start, interval.end) == (row.starts_at, row.ends_at)


def test_after_an_outage_its_times_are_the_planned_ones() -> None:
    row = planned()

    assert follow(row.ends_at + 5 * HOUR) == 1

    row.refresh_from_db()
    assert (row.status, row.started_at, row.ended_at) == ("completed", row.starts_at, row.ends_at)
    assert told()[-2:] == ["MaintenanceBegan", "MaintenanceCompleted"]
    assert follow(row.ends_at + 6 * HOUR) == 0


def test_who_subscribed_is_reminded_once_a_day_before() -> None:
    row = planned()

    assert [follow(row.starts_at - DAY - HOUR), follow(row.starts_at - DAY), follow(row.starts_at - HOUR)] == [0, 1, 0]
    assert told().count("MaintenanceNear") == 1


def test_what_begins_within_a_day_is_announced_and_not_announced_again_at_once() -> None:
    row = planned(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)

    assert follow(NOW) == 0

    services.change(row, {"starts_at": NOW + 3 * DAY, "ends_at": NOW + 4 * DAY}, by=make.acting(), now=NOW)
    assert follow(NOW + 2 * DAY) == 1


def test_one_that_has_begun_already_runs_at_once() -> None:
    row = planned(starts_at=NOW - HOUR, ends_at=NOW + HOUR)

    assert (row.status, row.started_at) == ("in_progress", NOW - HOUR)


def test_it_is_begun_verified_and_ended_by_hand_too() -> None:
    row = planned()

    services.begin(row, by=make.acting(), now=NOW + HOUR)
    services.post_update(row, status="verifying", public_text="We look.", by=make.acting(), now=NOW + 2 * HOUR)
    services.end(row, by=make.acting(), now=NOW + 3 * HOUR)

    [public] = snapshot(at=NOW).maintenances
    said = [(each.status, each.body) for each in public.updates]
    assert said == [
        ("completed", "The maintenance is completed."),
        ("verifying", "We look."),
        ("in_progress", "The maintenance is in progress."),
        ("scheduled", "Boards cannot be saved."),
    ]
    with pytest.raises(IllegalStep) as refused:
        services.begin(row, by=make.acting(), now=NOW + 4 * HOUR)
    assert refused.value.legal_from == ["scheduled"]


def test_one_that_was_begun_after_its_planned_end_ended_no_earlier_than_it_began() -> None:
    made = planned()
    late = made.ends_at + HOUR

    services.begin(made, by=make.acting(), now=late)
    follow(late + HOUR)

    made.refresh_from_db()
    assert (made.status, made.started_at, made.ended_at) == ("completed", late, late)


def test_a_cancelled_one_is_forgotten_by_the_page_and_never_begins() -> None:
    row = planned()

    services.cancel(row, because="The part did not come", by=make.acting(), now=NOW)

    assert follow(row.ends_at) == 0
    assert not snapshot(at=NOW).maintenances


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends_at": NOW + DAY}, "ends_at"),
        ({"starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, "ends_at"),
        ({"ends_at": NOW + 5000 * DAY}, "ends_at"),
        ({"title": " "}, "title"),
        ({"components": ["api", "none"]}, "components"),
        ({"remind_before": -DAY}, "remind_before"),
    ],
)
def test_what_is_no_plan_is_refused_at_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadIncident) as refused:
        planned(**fields)

    assert list(refused.value.errors) == [field]


def test_a_beginning_that_passed_is_a_fact_and_an_end_can_still_be_moved() -> None:
    row = planned(starts_at=NOW - HOUR, ends_at=NOW + HOUR)

    services.change(row, {"ends_at": NOW + 2 * HOUR}, by=make.acting(), now=NOW)
    with pytest.raises(BadIncident):
        services.change(row, {"starts_at": NOW + HOUR}, by=make.acting(), now=NOW)
    with pytest.raises(ChangedMeanwhile):
        services.change(row, {"title": "Other"}, by=make.acting(), now=NOW, version=1)

    assert follow(NOW + HOUR) == 0


def test_an_agent_plans_none() -> None:
    with pytest.raises(NotYours):
        planned(by=make.acting(make.agent()))


def test_asked_twice_it_is_planned_once() -> None:
    planned(key="api:request:1")
    planned(key="api:request:1", components=["api"])

    assert Maintenance.objects.count() == 1
