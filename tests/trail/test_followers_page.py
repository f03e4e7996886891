"""Followers in the admin: how far each has read, and reading once more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.people.models import Agent
from apps.trail.followers import SEARCH
from apps.trail.models import Follower, StoredEvent
from tests.trail.lamps import switched
from tests.trail.test_pages import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/trail/follower/"
BACK = f"/admin/trail/follower/{SEARCH}/send_back/"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(Agent.objects.create_superuser("root@example.com"))
    return client


def row(client: Client, name: str) -> dict[str, str]:
    changelist = client.get(LIST).context["cl"]
    [follower] = [each for each in changelist.result_list if each.name == name]
    admin = changelist.model_admin
    return {column: str(getattr(admin, column)(follower)) for column in ("state", "behind", "waiting_since", "trouble")}


def test_it_says_how_many_events_it_has_not_seen_and_since_when(root: Client, now: datetime) -> None:
    everything = switched(12, now=now)
    Follower.objects.create(name=SEARCH, **StoredEvent.objects.get(position=everything[1].position).cursor._asdict())

    said = row(root, SEARCH)

    assert (said["state"], said["behind"]) == ("Behind", "10")
    assert "data-ago" in said["waiting_since"]


def test_who_has_read_everything_reads_along(root: Client, now: datetime) -> None:
    last = switched(3, now=now)[-1]
    Follower.objects.create(name=SEARCH, **StoredEvent.objects.get(position=last.position).cursor._asdict())

    assert row(root, SEARCH) == {"state": "Reads along", "behind": "0", "waiting_since": "None", "trouble": "None"}


def test_a_failing_one_says_since_when_and_why(root: Client, now: datetime) -> None:
    Follower.objects.create(name=SEARCH, failing_since=now, moved_at=now, error="ValueError: <b>too bright</b>")

    said = row(root, SEARCH)

    assert said["state"] == "Failing"
    assert "ValueError: &lt;b&gt;too bright" in said["trouble"]
    assert "09:00 UTC" in said["trouble"]


def test_one_that_the_code_no_longer_has_is_read_by_nobody(root: Client) -> None:
    Follower.objects.create(name="gone")

    assert row(root, "gone")["state"] == "Read by nobody"


def test_a_lease_shows_while_it_lasts(root: Client, now: datetime) -> None:
    soon = datetime.now(now.tzinfo) + timedelta(minutes=1)
    Follower.objects.create(name=SEARCH, lease="0123456789abcdef", leased_until=soon)
    Follower.objects.create(name="gone", lease="fedcba9876543210", leased_until=now)

    page = root.get(LIST).content.decode()

    assert "01234567, until" in page
    assert "fedcba98" not in page


def test_the_list_costs_no_query_a_follower(root: Client, now: datetime) -> None:
    switched(3, now=now)
    Follower.objects.create(name=SEARCH)
    root.get(LIST)
    with CaptureQueriesContext(connection) as few:
        root.get(LIST)
    for number in range(5):
        Follower.objects.create(name=f"reader {number}")

    with CaptureQueriesContext(connection) as many:
        root.get(LIST)

    assert len(many) == len(few)


def test_a_superuser_lets_it_read_again_from_an_event(root: Client, now: datetime) -> None:
    everything = switched(5, now=now)
    Follower.objects.create(name=SEARCH, **StoredEvent.objects.get(position=everything[4].position).cursor._asdict())

    assert "Read again from an earlier event?" in root.get(BACK).content.decode()
    root.post(BACK, {"_form_submitted": "on", "position": everything[2].position})

    assert Follower.objects.get(name=SEARCH).position == everything[2].position - 1
    assert StoredEvent.objects.latest("position").type == "FollowerSentBack"


def test_an_event_that_is_not_there_is_said(root: Client, now: datetime) -> None:
    Follower.objects.create(name=SEARCH)

    page = root.post(BACK, {"_form_submitted": "on", "position": 999_999}, follow=True).content.decode()

    assert "There is no event 999999." in page


def test_who_may_read_the_trail_sees_followers_and_sends_none_back(now: datetime) -> None:
    last = switched(3, now=now)[-1]
    before = Follower.objects.create(
        name=SEARCH, **StoredEvent.objects.get(position=last.position).cursor._asdict()
    ).position
    client = signed_in("trail.view_follower", "trail.change_follower")

    assert client.get(LIST).status_code == 200
    assert "Read again from" not in client.get(f"{LIST}{SEARCH}/change/").content.decode()
    assert client.post(BACK, {"_form_submitted": "on", "position": 1}).status_code == 403
    assert Follower.objects.get(name=SEARCH).position == before
