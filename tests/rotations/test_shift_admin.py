"""Shifts in the admin: who is there when, and whose a lead may change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.errors import BadShift
from apps.rotations.models import Shift
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db

LIST = "/admin/rotations/shift/"
ADD = "/admin/rotations/shift/add/"
HOUR = timedelta(hours=1)


def signed_in(role: str, now: datetime, **fields: Any) -> Client:
    roles.sync(now)
    who = make.agent(role.split()[-1].capitalize(), **fields)
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def manager(now: datetime) -> Client:
    return signed_in(roles.MANAGER, now)


def typed(
    agent: Agent, start: str = "2026-03-18 09:00", end: str = "2026-03-18 17:00", **fields: str
) -> dict[str, Any]:
    (first_day, first_hour), (last_day, last_hour) = start.split(), end.split()
    return {
        "agent": agent.pk,
        "kind": "support",
        "product": "",
        "starts_at_0": first_day,
        "starts_at_1": first_hour,
        "ends_at_0": last_day,
        "ends_at_1": last_hour,
        **fields,
    }


def change(shift: Shift) -> str:
    return reverse("admin:rotations_shift_change", args=[shift.pk])


def test_a_new_shift_is_on_the_trail(manager: Client) -> None:
    ana = make.agent("Ana")

    response = manager.post(ADD, typed(ana))

    assert response.status_code == 302
    shift = Shift.objects.get()
    assert (shift.agent, shift.starts_at.isoformat()) == (ana, "2026-03-18T09:00:00+00:00")
    assert StoredEvent.objects.filter(type="ObjectCreated", payload__model="rotations.shift").count() == 1


def test_times_are_typed_in_the_viewers_zone(now: datetime) -> None:
    manager = signed_in(roles.MANAGER, now, time_zone="America/New_York")

    manager.post(ADD, typed(make.agent("Ana")))

    assert Shift.objects.get().starts_at.isoformat() == "2026-03-18T13:00:00+00:00"
    assert "America/New_York" in manager.get(ADD).content.decode()


@pytest.mark.parametrize("end", ["2026-03-18 09:00", "2026-03-18 08:00"])
def test_a_shift_that_does_not_end_after_its_start_is_refused_with_a_sentence(manager: Client, end: str) -> None:
    response = manager.post(ADD, typed(make.agent("Ana"), end=end))

    assert response.context["adminform"].form.errors == {"ends_at": ["The shift must end after it starts."]}


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_year_that_no_other_clock_can_show_is_refused(now: datetime, zone: str, day: str) -> None:
    manager = signed_in(roles.MANAGER, now, time_zone=zone)

    response = manager.post(ADD, typed(make.agent("Ana"), start=f"{day} 00:00", end=f"{day} 23:59"))

    said = f"The year {int(day[:4])} is a slip of the finger."
    assert response.context["adminform"].form.errors == {"starts_at": [said], "ends_at": [said]}


def test_no_service_takes_such_a_year_either(now: datetime) -> None:
    far = datetime(9999, 12, 31, tzinfo=UTC)

    with pytest.raises(BadShift, match="The year 9999"):
        services.save_shift(None, agent=make.agent("Ana"), starts_at=far, ends_at=far + HOUR, now=now)


def test_embedded_without_a_product_is_refused(manager: Client) -> None:
    response = manager.post(ADD, typed(make.agent("Ana"), kind="embedded"))

    assert list(response.context["adminform"].form.errors) == ["product"]


def test_a_support_shift_keeps_no_product(manager: Client) -> None:
    manager.post(ADD, typed(make.agent("Ana"), product="Boards"))

    assert Shift.objects.get().product == ""


def test_an_overlap_with_a_shift_of_the_same_kind_is_refused(manager: Client) -> None:
    ana = make.agent("Ana")
    make.shift(ana)

    response = manager.post(ADD, typed(ana, "2026-03-18 12:00", "2026-03-18 20:00"))

    assert response.context["adminform"].form.errors == {
        "starts_at": [
            "Ana, support is on then already, from 18 Mar 2026 09:00 UTC to 18 Mar 2026 17:00 UTC. "
            "Change that shift, or choose other times."
        ]
    }


def test_a_shift_does_not_overlap_itself(manager: Client) -> None:
    ana = make.agent("Ana")

    assert manager.post(change(make.shift(ana)), typed(ana, "2026-03-18 12:00")).status_code == 302


def test_somebody_who_left_gets_no_new_shift_and_the_old_ones_stay_editable(manager: Client) -> None:
    gone = make.agent("Gone", is_active=False)

    refused = manager.post(ADD, typed(gone))
    shortened = manager.post(change(make.shift(gone)), typed(gone, end="2026-03-18 12:00"))

    assert list(refused.context["adminform"].form.errors) == ["agent"]
    assert shortened.status_code == 302


def test_a_manager_cancels_a_shift_before_it_begins_and_no_other(manager: Client) -> None:
    ahead = make.shift(make.agent("Ana"), start=timezone.now() + HOUR)
    begun = make.shift(make.agent("Ben"), start=timezone.now() - HOUR)
    over = make.shift(make.agent("Carla"))

    answers = [
        manager.post(reverse("admin:rotations_shift_delete", args=[shift.pk]), {"post": "yes"}).status_code
        for shift in (ahead, begun, over)
    ]

    assert answers == [302, 403, 403]
    assert set(Shift.objects.all()) == {begun, over}
    assert StoredEvent.objects.filter(type="ObjectDeleted", payload__model="rotations.shift").count() == 1


def test_an_overlap_with_a_shift_of_another_kind_is_saved_and_warned_of(manager: Client) -> None:
    ana = make.agent("Ana")
    make.shift(ana)

    response = manager.post(
        ADD, typed(ana, "2026-03-18 12:00", "2026-03-18 20:00", kind="embedded", product="Boards"), follow=True
    )

    assert Shift.objects.count() == 2
    assert "Ana has another shift then: support" in response.content.decode()


def test_a_handoff_is_no_overlap(manager: Client) -> None:
    ana = make.agent("Ana")
    make.shift(ana, hours=8)

    response = manager.post(ADD, typed(ana, "2026-03-18 17:00", "2026-03-18 20:00"), follow=True)

    assert "has another shift then" not in response.content.decode()


@pytest.mark.parametrize(("when", "expected"), [("now", "Ana"), ("upcoming", "Ben"), ("past", "Carla")])
def test_shifts_are_filtered_by_when(manager: Client, when: str, expected: str) -> None:
    now = timezone.now()
    make.shift(make.agent("Ana"), start=now - HOUR, hours=2)
    make.shift(make.agent("Ben"), start=now + HOUR, hours=2)
    make.shift(make.agent("Carla"), start=now - 3 * HOUR, hours=2)

    results = manager.get(LIST, {"when": when}).context["cl"].result_list

    assert [str(shift.agent) for shift in results] == [expected]


def test_the_list_shows_the_zone_with_each_time(now: datetime) -> None:
    manager = signed_in(roles.MANAGER, now, time_zone="Europe/Paris")
    make.shift(make.agent("Ana"))

    assert "18 Mar 10:00 CET" in manager.get(LIST).content.decode()


def test_the_list_costs_the_same_queries_however_long(manager: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(LIST).status_code == 200
        return len(captured)

    for number in range(2):
        make.shift(make.agent(f"First{number}"))
    few = queries()
    for number in range(8):
        make.shift(make.agent(f"Later{number}"))

    assert queries() == few


def test_a_lead_changes_the_shifts_of_the_own_team_only(now: datetime) -> None:
    lead = signed_in(roles.LEAD, now)
    ours, theirs = make.agent("Ours"), make.agent("Theirs")
    team = Team.objects.create(slug="set", name="SET", kind="engineering")
    team.members.set([ours, Agent.objects.get(first_name="Lead")])
    own, other = make.shift(ours), make.shift(theirs)

    assert lead.post(change(own), typed(ours, end="2026-03-18 18:00")).status_code == 302
    assert lead.post(change(other), typed(theirs, end="2026-03-18 18:00")).status_code == 403
    assert lead.get(change(other)).status_code == 200
    own.refresh_from_db()
    assert own.ends_at.hour == 18


def test_a_lead_cannot_hand_a_shift_to_somebody_of_another_team(now: datetime) -> None:
    lead = signed_in(roles.LEAD, now)
    theirs = make.agent("Theirs")

    response = lead.post(ADD, typed(theirs))

    assert response.context["adminform"].form.errors == {"agent": ["You change the shifts of your own teams only."]}
    assert not Shift.objects.exists()


def test_a_shift_of_more_than_a_year_is_refused_with_a_sentence(manager: Client) -> None:
    response = manager.post(ADD, typed(make.agent("Ana"), end="2027-03-20 09:00"))

    assert response.context["adminform"].form.errors == {"ends_at": ["A shift is at most 366 days long."]}


def test_a_time_that_is_none_says_how_to_write_one(manager: Client) -> None:
    response = manager.post(ADD, typed(make.agent("Ana"), start="soon early"))

    assert response.context["adminform"].form.errors["starts_at"] == [
        "Use a date such as 2026-11-21.",
        "Use a time such as 14:30.",
    ]


def test_the_list_begins_with_what_is_now_and_comes_next(manager: Client) -> None:
    now = timezone.now()
    for name, hours in (("Last", -9), ("Latest", 30), ("Before", -30), ("Next", 5), ("Now", -1)):
        make.shift(make.agent(name), start=now + hours * HOUR, hours=2)

    results = manager.get(LIST).context["cl"].result_list

    assert [str(shift.agent) for shift in results] == ["Now", "Next", "Latest", "Last", "Before"]
