"""The description of the API, and the page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import sync_playwright
from rest_framework.test import APIClient

from tests import chromium


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    described: dict[str, Any] = yaml.safe_load(out.getvalue())
    return described


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Those that need a key; the public ones are tests/statuspage's."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "public" not in operation.get("tags", ()):
                yield path, method, operation


def test_the_schema_is_openapi_3(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.")


def test_every_operation_asks_for_a_key(schema: dict[str, Any]) -> None:
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert all(operation["security"] == [{"key": []}] for _, _, operation in operations(schema))


def test_every_operation_names_its_scopes_and_its_problems(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        assert "Scope: `" in operation["description"], (path, method)
        for status in ("401", "403", "429", "default"):
            assert "application/problem+json" in operation["responses"][status]["content"]


def test_every_post_takes_an_idempotency_key(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        headers = [item["name"] for item in operation.get("parameters", []) if item["in"] == "header"]
        assert headers == (["Idempotency-Key"] if method == "post" else []), path


def test_a_ticket_is_described_as_it_is_shown(schema: dict[str, Any]) -> None:
    parts = schema["components"]["schemas"]

    clock = parts["Clock"]["properties"]
    assert set(parts["Ticket"]["properties"]) >= {"number", "policy", "clocks", "first_response_at"}
    assert clock["due_at"]["format"] == "date-time"
    assert set(parts["Check"]["properties"]) == {"tier", "due_at", "state", "audience"}
    assert set(parts["NewTicketRequest"]["required"]) == {"number"}
    answers = schema["paths"]["/api/v1/tickets/"]["post"]["responses"]
    assert {"200", "201"} <= set(answers)


def test_a_duration_is_described_as_one(schema: dict[str, Any]) -> None:
    assert schema["components"]["schemas"]["Tier"]["properties"]["after"]["format"] == "duration"


def test_every_answer_of_the_trail_is_shown_by_an_example(schema: dict[str, Any]) -> None:
    of_the_trail = [
        (path, method, operation)
        for path, method, operation in operations(schema)
        if path.startswith(("/api/v1/events/", "/api/v1/event-types/", "/api/v1/seals/"))
    ]

    assert {path for path, _, _ in of_the_trail} == {
        "/api/v1/events/",
        "/api/v1/events/{id}/",
        "/api/v1/events/{id}/tree/",
        "/api/v1/events/{id}/links/",
        "/api/v1/events/follow/",
        "/api/v1/event-types/",
        "/api/v1/seals/",
        "/api/v1/seals/{number}/",
        "/api/v1/seals/{number}/proof/",
        "/api/v1/seals/head/",
    }
    for path, method, operation in of_the_trail:
        said = operation["responses"]["201" if method == "post" else "200"]["content"]["application/json"]
        assert said["examples"], path
        if method == "post":
            assert operation["requestBody"]["content"]["application/json"]["examples"], path


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v1/events/{id}/", "Event"),
        ("/api/v1/seals/{number}/", "Seal"),
        ("/api/v1/seals/{number}/proof/", "Proof"),
    ],
)
def test_the_example_has_every_field_of_what_it_shows(schema: dict[str, Any], path: str, part: str) -> None:
    answer = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    [example] = answer["examples"].values()

    assert set(example["value"]) == set(schema["components"]["schemas"][part]["properties"])


@pytest.mark.django_db
def test_the_schema_and_its_page_need_no_key() -> None:
    client = APIClient()

    assert client.get("/api/schema/").status_code == 200
    assert client.get("/api/docs/", HTTP_ACCEPT="text/html").status_code == 200


@pytest.mark.django_db
def test_the_page_has_no_inline_script() -> None:
    page = Client().get("/api/docs/")

    scripts = page.content.decode().split("<script")[1:]
    assert scripts
    assert all(script.lstrip().startswith("src=") for script in scripts)
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].split("script-src")[1].split(";")[0]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_renders_in_a_browser_under_the_policy(live_server: Any) -> None:
    refused: list[str] = []
    with sync_playwright() as play:
        browser = chromium.launch(play)
        page = browser.new_page()
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: refused.append(str(error)))

        page.goto(f"{live_server.url}/api/docs/")
        page.wait_for_selector(".opblock-tag-section", timeout=20_000)
        page.click("[data-tag=tickets] .expand-operation")
        page.wait_for_selector(".opblock")
        text = page.inner_text("#swagger-ui")
        browser.close()

    assert "/api/v1/tickets/{number}/snooze/" in text
    assert refused == []
