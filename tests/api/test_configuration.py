"""What managers configure, through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from rest_framework.test import APIClient

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Agent, Channel, Customer
from apps.rotations.models import Shift
from apps.tickets import jobs
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db
API = "/api/v1/"
DAY = {"start": "2026-03-18T09:00:00Z", "end": "2026-03-18T17:00:00Z"}
WHOLE_CUSTOMER = {
    "slug": "acme",
    "name": "Acme",
    "plan": "enterprise",
    "stage": "prospect",
    "account_manager": "ana@example.com",
    "email_domains": ["acme.com", "acme.io"],
    "contacts": [
        {"name": "Carl", "email": "carl@acme.com", "role": "CTO"},
        {"name": "Dora", "email": "", "role": ""},
    ],
    "account_url": "https://docs.example.com/acme",
    "deployment_url": "https://docs.example.com/acme/deployment",
    "notes": "Calls on Mondays.",
}
WHOLE_AGENT = {
    "email": "cleo@example.com",
    "first_name": "Cleo",
    "last_name": "Quist",
    "nickname": "Q",
    "slack_id": "UCLEO",
    "time_zone": "Europe/London",
    "is_active": True,
}
WHOLE_TEAM = {
    "slug": "support",
    "name": "Support",
    "kind": "support",
    "channel": "C900",
    "user_group": "@group-support",
    "members": ["ana@example.com"],
}
WATCHED = {
    "slack_id": "C024BE91L",
    "name": "support",
    "plan": "enterprise",
    "horizon": "PT6H",
    "pattern": "#(?P<number>[0-9]+)",
    "enabled": True,
}
SHIFT = {"agent": "ana@example.com", "kind": "embedded", "product": "Search", **DAY}


@pytest.fixture(autouse=True)
def cast(db: None) -> None:
    make.plan()
    make.agent("Ana")
    make.agent("Ben")


@pytest.mark.parametrize(
    ("route", "key", "whole", "change"),
    [
        ("plans", "pro", {"slug": "pro", "name": "Pro", "position": 3}, {"name": "Professional"}),
        ("customers", "acme", WHOLE_CUSTOMER, {"contacts": [], "plan": None, "account_manager": None}),
        ("agents", "cleo@example.com", WHOLE_AGENT, {"is_active": False, "slack_id": None}),
        ("teams", "support", WHOLE_TEAM, {"channel": None, "members": ["ben@example.com"]}),
        (
            "named-groups",
            "head-of-success",
            {"slug": "head-of-success", "name": "Head of Success", "members": ["ben@example.com"]},
            {"members": []},
        ),
        ("watched-channels", "C024BE91L", WATCHED, {"enabled": False, "plan": None, "horizon": "P1D"}),
    ],
)
def test_what_is_created_is_shown_and_changed(
    client: APIClient, route: str, key: str, whole: dict[str, Any], change: dict[str, Any]
) -> None:
    created = client.post(f"{API}{route}/", whole)
    shown = client.get(f"{API}{route}/{key}/")
    changed = client.patch(f"{API}{route}/{key}/", change)
    listed = client.get(f"{API}{route}/").json()["results"]

    assert created.status_code == 201, created.content
    assert created.json() == shown.json() == whole
    assert changed.status_code == 200, changed.content
    assert changed.json() == {**whole, **change}
    assert {**whole, **change} in listed


@pytest.mark.parametrize(
    ("route", "key", "whole"),
    [
        ("plans", "pro", {"slug": "pro", "name": "Pro", "position": 3}),
        ("customers", "acme", WHOLE_CUSTOMER),
        ("agents", "cleo@example.com", WHOLE_AGENT),
        ("teams", "support", WHOLE_TEAM),
        ("watched-channels", "C024BE91L", WATCHED),
    ],
)
def test_what_was_read_can_be_put_back_and_changes_nothing(
    client: APIClient, route: str, key: str, whole: dict[str, Any]
) -> None:
    client.post(f"{API}{route}/", whole)
    before = StoredEvent.objects.count()

    response = client.put(f"{API}{route}/{key}/", client.get(f"{API}{route}/{key}/").json())

    assert response.status_code == 200, response.content
    assert response.json() == whole
    assert StoredEvent.objects.count() == before


@pytest.mark.parametrize(
    ("route", "field", "whole"),
    [
        ("plans", "slug", {"slug": "pro", "name": "Pro"}),
        ("customers", "slug", WHOLE_CUSTOMER),
        ("agents", "email", {**WHOLE_AGENT, "slack_id": ""}),
        ("teams", "slug", WHOLE_TEAM),
        ("named-groups", "slug", {"slug": "g", "name": "G"}),
        ("watched-channels", "slack_id", WATCHED),
    ],
)
def test_what_is_there_already_is_refused_at_its_field(
    client: APIClient, route: str, field: str, whole: dict[str, Any]
) -> None:
    client.post(f"{API}{route}/", whole)

    response = client.post(f"{API}{route}/", whole)

    assert response.status_code == 400
    assert field in response.json()["errors"]


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("plans", {"slug": "pro", "name": "Pro", "position": -1}, "position"),
        ("plans", {"slug": "pro", "name": "Pro", "position": 10**12}, "position"),
        ("customers", {"slug": "a", "name": "A", "plan": "gold"}, "plan"),
        ("customers", {"slug": "a", "name": "A", "account_manager": "zed@example.com"}, "account_manager"),
        ("customers", {"slug": "a", "name": "A", "contacts": [{"email": "x@y.org"}]}, "contacts.0.name"),
        ("customers", {"slug": "a", "name": "A", "contacts": [{"name": "x", "phone": "1"}]}, "contacts.0.phone"),
        ("customers", {"slug": "a", "name": "A", "email_domains": "acme.com"}, "email_domains"),
        ("agents", {"email": "nobody"}, "email"),
        ("agents", {"email": "ANA@example.com"}, "email"),
        ("agents", {"email": "x@example.com", "time_zone": "Mars/Olympus"}, "time_zone"),
        ("agents", {"email": "x@example.com", "password": "secret"}, "password"),
        ("agents", {"email": "x@example.com", "is_superuser": True}, "is_superuser"),
        ("teams", {"slug": "t", "name": "T", "members": ["zed@example.com"]}, "members"),
        ("teams", {"slug": "t", "name": "T", "kind": "sales"}, "kind"),
        ("watched-channels", {"slack_id": "support"}, "slack_id"),
        ("watched-channels", {"slack_id": "C024BE91L", "horizon": "12h"}, "horizon"),
        ("watched-channels", {"slack_id": "C024BE91L", "horizon": "-PT1H"}, "horizon"),
        ("watched-channels", {"slack_id": "C024BE91L", "horizon": "P1M"}, "horizon"),
        ("watched-channels", {"slack_id": "C024BE91L", "pattern": "(no number"}, "pattern"),
        ("shifts", {**SHIFT, "agent": "zed@example.com"}, "agent"),
        ("shifts", {**SHIFT, "kind": "on call"}, "kind"),
        ("shifts", {**SHIFT, "end": DAY["start"]}, "end"),
        ("shifts", {**SHIFT, "start": "2026-03-18T09:00:00"}, "start"),
    ],
)
def test_what_cannot_be_accepted_is_named(client: APIClient, route: str, body: dict[str, Any], field: str) -> None:
    response = client.post(f"{API}{route}/", body)

    assert response.status_code == 400, response.content
    assert set(response.json()["errors"]) == {field}


def test_a_change_is_one_event_with_before_and_after(client: APIClient) -> None:
    client.post(f"{API}customers/", WHOLE_CUSTOMER)

    client.patch(f"{API}customers/acme/", {"name": "Acme Ltd", "contacts": []})

    event = StoredEvent.objects.get(type="ObjectChanged")
    assert event.payload["changes"]["name"] == ["Acme", "Acme Ltd"]
    assert set(event.payload["changes"]) == {"name", "contacts"}
    assert event.actor_kind == "integration"


def test_a_customers_new_plan_reaches_their_open_tickets(client: APIClient) -> None:
    make.plan("teams")
    client.post(f"{API}customers/", WHOLE_CUSTOMER)
    make.ticket("1", customer=Customer.objects.get())

    client.patch(f"{API}customers/acme/", {"plan": "teams"})
    [task] = OrmQ.objects.all()
    jobs.follow_the_customers_plan(*task.task["args"])

    plan = Ticket.objects.get().plan
    assert plan is not None
    assert plan.slug == "teams"


def test_contacts_with_one_email_are_refused(client: APIClient) -> None:
    twins = [{"name": "A", "email": "a@acme.com"}, {"name": "B", "email": "A@acme.com"}]

    response = client.post(f"{API}customers/", {"slug": "a", "name": "A", "contacts": twins})

    assert response.status_code == 400
    assert "contacts" in response.json()["errors"]
    assert not Customer.objects.exists()


def test_an_agent_made_here_cannot_sign_in(client: APIClient) -> None:
    client.post(f"{API}agents/", WHOLE_AGENT)

    assert not Agent.objects.get(email="cleo@example.com").has_usable_password()


def test_changing_an_agent_leaves_the_password(client: APIClient) -> None:
    agent = Agent.objects.create_user("dan@example.com", "secret")

    client.patch(f"{API}agents/dan@example.com/", {"nickname": "D"})

    agent.refresh_from_db()
    assert agent.check_password("secret")


@pytest.mark.parametrize(
    "change", [{"email": "me@example.com"}, {"slack_id": "UME"}, {"is_active": False}, {"first_name": "Me"}], ids=str
)
def test_a_superuser_is_not_changed_through_the_api(client: APIClient, change: dict[str, Any]) -> None:
    Agent.objects.create_superuser("root@example.com", "secret", slack_id="UROOT")

    response = client.patch(f"{API}agents/root@example.com/", change)

    assert response.status_code == 403
    root = Agent.objects.get(is_superuser=True)
    assert (root.email, root.slack_id, root.is_active, root.first_name) == ("root@example.com", "UROOT", True, "")


def test_nobody_becomes_a_superuser_through_the_api(client: APIClient) -> None:
    response = client.post(f"{API}agents/", {**WHOLE_AGENT, "is_superuser": True})

    assert response.status_code == 400
    assert not Agent.objects.filter(is_superuser=True).exists()


def test_an_agent_is_found_by_email_in_any_case(client: APIClient) -> None:
    assert client.get(f"{API}agents/ANA@Example.com/").json()["email"] == "ana@example.com"


def test_two_agents_may_be_without_slack(client: APIClient) -> None:
    statuses = [
        client.post(f"{API}agents/", {"email": f"{name}@example.com", "slack_id": ""}).status_code
        for name in ("x", "y")
    ]

    assert statuses == [201, 201]


def test_a_slack_id_is_one_agents(client: APIClient) -> None:
    client.post(f"{API}agents/", WHOLE_AGENT)

    response = client.post(f"{API}agents/", {**WHOLE_AGENT, "email": "other@example.com"})

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"slack_id"}


def test_a_teams_channel_becomes_known(client: APIClient) -> None:
    client.post(f"{API}teams/", WHOLE_TEAM)

    assert Channel.objects.filter(slack_id="C900").exists()


@pytest.mark.parametrize("route", ["plans/enterprise", "agents/ana@example.com"])
def test_configuration_is_never_deleted(client: APIClient, route: str) -> None:
    assert client.delete(f"{API}{route}/").status_code == 405


def test_watching_a_known_channel_names_it(client: APIClient) -> None:
    Channel.objects.create(slack_id="C024BE91L", name="old")

    created = client.post(f"{API}watched-channels/", {"slack_id": "C024BE91L", "name": "new"})

    assert created.json()["name"] == "new"
    assert created.json()["horizon"] == "PT12H"
    assert Channel.objects.get().name == "new"


def test_a_watched_channel_cannot_become_another(client: APIClient) -> None:
    client.post(f"{API}watched-channels/", WATCHED)

    response = client.patch(f"{API}watched-channels/C024BE91L/", {"slack_id": "C0000000"})

    assert response.status_code == 400
    assert WatchedChannel.objects.get().channel.slack_id == "C024BE91L"


def test_a_shift_is_made_changed_and_cancelled(client: APIClient) -> None:
    ahead = {**SHIFT, "start": "2126-03-18T09:00:00Z", "end": "2126-03-18T17:00:00Z"}
    created = client.post(f"{API}shifts/", ahead)
    url = f"{API}shifts/{created.json()['id']}/"
    changed = client.patch(url, {"end": "2126-03-18T19:00:00+01:00", "kind": "support"})
    deleted = client.delete(url)

    assert created.status_code == 201
    assert {**created.json(), "id": None} == {**ahead, "id": None}
    assert changed.json()["end"] == "2126-03-18T18:00:00Z"
    assert (changed.json()["kind"], changed.json()["product"]) == ("support", "")
    assert deleted.status_code == 204
    assert not Shift.objects.exists()
    types = StoredEvent.objects.order_by("position").values_list("type", flat=True)
    assert [name for name in types if name.startswith("Object")] == [
        "ObjectCreated",
        "ObjectChanged",
        "ObjectDeleted",
    ]


def test_a_change_that_would_end_a_shift_before_it_starts_is_refused(client: APIClient) -> None:
    created = client.post(f"{API}shifts/", SHIFT).json()

    response = client.patch(f"{API}shifts/{created['id']}/", {"start": "2026-03-18T17:00:00Z"})

    assert response.status_code == 400
    assert response.json()["errors"] == {"end": ["The shift must end after it starts."]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("at=2026-03-18T09:00:00Z", 1),
        ("at=2026-03-18T17:00:00Z", 0),
        ("agent=ANA@example.com", 1),
        ("agent=ben@example.com", 0),
        ("kind=support", 0),
        ("ends_after=2026-03-18T16:59:59Z&starts_before=2026-03-18T09:00:01Z", 1),
    ],
)
def test_shifts_are_filtered(client: APIClient, query: str, found: int) -> None:
    client.post(f"{API}shifts/", SHIFT)

    assert len(client.get(f"{API}shifts/?{query}").json()["results"]) == found


@pytest.mark.parametrize("route", ["customers", "teams", "named-groups", "watched-channels", "shifts"])
def test_a_list_takes_as_many_queries_for_many_as_for_one(client: APIClient, route: str) -> None:
    def add(count: int) -> None:
        bodies: dict[str, dict[str, Any]] = {
            "customers": {**WHOLE_CUSTOMER, "slug": f"c{count}", "email_domains": [f"c{count}.com"]},
            "teams": {**WHOLE_TEAM, "slug": f"t{count}", "channel": f"C90{count}"},
            "named-groups": {"slug": f"g{count}", "name": "G", "members": ["ana@example.com"]},
            "watched-channels": {**WATCHED, "slack_id": f"C10{count}"},
            "shifts": {**SHIFT, "start": f"20{30 + count}-01-01T09:00:00Z", "end": f"20{30 + count}-01-01T17:00:00Z"},
        }
        assert client.post(f"{API}{route}/", bodies[route]).status_code == 201

    add(0)
    client.get(f"{API}{route}/")
    with CaptureQueriesContext(connection) as for_one:
        client.get(f"{API}{route}/")
    for count in range(1, 8):
        add(count)
    with CaptureQueriesContext(connection) as for_many:
        client.get(f"{API}{route}/")

    assert len(for_many) == len(for_one)


def test_a_slack_id_that_is_none_is_refused_with_what_one_looks_like(client: APIClient) -> None:
    response = client.post(f"{API}agents/", {**WHOLE_AGENT, "slack_id": "bad id"})

    assert response.status_code == 400
    assert "such as U024BE7LH" in response.json()["errors"]["slack_id"][0]


@pytest.mark.parametrize("zone", ["Z", "-14:00", "+14:00"])
def test_a_shift_in_a_year_nobody_meant_is_refused(client: APIClient, zone: str) -> None:
    times = {"start": f"9999-12-31T09:00:00{zone}", "end": f"9999-12-31T23:00:00{zone}"}

    response = client.post(f"{API}shifts/", {"agent": "ana@example.com", **times})

    assert response.status_code == 400
    assert "The year 9999" in response.json()["errors"]["start"][0]


def test_a_shift_of_more_than_a_year_is_refused(client: APIClient) -> None:
    year = {"start": "2026-03-18T09:00:00Z", "end": "2027-03-20T09:00:00Z"}

    response = client.post(f"{API}shifts/", {"agent": "ana@example.com", **year})

    assert response.status_code == 400
    assert "at most 366 days" in response.json()["errors"]["end"][0]
