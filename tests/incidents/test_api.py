"""Incidents through the API: the whole way, and what each route refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils.dateparse import parse_datetime as parse
from rest_framework.test import APIClient

from apps.incidents import services
from apps.incidents.models import Incident
from apps.people.models import Agent
from apps.statuspage.visible import snapshot
from supportops import roles
from tests import make
from tests.api.conftest import bearing
from tests.make import MINUTE, NOW

__all__ = ["bearing"]
pytestmark = pytest.mark.django_db
AT = "/api/v1/incidents/"


@pytest.fixture
def client(bearing: Any) -> APIClient:
    """An integration's, which may write incidents."""
    api: APIClient = bearing("incidents")
    return api


def somebody(name: str, role: str) -> Agent:
    roles.sync(NOW)
    agent = make.agent(name)
    agent.groups.set(Group.objects.filter(name=role))
    return agent


def declared(client: APIClient, **said: Any) -> dict[str, Any]:
    answer = client.post(AT, {"title": "Login is down", **said})
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def at(incident: dict[str, Any], step: str = "") -> str:
    return f"{AT}{incident['number']}/{step}"


def test_the_whole_way_by_the_api(client: APIClient) -> None:
    make.component("api")
    make.ticket("4711")
    rfh = make.rfh(NOW)
    ana = make.agent("Ana")

    incident = declared(
        client,
        severity="sev-2",
        description="The pool is empty",
        public_text="We look into it.",
        internal_note="Ask the DBAs",
        components=[{"slug": "api", "status": "major_outage"}],
        tickets=["4711"],
        rfhs=[f"RFH-{rfh.pk}"],
        contact=ana.email,
    )
    taken = client.post(at(incident, "acknowledge/"), {})
    said = client.post(
        at(incident, "updates/"),
        {
            "status": "identified",
            "public_text": "It is the pool.",
            "components": [{"slug": "api"}],
            "severity": "sev-3",
        },
    )
    steps = [
        client.post(at(incident, step), body)
        for step, body in (
            ("close/", {"public_text": "It works again."}),
            ("reopen/", {"because": "It is back"}),
            ("updates/", {"status": "resolved", "internal_note": "Done"}),
            ("rca/", {"url": "https://rca.example.com/7", "public": True}),
            ("unpublish/", {"because": "It named a customer"}),
            ("publish/", {"public_text": "We are sorry.", "updates": [1]}),
            ("link/", {"rfhs_removed": [rfh.pk]}),
        )
    ]
    updates = client.get(at(incident, "updates/")).json()
    put_right = client.patch(at(incident, "updates/1/"), {"public_text": "We look."})

    assert next(iter(incident)) == "number"
    assert (incident["number"], incident["level"], incident["published"]) == (f"INC-{incident['id']}", "L2", True)
    assert incident["components"] == [{"slug": "api", "name": "Api", "status": "major_outage"}]
    assert (incident["tickets"], incident["rfhs"], incident["contact"]) == (["4711"], [rfh.pk], ana.email)
    assert taken.json()["acknowledged_at"] is not None
    assert said.status_code == 201, said.json()
    assert said.json()["components"] == [
        {"slug": "api", "name": "Api", "old": "major_outage", "new": "degraded_performance"}
    ]
    assert [answer.status_code for answer in steps] == [200, 200, 201, 200, 200, 200, 200], [
        each.json() for each in steps
    ]
    ended = steps[-1].json()
    assert (ended["status"], ended["severity"], ended["rfhs"], ended["rca_public"]) == ("resolved", "sev-3", [], True)
    assert [(each["status"], each["until"] is None) for each in ended["intervals"]] == [
        ("major_outage", False),
        ("degraded_performance", False),
    ]
    assert [each["position"] for each in updates] == [1, 2, 3, 4, 5, 6]
    assert put_right.json()["public_text"] == "We look."
    assert [each.body for each in snapshot(at=NOW).incidents[0].updates] == ["We are sorry.", "We look."]


def test_what_an_agent_says_waits_and_only_who_may_closes_or_publishes(client: APIClient) -> None:
    agent, lead, auditor = (
        somebody("Ana", roles.AGENT),
        somebody("Lea", roles.LEAD),
        somebody("Olga", roles.AUDITOR),
    )

    incident = declared(client, public_text="We look.", by=agent.email)
    closing = client.post(at(incident, "close/"), {"by": agent.email})
    publishing = client.post(at(incident, "publish/"), {"by": agent.email})
    declined = client.post(at(incident, "decline/"), {"by": lead.email, "because": "Too early"})
    published = client.post(at(incident, "publish/"), {"by": lead.email, "updates": [1]})
    others = [
        client.post(AT, {"title": "Search is down", "by": auditor.email}),
        client.post(at(incident, "updates/"), {"internal_note": "Hm", "by": auditor.email}),
        client.patch(at(incident), {"title": "Hm", "by": auditor.email}),
    ]

    assert (incident["published"], incident["awaiting_since"] is None) == (False, False)
    assert (closing.status_code, publishing.status_code) == (403, 403)
    assert declined.json()["awaiting_since"] is None
    assert (published.json()["published"], published.json()["public_title"]) == (True, "Login is down")
    assert [answer.status_code for answer in others] == [403, 403, 403]


def test_what_is_known_is_changed_and_an_old_version_changes_nothing(client: APIClient) -> None:
    make.ticket("1")
    make.ticket("2")
    incident = declared(client, tickets=["1"])

    changed = client.patch(at(incident), {"title": "All is down", "level": "L3", "tickets": ["2"], "version": 1})
    late = client.patch(at(incident), {"title": "Other words", "tickets": [], "version": 1})
    status = client.patch(at(incident), {"status": "resolved"})

    assert {name: changed.json()[name] for name in ("title", "severity", "tickets")} == {
        "title": "All is down",
        "severity": "sev-3",
        "tickets": ["2"],
    }
    assert (late.status_code, status.status_code) == (409, 400)
    assert client.get(at(incident)).json()["tickets"] == ["2"]


def test_a_step_that_is_not_possible_names_the_states_it_would_be_legal_from(client: APIClient) -> None:
    incident = declared(client)
    early = client.post(at(incident, "rca/"), {"url": "https://rca.example.com"})
    client.post(at(incident, "acknowledge/"), {})
    twice = client.post(at(incident, "acknowledge/"), {})
    client.post(at(incident, "invalid/"), {"because": "A test"})
    late = client.post(at(incident, "updates/"), {"public_text": "We look."})
    again = client.post(at(incident, "close/"), {})

    assert (again.status_code, again.json()["step"]) == (409, "close")
    assert (early.status_code, early.json()["legal_from"]) == (409, ["resolved"])
    assert (twice.status_code, "before you" in twice.json()["detail"]) == (409, True)
    assert (late.status_code, late.json()["legal_from"]) == (409, ["investigating", "identified", "monitoring"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"severity": "sev-9"}, "severity"),
        ({"components": [{"slug": "nothing"}]}, "components"),
        ({"components": [{"slug": "api", "status": "under_maintenance"}]}, "components.0.status"),
        ({"tickets": ["4712"]}, "tickets"),
        ({"rfhs": ["RFH-99"]}, "rfhs"),
        ({"rfhs": ["help"]}, "rfhs"),
        ({"contact": "nobody@example.com"}, "contact"),
        ({"reported_at": "2999-01-01T00:00:00Z"}, "reported_at"),
        ({"pubic_text": "a slip"}, "pubic_text"),
        ({"public_text": "x" * 20_001}, "public_text"),
    ],
)
def test_what_cannot_be_declared_is_refused_by_field(client: APIClient, said: dict[str, Any], field: str) -> None:
    answer = client.post(AT, {"title": "Login is down", **said})

    assert answer.status_code == 400
    assert field in answer.json()["errors"], answer.json()
    assert not Incident.objects.exists()


def test_repeated_under_a_key_it_is_one_incident_and_one_update(client: APIClient) -> None:
    first = [client.post(AT, {"title": "Down"}, headers={"Idempotency-Key": "k1"}).json() for _ in range(2)]
    said = {"internal_note": "Looking"}
    then = [client.post(at(first[0], "updates/"), said, headers={"Idempotency-Key": "k2"}).json() for _ in range(2)]

    assert first[0] == first[1]
    assert (then[0], then[0]["position"]) == (then[1], 2)


def test_incidents_are_found(client: APIClient, django_assert_max_num_queries: Any) -> None:
    make.component("api")
    ticket = make.ticket("4711", customer=make.customer())
    old = make.incident(now=NOW - timedelta(days=2), severity="sev-4", tickets=[ticket])
    services.close(old, by=make.acting(), now=NOW)
    public = make.incident("Search is slow", public_text="Looking", components=[{"slug": "api"}])
    services.acknowledge(public, by=make.acting(), now=NOW)
    fresh = make.incident("Uploads fail", now=NOW + MINUTE, by=make.acting(make.agent()), public_text="Hm")

    def found(query: str) -> list[int]:
        answer = client.get(f"{AT}?{query}")
        assert answer.status_code == 200, answer.json()
        return [each["id"] for each in answer.json()["results"]]

    assert found("") == [fresh.pk, public.pk, old.pk]
    assert found("open=true") == found("severity=sev-1&severity=sev-2") == [fresh.pk, public.pk]
    assert found("over=true") == found("ticket=4711") == found("customer=acme") == found("level=L4") == [old.pk]
    assert found("component=api") == found("published=true") == found("q=searching") == [public.pk]
    assert found("awaiting=true") == found(f"q=INC-{fresh.pk}") == found("q=upload") == [fresh.pk]
    assert found("acknowledged=false") == [fresh.pk]
    assert found("q=4711") == found("closed_after=2000-01-01T00:00:00Z") == [old.pk]
    assert found("q=nothing") == []
    page = client.get(f"{AT}?page_size=2").json()
    assert [each["id"] for each in client.get(page["next"]).json()["results"]] == [old.pk]
    assert client.get(f"{AT}?component=nothing").status_code == 400
    assert {client.get(f"{AT}{number}/").status_code for number in ("INC-999", "XYZ-1", "9" * 18, "x")} == {404}
    assert client.get(f"{AT}{public.pk}/").json() == client.get(f"{AT}inc-{public.pk}/").json()
    with django_assert_max_num_queries(8):
        client.get(AT)


def test_components_are_made_changed_ordered_and_archived(client: APIClient) -> None:
    at_groups, at_components = "/api/v1/component-groups/", "/api/v1/components/"

    group = client.post(at_groups, {"name": "Website"}).json()
    made = client.post(at_components, {"slug": "api", "name": "API", "group": "website", "public": False})
    client.post(at_components, {"slug": "cdn", "name": "CDN"})
    incident = declared(client, components=[{"slug": "api"}])
    busy = client.patch(f"{at_components}api/", {"archived": True})
    now_so = client.get(f"{at_components}api/").json()
    client.post(at(incident, "close/"), {})
    gone = client.patch(f"{at_components}api/", {"archived": True, "position": 9})
    back = client.patch(f"{at_components}api/", {"archived": False, "group": None})
    wrong = client.post(at_components, {"slug": "api", "name": "Another"})
    renamed = client.patch(f"{at_groups}{group['id']}/", {"name": "Web"})

    assert (made.status_code, made.json()["group"], made.json()["public"]) == (201, "Website", False)
    assert (busy.status_code, incident["number"] in busy.json()["detail"]) == (400, True)
    assert now_so["status"] == "major_outage"
    assert (gone.json()["archived"], gone.json()["position"], gone.json()["status"]) == (True, 9, "operational")
    assert (back.json()["archived"], back.json()["group"]) == (False, None)
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["slug"])
    assert renamed.json()["name"] == "Web"
    assert [each["slug"] for each in client.get(f"{at_components}?public=true").json()["results"]] == ["cdn"]
    assert [each["slug"] for each in client.get(at_components).json()["results"]] == ["cdn", "api"]


def test_why_it_happened_is_written_and_finished(client: APIClient) -> None:
    ana = make.agent("Ana")
    incident = declared(client)
    empty = client.get(at(incident, "rca/")).json()

    begun = client.patch(
        at(incident, "rca/"),
        {"summary": "Empty.", "actions": [{"text": "Enlarge it"}, {"text": "Watch it"}], "version": empty["version"]},
    ).json()
    first = begun["actions"][0]["id"]
    kept = {"id": first, "text": "Enlarge it", "owner": ana.email, "due_on": "2026-12-24"}
    changed = client.patch(at(incident, "rca/"), {"actions": [kept], "version": begun["version"]}).json()
    late = client.patch(at(incident, "rca/"), {"causes": "?", "version": begun["version"]})
    early = client.patch(at(incident, "rca/"), {"causes": "A leak.", "finished": True})
    client.post(at(incident, "close/"), {})
    vague = client.patch(at(incident, "rca/"), {"finished": True})
    done = client.patch(at(incident, "rca/"), {"causes": "A leak.", "finished": True}).json()
    again = client.patch(at(incident, "rca/"), {"causes": "Two leaks.", "version": done["version"]}).json()
    strange = client.patch(at(incident, "rca/"), {"actions": [{"id": 999, "text": "Hm"}]})

    assert (empty["started_at"], empty["url"], empty["actions"]) == (None, "", [])
    assert [each["text"] for each in begun["actions"]] == ["Enlarge it", "Watch it"]
    assert changed["actions"] == [{**kept, "done": False}]
    assert (late.status_code, early.status_code, early.json()["legal_from"]) == (409, 409, ["resolved"])
    assert list(vague.json()["errors"]) == ["causes"]
    assert (done["finished_at"] is None, done["url"].endswith(f"/incidents/{incident['id']}/rca/")) == (False, True)
    assert (again["finished_at"], again["causes"]) == (None, "Two leaks.")
    assert list(strange.json()["errors"]) == ["actions"]


def test_the_table_of_severities_is_read_and_edited(client: APIClient) -> None:
    rows = client.get("/api/v1/severities/").json()["results"]
    changed = client.patch("/api/v1/severities/sev-3/", {"level": "L2", "banner": "Partial System Outage"})
    wrong = client.patch("/api/v1/severities/sev-3/", {"component_status": "under_maintenance"})

    assert [(row["severity"], row["level"]) for row in rows][:2] == [("sev-1", "L1"), ("sev-2", "L2")]
    assert (changed.json()["level"], wrong.status_code) == ("L2", 400)
    assert declared(client, severity="sev-3")["level"] == "L2"


def test_what_was_pinned_is_listed(client: APIClient) -> None:
    incident = make.incident()
    services.keep_pin(
        incident, channel="C1", ts="1.1", author="Ana", text="Look", url="", said_at=NOW, pinned_by="Ben", now=NOW
    )

    assert [pin["text"] for pin in client.get(f"{AT}{incident.pk}/pins/").json()] == ["Look"]


def test_what_is_owed_is_shown_and_snoozed_with_a_reason(client: APIClient) -> None:
    incident = declared(client, severity="sev-1")
    [update] = incident["promises"]

    unsaid = client.post(at(incident, "snooze/"), {"minutes": 60})
    snoozed = client.post(at(incident, "snooze/"), {"minutes": 60, "because": "The vendor works on it"}).json()
    client.post(at(incident, "close/"), {})
    over = client.post(at(incident, "snooze/"), {"minutes": 60, "because": "Known"})

    assert (update["promise"], update["policy"], update["within"]) == ("update", "L1 and L2", "P1D")
    assert unsaid.status_code == 400
    assert set(unsaid.json()["errors"]) == {"because"}
    [after] = snoozed["promises"]
    assert after["due_at"] == update["due_at"]
    assert parse(after["next_at"]) == parse(update["next_at"]) + timedelta(hours=1)
    assert over.status_code == 409
    assert "nothing to snooze" in over.json()["detail"]
