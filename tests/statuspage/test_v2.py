"""The public JSON, read by a client that nobody here wrote, and shape by shape."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import arez
import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from apps.incidents import services
from apps.incidents.models import ComponentGroup, Maintenance
from apps.statuspage.crashbot import DOCUMENTS as CRASHBOT
from apps.statuspage.v2.bodies import DOCUMENTS
from apps.statuspage.visible import snapshot
from tests import make
from tests.make import MINUTE, NOW
from tests.statuspage.reading import rendered

pytestmark = pytest.mark.django_db


def document(path: str, *, current: bool = True) -> Any:
    [build] = [each.build for each in (*DOCUMENTS, *CRASHBOT) if each.path == path]
    return json.loads(build(snapshot(at=NOW), current))


def broken() -> Any:
    """The API is down since NOW, in a group, and the public knows."""
    group = ComponentGroup.objects.create(name="Cloud", created_at=NOW, updated_at=NOW)
    make.component("api", group=group)
    make.component("hidden", public=False, group=group)
    return make.incident(
        severity="sev-2",
        public_text="We **look** into it.",
        components=[{"slug": "api", "status": "partial_outage"}, {"slug": "hidden", "status": "major_outage"}],
    )


def planned(**fields: Any) -> Maintenance:
    plan = {"title": "A bigger disk", "starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    return Maintenance.objects.create(**{**plan, "created_at": NOW, "updated_at": NOW, **fields})


@pytest.mark.django_db(transaction=True)
def test_arez_reads_the_page(live_server: LiveServer) -> None:
    broken()
    planned()
    rendered()

    async def read() -> Any:
        async with arez.StatusPage(live_server.url) as page:
            return await page.get_status()

    # In a thread of its own: the browser's tests leave a loop running in this one.
    with ThreadPoolExecutor() as threads:
        found = threads.submit(asyncio.run, read()).result()

    assert (found.status, found.impact) == ("Partial System Outage", "Major")
    [group], [component], [incident], [maintenance] = (
        found.groups,
        found.components,
        found.incidents,
        found.maintenances,
    )
    assert (group.name, group.status, component.group) == ("Cloud", "Partial Outage", group)
    assert (incident.name, incident.status, incident.components) == ("Login is down", "Investigating", [component])
    assert incident.last_update.description == "We **look** into it."
    assert (maintenance.name, maintenance.status) == ("A bigger disk", "Scheduled")


def test_anybody_may_read_it_from_anywhere_without_a_key_or_a_cookie(client: Client) -> None:
    rendered()

    for path in ("/api/v2/summary.json", "/list", "/ping", "/badge/status.svg"):
        answer = client.get(path)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*"), path
        assert not answer.cookies
        assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get("/ping").content == b"/ping"
    assert client.post("/list").status_code == 405
    asked_first = client.options("/api/v2/summary.json", headers={"Access-Control-Request-Headers": "x-mine"})
    assert (asked_first.status_code, asked_first["Access-Control-Allow-Headers"]) == (204, "*")


def test_nobody_can_vouch_for_it_and_the_json_says_so() -> None:
    assert document("/api/v2/status.json")["status"] == {"indicator": "none", "description": "All Systems Operational"}

    said = document("/api/v2/status.json", current=False)

    assert said["status"] == {"indicator": "minor", "description": "Status Unknown"}
    assert said["page"]["current"] is False


def test_every_address_has_its_page_and_its_rows() -> None:
    incident = broken()
    planned(status="in_progress", started_at=NOW)
    names = {each.path.removeprefix("/api/v2/"): document(each.path) for each in DOCUMENTS}

    assert all(body["page"]["name"] == "SupportOps" for body in names.values())
    shape = names["incidents.json"]["incidents"][0]
    assert shape["incident_updates"][0]["affected_components"] == [
        {
            "code": shape["components"][0]["id"],
            "name": "Api",
            "old_status": "operational",
            "new_status": "partial_outage",
        }
    ]
    assert shape["created_at"] == "2026-03-18T09:00:00.000Z"
    assert len(names["scheduled-maintenances/active.json"]["scheduled_maintenances"]) == 1
    assert not names["scheduled-maintenances/upcoming.json"]["scheduled_maintenances"]
    assert len(names["incidents/unresolved.json"]["incidents"]) == 1

    services.close(incident, by=make.acting(), now=NOW + MINUTE)

    assert not document("/api/v2/incidents/unresolved.json")["incidents"]
    over = document("/api/v2/incidents.json")["incidents"][0]
    assert (over["status"], over["resolved_at"]) == ("resolved", "2026-03-18T09:01:00.000Z")
    assert over["incident_updates"][0]["body"] == "This incident has been resolved."


def test_it_is_a_postmortem_once_the_public_may_read_why() -> None:
    incident = broken()
    services.close(incident, by=make.acting(), now=NOW)
    services.link_rca(incident, url="https://docs.example.com/rca", by=make.acting(), now=NOW)
    assert document("/api/v2/incidents.json")["incidents"][0]["status"] == "resolved"
    assert document("/list")["closed"][0]["rca_link"] is None

    services.link_rca(incident, url="https://docs.example.com/rca", public=True, by=make.acting(), now=NOW)

    assert document("/api/v2/incidents.json")["incidents"][0]["status"] == "postmortem"
    assert document("/list")["closed"][0]["rca_link"] == "https://docs.example.com/rca"


def test_crashbots_list_is_in_crashbots_order_with_public_names_alone() -> None:
    ben = make.agent("Ben", public_name="B.")
    late = make.incident("Late", severity="sev-2", public_text="One", now=NOW + MINUTE, contact=make.agent("Cem"))
    early = make.incident("Early", severity="sev-2", public_text="Two", point=ben)
    worst = make.incident("Worst", severity="sev-1", public_text="Three", now=NOW + 2 * MINUTE)
    over = make.incident("Over", public_text="Four")
    make.incident("For us alone", description="canary")
    services.close(over, by=make.acting(), now=NOW + MINUTE)

    said = document("/list")

    assert [each["id"] for each in said["open"]] == [worst.pk, early.pk, late.pk]
    assert [each["id"] for each in said["closed"]] == [over.pk]
    assert said["open"][1] == {
        "id": early.pk,
        "update_number": 1,
        "modified_by": "Not assigned",
        "modified_at": "2026-03-18T09:00:00.000Z",
        "reported_at": "2026-03-18T09:00:00.000Z",
        "closed_at": None,
        "status": "open",
        "severity": "sev-2",
        "title": "Early",
        "description": "Two",
        "point": "B.",
        "contact": "Not assigned",
        "rca_link": None,
    }
