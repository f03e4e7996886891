"""Tickets through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.integrations.slack.models import WatchedChannel
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from tests import make
from tests.api.conftest import Bearer

pytestmark = pytest.mark.django_db
TICKETS = "/api/v1/tickets/"
OPENED = "2026-03-18T09:00:00Z"


def post(client: APIClient, **body: Any) -> Any:
    return client.post(TICKETS, {"number": "4711", "opened_at": OPENED, "really_then": True, **body})


def test_a_ticket_is_made_known_with_its_promise(client: APIClient) -> None:
    make.policy(plans=(make.plan(),))
    make.customer()

    response = post(
        client,
        number=4711,
        subject="Down",
        customer="acme",
        severity="urgent",
        type="incident",
        channel="C100",
        thread_ts="1773824400.000100",
        url="https://desk.example.com/4711",
    )

    assert response.status_code == 201
    assert response.json() == {
        "number": "4711",
        "subject": "Down",
        "customer": "acme",
        "plan": "enterprise",
        "severity": "urgent",
        "type": "incident",
        "status": "new",
        "origin": "api",
        "opened_at": OPENED,
        "first_response_at": None,
        "last_customer_message_at": OPENED,
        "channel": "C100",
        "thread_ts": "1773824400.000100",
        "url": "https://desk.example.com/4711",
        "policy": "Enterprise",
        "clocks": [
            {
                "promise": "first_response",
                "state": "running",
                "started_at": OPENED,
                "due_at": "2026-03-18T09:50:00Z",
                "stopped_at": None,
                "breached_at": None,
                "checks": [
                    {"tier": tier, "due_at": due, "state": "waiting", "audience": audience}
                    for tier, due, audience in [
                        (
                            1,
                            "2026-03-18T09:10:00Z",
                            {"kind": "not_embedded", "label": "Support on shift, not embedded"},
                        ),
                        (
                            2,
                            "2026-03-18T09:20:00Z",
                            {"kind": "on_shift", "label": "Everybody on shift, embedded too"},
                        ),
                        (
                            3,
                            "2026-03-18T09:35:00Z",
                            {"kind": "user_group", "user_group": "S0SUPPORT", "label": "@S0SUPPORT"},
                        ),
                        (
                            4,
                            "2026-03-18T09:50:00Z",
                            {"kind": "user_group", "user_group": "S0SUCCESS", "label": "@S0SUCCESS"},
                        ),
                    ]
                ],
            }
        ],
    }


def test_a_number_alone_is_enough(client: APIClient) -> None:
    before = timezone.now()

    response = client.post(TICKETS, {"number": "1"})

    ticket = Ticket.objects.get()
    assert response.status_code == 201
    assert (ticket.severity, ticket.type, ticket.customer, ticket.plan) == ("normal", "question", None, None)
    assert before <= ticket.opened_at <= timezone.now()
    assert response.json()["policy"] is None


def test_the_same_number_again_changes_nothing(client: APIClient) -> None:
    first = post(client, subject="Down")
    second = post(client, subject="Up", severity="low")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_a_number_with_its_sign_is_the_same_ticket(client: APIClient) -> None:
    post(client)

    again = post(client, number="#4711")
    found = client.get(f"{TICKETS}%234711/")

    assert (again.status_code, again.json()["number"]) == (200, "4711")
    assert (found.status_code, found.json()["number"]) == (200, "4711")


def test_a_ticket_in_a_watched_channel_takes_its_plan(client: APIClient) -> None:
    WatchedChannel.objects.create(channel=make.channel("C100"), plan=make.plan("teams"))

    assert post(client, channel="C100").json()["plan"] == "teams"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer", "nobody"),
        ("plan", "gold"),
        ("severity", "sev-1"),
        ("type", "bug"),
        ("opened_at", "2026-03-18T09:00:00"),
        ("opened_at", "yesterday"),
        ("opened_at", "2026-02-30T09:00:00Z"),
        ("opened_at", 1773824400),
        ("number", ""),
        ("number", "a/b"),
        ("number", "a\nb"),
        ("number", "9" * 65),
        ("number", {}),
        ("url", "javascript:alert(1)"),
        ("channel", "C" * 21),
        ("thread_ts", "1" * 33),
        ("channel", "general"),
        ("thread_ts", "yesterday"),
        ("number", "a b"),
    ],
)
def test_what_cannot_be_accepted_is_named(client: APIClient, field: str, value: Any) -> None:
    response = post(client, **{field: value})

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {field}
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("given", [{"really_then": False}, {"really_then": False, "opened_at": "1990-01-01T00:00:00Z"}])
def test_a_ticket_of_long_ago_is_taken_for_a_slip_unless_told(client: APIClient, given: dict[str, Any]) -> None:
    response = post(client, **given)

    assert response.status_code == 400
    assert response.json()["errors"] == {
        "opened_at": [
            "That is more than 30 days ago, and its tiers would speak at once. Send really_then: true if it is so."
        ]
    }
    assert not Ticket.objects.exists()


def test_a_ticket_of_long_ago_that_is_known_is_no_error(client: APIClient) -> None:
    post(client)

    assert post(client, really_then=False).status_code == 200


def test_a_thread_without_its_channel_is_refused(client: APIClient) -> None:
    response = post(client, thread_ts="1773824400.000100")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"channel"}
    assert not Ticket.objects.exists()


def test_a_threads_channel_is_not_taken_away(client: APIClient) -> None:
    post(client, channel="C100", thread_ts="1773824400.000100")

    alone = client.patch(f"{TICKETS}4711/", {"channel": ""})
    both = client.patch(f"{TICKETS}4711/", {"channel": "", "thread_ts": ""})

    assert alone.status_code == 400
    assert set(alone.json()["errors"]) == {"channel"}
    assert both.status_code == 200


def test_a_long_subject_is_cut_and_says_so(client: APIClient) -> None:
    opened = post(client, subject="x" * 5000).json()["subject"]
    changed = client.patch(f"{TICKETS}4711/", {"subject": "y" * 501}).json()["subject"]

    assert opened == "x" * 499 + "…"
    assert changed == "y" * 499 + "…"


def test_a_time_without_a_zone_is_refused_with_the_reason(client: APIClient) -> None:
    response = post(client, opened_at="2026-03-18T09:00:00")

    assert "A time needs its zone" in response.json()["errors"]["opened_at"][0]


def test_a_ticket_of_the_future_is_refused(client: APIClient) -> None:
    response = post(client, opened_at=(timezone.now() + timedelta(hours=1)).isoformat())

    assert response.status_code == 400
    assert "future" in response.json()["detail"]


def test_an_instant_in_another_zone_is_the_same_instant(client: APIClient) -> None:
    assert post(client, opened_at="2026-03-18T10:00:00+01:00").json()["opened_at"] == OPENED


def test_a_ticket_is_filled_in_later_and_its_clock_follows(client: APIClient) -> None:
    make.policy(plans=(make.plan(),))
    make.customer()
    post(client)

    response = client.patch(f"{TICKETS}4711/", {"customer": "acme", "subject": "Down"})

    ticket = response.json()
    assert response.status_code == 200
    assert (ticket["customer"], ticket["plan"], ticket["policy"]) == ("acme", "enterprise", "Enterprise")
    assert ticket["clocks"][0]["started_at"] == OPENED


def test_solving_a_ticket_cancels_its_clock(client: APIClient) -> None:
    make.policy()
    post(client)

    ticket = client.patch(f"{TICKETS}4711/", {"status": "solved"}).json()

    assert ticket["status"] == "solved"
    assert ticket["clocks"][0]["state"] == "cancelled"
    assert {check["state"] for check in ticket["clocks"][0]["checks"]} == {"cancelled"}
    assert ticket["policy"] == "Enterprise"


def test_a_move_that_is_refused_leaves_everything_as_it_was(client: APIClient) -> None:
    post(client, subject="Down")
    client.patch(f"{TICKETS}4711/", {"status": "open"})

    response = client.patch(f"{TICKETS}4711/", {"status": "new", "subject": "Up"})

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert Ticket.objects.get().subject == "Down"


def test_the_number_cannot_be_changed(client: APIClient) -> None:
    post(client)

    response = client.patch(f"{TICKETS}4711/", {"number": "1"})

    assert response.status_code == 400
    assert "number" in response.json()["errors"]


def test_an_agents_reply_stops_the_clock_by_its_own_time(client: APIClient) -> None:
    make.policy()
    post(client)

    response = client.post(f"{TICKETS}4711/replies/", {"author": "agent", "at": "2026-03-18T09:49:59Z"})

    ticket = response.json()
    assert response.status_code == 201
    assert ticket["first_response_at"] == "2026-03-18T09:49:59Z"
    assert ticket["clocks"][0]["state"] == "met"
    assert ticket["clocks"][0]["stopped_at"] == "2026-03-18T09:49:59Z"


def test_a_late_reply_shows_the_breach(client: APIClient) -> None:
    make.policy()
    post(client)

    ticket = client.post(f"{TICKETS}4711/replies/", {"author": "agent", "at": "2026-03-18T09:50:00Z"}).json()

    assert ticket["clocks"][0]["state"] == "missed"
    assert ticket["clocks"][0]["breached_at"] == "2026-03-18T09:50:00Z"


def test_the_same_reply_twice_is_one(client: APIClient) -> None:
    post(client)
    reply = {"author": "customer", "at": "2026-03-18T09:30:00Z"}

    statuses = [client.post(f"{TICKETS}4711/replies/", reply).status_code for _ in range(2)]

    assert statuses == [201, 200]


def test_a_reply_is_now_unless_told(client: APIClient) -> None:
    post(client)
    before = timezone.now()

    client.post(f"{TICKETS}4711/replies/", {"author": "agent"})

    replied = Ticket.objects.get().first_response_at
    assert replied is not None
    assert replied >= before


@pytest.mark.parametrize("body", [{}, {"author": "bot"}, {"author": "agent", "at": "2199-01-01T00:00:00Z"}])
def test_a_reply_that_makes_no_sense_is_refused(client: APIClient, body: dict[str, Any]) -> None:
    post(client)

    assert client.post(f"{TICKETS}4711/replies/", body).status_code == 400


def test_a_snooze_pushes_every_waiting_check_and_not_the_due(client: APIClient) -> None:
    make.policy()
    post(client)

    response = client.post(f"{TICKETS}4711/snooze/", {"minutes": 45})

    body = response.json()
    assert response.status_code == 200
    assert body["next_at"] == "2026-03-18T09:55:00Z"
    assert body["clocks"][0]["checks"][0]["due_at"] == "2026-03-18T09:55:00Z"
    assert body["clocks"][0]["due_at"] == "2026-03-18T09:50:00Z"


@pytest.mark.parametrize("minutes", [0, -5, 1441, "soon", None])
def test_a_snooze_of_a_strange_length_is_refused(client: APIClient, minutes: Any) -> None:
    make.policy()
    post(client)

    assert client.post(f"{TICKETS}4711/snooze/", {"minutes": minutes}).status_code == 400


def test_where_no_promise_runs_there_is_nothing_to_snooze(client: APIClient) -> None:
    post(client)

    response = client.post(f"{TICKETS}4711/snooze/", {"minutes": 30})

    assert response.status_code == 409
    assert "nothing to snooze" in response.json()["detail"]


@pytest.mark.parametrize("route", ["replies", "snooze"])
def test_what_is_said_of_an_unknown_ticket_is_not_found(client: APIClient, route: str) -> None:
    assert client.post(f"{TICKETS}none/{route}/", {"author": "agent"}).status_code == 404


def test_the_story_tells_what_happened_and_what_comes(client: APIClient) -> None:
    shift = make.shift(make.agent("Ana"), start=timezone.now().replace(microsecond=0) - timedelta(hours=1))
    make.policy()
    post(client)

    story = client.get(f"{TICKETS}4711/story/").json()

    opened, started = story["past"]
    stored = StoredEvent.objects.get(type="TicketOpened")
    assert [opened["type"], started["type"]] == ["TicketOpened", "ClockStarted"]
    assert opened["id"] == str(stored.event_id)
    assert opened["at"].endswith("Z")
    assert opened["actor"]["kind"] == "integration"
    assert opened["sentence"] == "Ticket 4711 (normal question) was opened through the API"
    assert opened["url"] == f"{settings.BASE_URL}/trail/{stored.position}/"
    assert opened["caused_by"] is None
    assert started["caused_by"] == opened["id"]
    assert [entry["tier"] for entry in story["ahead"]] == [1, 2, 3, 4]
    first = story["ahead"][0]
    assert first["due_at"] == "2026-03-18T09:10:00Z"
    assert first["audience"] == {"kind": "not_embedded", "label": "Support on shift, not embedded"}
    assert [(person["name"], person["email"]) for person in first["people"]] == [("Ana", "ana@example.com")]
    assert first["people"][0]["until"] == f"{shift.ends_at:%Y-%m-%dT%H:%M:%SZ}"
    assert story["ahead"][2]["mentions"] == ["S0SUPPORT"]


def test_the_story_is_told_from_either_end(client: APIClient) -> None:
    make.policy()
    post(client)

    newest = client.get(f"{TICKETS}4711/story/?order=newest").json()["past"]

    assert [line["type"] for line in newest] == ["ClockStarted", "TicketOpened"]
    assert client.get(f"{TICKETS}4711/story/?order=up").status_code == 400


@pytest.mark.parametrize("scope", ["read", "tickets"])
def test_the_story_is_part_of_the_ticket(bearing: Bearer, scope: str) -> None:
    make.ticket("4711")

    assert bearing(scope).get(f"{TICKETS}4711/story/").status_code == 200


def numbers(client: APIClient, query: str) -> list[str]:
    response = client.get(f"{TICKETS}?{query}")
    assert response.status_code == 200, response.content
    return sorted(ticket["number"] for ticket in response.json()["results"])


@pytest.fixture
def several() -> None:
    """1: acme, urgent incident, breached. 2: teams, solved. 3: nobody's, no promise."""
    enterprise, teams = make.plan(), make.plan("teams")
    make.policy("Enterprise", plans=(enterprise,))
    make.policy("Teams", plans=(teams,), within=720, minutes=(60, 720))
    one = make.ticket("1", customer=make.customer(), severity="urgent", type="incident", subject="Login fails")
    make.ticket("2", plan=teams, opened_at=make.NOW + timedelta(hours=1), subject="Export is slow")
    make.ticket("3", subject="Login page is slow", opened_at=make.NOW + timedelta(hours=2))
    Ticket.objects.filter(number="2").update(status="solved")
    one.clocks.update(breached_at=make.NOW)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=new", ["1", "3"]),
        ("status=new&status=solved", ["1", "2", "3"]),
        ("severity=urgent", ["1"]),
        ("type=incident", ["1"]),
        ("plan=teams", ["2"]),
        ("customer=acme", ["1"]),
        ("policy=Teams", ["2"]),
        ("breached=true", ["1"]),
        ("breached=false", ["2", "3"]),
        ("due_before=2026-03-18T09:50:00Z", []),
        ("due_before=2026-03-18T09:50:01Z", ["1"]),
        ("opened_after=2026-03-18T10:00:00Z", ["2", "3"]),
        ("opened_before=2026-03-18T10:00:00Z", ["1"]),
        ("q=login", ["1", "3"]),
        ("q=login+slow", ["3"]),
        ("q=2", ["2"]),
        ("q=login&severity=urgent", ["1"]),
    ],
)
def test_tickets_are_filtered(client: APIClient, several: None, query: str, found: list[str]) -> None:
    assert numbers(client, query) == found


@pytest.mark.parametrize("query", ["customer=nobody", "plan=gold", "policy=None", "breached=maybe", "type=bug"])
def test_a_filter_that_names_nothing_is_refused(client: APIClient, several: None, query: str) -> None:
    response = client.get(f"{TICKETS}?{query}")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {query.split("=")[0]}


def test_pages_follow_each_other_there_and_back(client: APIClient) -> None:
    for number in range(7):
        make.ticket(str(number))
    seen, url, back = [], f"{TICKETS}?page_size=3", None

    while url:
        page = client.get(url).json()
        seen.append([ticket["number"] for ticket in page["results"]])
        url, back = page["next"], page["previous"]

    assert seen == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert [ticket["number"] for ticket in client.get(back).json()["results"]] == ["3", "2", "1"]


def test_a_ticket_that_comes_meanwhile_does_not_shift_the_pages(client: APIClient) -> None:
    for number in range(4):
        make.ticket(str(number))
    first = client.get(f"{TICKETS}?page_size=2").json()

    make.ticket("new")

    second = client.get(first["next"]).json()
    assert [ticket["number"] for ticket in second["results"]] == ["1", "0"]


def test_a_page_has_at_most_200(client: APIClient) -> None:
    Ticket.objects.bulk_create(Ticket(number=str(n), opened_at=make.NOW) for n in range(201))

    assert len(client.get(f"{TICKETS}?page_size=1000").json()["results"]) == 200
    assert len(client.get(TICKETS).json()["results"]) == 50


@pytest.mark.parametrize("cursor", ["nonsense", "cD1hYmM%3D", "cD0lMDA%3D"])
def test_a_cursor_somebody_made_up_is_not_found(client: APIClient, cursor: str) -> None:
    make.ticket()

    response = client.get(f"{TICKETS}?cursor={cursor}")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_the_list_takes_as_many_queries_for_many_tickets_as_for_one(client: APIClient) -> None:
    make.policy(plans=(make.plan(),))
    customer = make.customer()
    make.ticket("0", customer=customer)
    client.get(TICKETS)

    with CaptureQueriesContext(connection) as for_one:
        client.get(TICKETS)
    for number in range(1, 20):
        make.ticket(str(number), customer=customer)
    with CaptureQueriesContext(connection) as for_many:
        client.get(TICKETS)

    assert len(for_many) == len(for_one)
    assert len(for_many) <= 5


def test_a_reply_from_before_the_ticket_is_refused(client: APIClient) -> None:
    post(client)

    response = client.post(f"{TICKETS}4711/replies/", {"author": "agent", "at": "2026-03-18T08:00:00Z"})

    assert response.status_code == 400
    assert "came before ticket 4711 was opened" in response.json()["detail"]
