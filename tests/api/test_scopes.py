"""Which key may do what: every route and every method, against design's table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from apps.api.permissions import EVERY_SCOPE
from tests import make
from tests.api.conftest import Bearer

pytestmark = pytest.mark.django_db

# Who looks, who changes.
CONFIGURATION = ({"read", "config"}, {"config"})
INCIDENTS = ({"read", "incidents"}, {"incidents"})
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "": (set(EVERY_SCOPE), set()),
    "tickets": ({"read", "tickets"}, {"tickets"}),
    "plans": CONFIGURATION,
    "customers": CONFIGURATION,
    "agents": CONFIGURATION,
    "teams": CONFIGURATION,
    "named-groups": CONFIGURATION,
    "watched-channels": CONFIGURATION,
    "policies": CONFIGURATION,
    "pages": ({"read", "rotations"}, {"rotations"}),
    "rfhs": ({"read", "rfhs"}, {"rfhs"}),
    "incidents": INCIDENTS,
    "maintenances": INCIDENTS,
    "subscribers": INCIDENTS,
    "components": INCIDENTS,
    "component-groups": INCIDENTS,
    "severities": INCIDENTS,
    "shifts": ({"read", "config", "rotations"}, {"config", "rotations"}),
    "rotations": ({"read", "rotations"}, {"rotations"}),
    "on-call": ({"read", "rotations"}, set()),
    "reports/engineering-help": ({"read", "rfhs"}, set()),
    "reports/incidents": ({"read", "incidents"}, set()),
    # "read" reads everything but the trail.
    "events": ({"events"}, {"events"}),
    "event-types": ({"events"}, set()),
    "seals": ({"events"}, set()),
}


def named(address: str) -> str:
    """The row of the table an address belongs to: its first part, of a report also its second."""
    parts = address.removeprefix("/api/v1/").split("/")
    return "/".join(parts[:2]) if parts[0] == "reports" else parts[0]


def routes() -> Iterator[tuple[str, str, set[str]]]:
    """Every described operation as (method, address, scopes that may)."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)
    for path, operations in schema["paths"].items():
        if not path.startswith("/api/v1/"):
            # Everybody's: tests/statuspage/test_v2.py.
            continue
        looks, changes = TABLE[named(path)]
        address = path.replace("{slug}", "enterprise").replace("{number}", "4711").replace("{id}", "1")
        address = (
            address.replace("{position}", "1")
            .replace("{severity}", "sev-1")
            .replace("{email}", "ana@example.com")
            .replace("{slack_id}", "C100")
        )
        for method in operations:
            yield method, address, looks if method == "get" else changes


def test_every_route_is_in_the_table() -> None:
    names = {named(address) for _, address, _ in routes()}

    assert names == set(TABLE)
    assert len(list(routes())) > 40


@pytest.mark.parametrize("scope", EVERY_SCOPE)
def test_a_scope_opens_its_routes_and_no_other(bearing: Bearer, scope: str) -> None:
    make.plan()
    make.agent("Ana")
    make.ticket("4711")
    client = bearing(scope)

    wrong = []
    for method, address, scopes in routes():
        status = getattr(client, method)(address, {}).status_code
        # What is open may still be refused for what was sent, or not be there.
        if (status == 403) != (scope not in scopes) or status in (401, 405, 429, 500):
            wrong.append((method, address, status))

    assert wrong == []


def test_nothing_is_open_without_a_key() -> None:
    client = APIClient()

    statuses = {getattr(client, method)(address, {}).status_code for method, address, _ in routes()}

    assert statuses == {401}


def test_a_signed_in_person_has_no_rights_here(admin_client: Any) -> None:
    assert admin_client.get("/api/v1/tickets/").status_code == 401


def test_the_root_lists_the_routes(bearing: Bearer) -> None:
    listed = bearing("incidents").get("/api/v1/").json()

    assert set(listed) == set(TABLE) - {""}
    assert listed["tickets"] == "http://testserver/api/v1/tickets/"
