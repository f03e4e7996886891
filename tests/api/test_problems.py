"""Every refusal is a problem of RFC 9457."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.api import problems
from tests.api.conftest import Bearer

pytestmark = pytest.mark.django_db


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert set(body) <= {"type", "title", "status", "detail", "errors"}
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


def test_a_field_that_cannot_be_accepted_is_named(client: APIClient) -> None:
    body = problem(client.post("/api/v1/plans/", {"slug": "not a slug"}), 400)

    assert set(body["errors"]) == {"slug", "name"}


def test_a_field_nobody_knows_is_refused(client: APIClient) -> None:
    body = problem(client.post("/api/v1/plans/", {"slug": "pro", "name": "Pro", "colour": "red"}), 400)

    assert set(body["errors"]) == {"colour"}


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "",
        '{"slug": NaN}',
        "[" * 100_000,
        '{"slug": "\\u0000", "name": "x"}',
        '{"slug": "x", "name": "\\ud800"}',
        '{"position": ' + "9" * 5000 + "}",
        "[]",
        '"text"',
        "null",
    ],
)
def test_malformed_json_is_refused(client: APIClient, raw: str) -> None:
    response = client.generic("POST", "/api/v1/plans/", raw, content_type="application/json")

    problem(response, 400)


@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
def test_what_something_is_called_cannot_hold_what_postgresql_cannot(client: APIClient, text: str) -> None:
    problem(client.post("/api/v1/tickets/", {"number": "1", "plan": text}), 400)


def test_bytes_that_are_no_text_are_refused(client: APIClient) -> None:
    response = client.generic("POST", "/api/v1/plans/", b"\xff\xfe{", content_type="application/json")

    problem(response, 400)


def test_another_media_type_is_refused(client: APIClient) -> None:
    problem(client.generic("POST", "/api/v1/plans/", "<plan/>", content_type="application/xml"), 415)


def test_an_answer_in_another_media_type_is_refused(client: APIClient) -> None:
    problem(client.get("/api/v1/plans/", HTTP_ACCEPT="text/csv"), 406)


def test_a_body_too_large_is_refused(client: APIClient) -> None:
    raw = json.dumps({"slug": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})

    problem(client.generic("POST", "/api/v1/plans/", raw, content_type="application/json"), 413)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_a_method_a_route_does_not_have_is_refused(client: APIClient, method: str) -> None:
    problem(getattr(client, method)("/api/v1/plans/"), 405)


@pytest.mark.parametrize("path", ["/api/v1/plans/none/", "/api/v1/tickets/none/", "/api/v1/policies/99/"])
def test_what_is_not_there_is_not_found(client: APIClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/", "/api/v2/plans/", "/api/v1/tickets/1/2/3/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_a_problem_with_and_without_a_key(client: APIClient, path: str, method: str) -> None:
    problem(getattr(client, method)(path), 404)
    problem(getattr(APIClient(), method)(path), 404)


def test_an_address_without_its_slash_says_so(client: APIClient) -> None:
    assert "end with a slash" in problem(client.post("/api/v1/tickets"), 404)["detail"]


@pytest.mark.parametrize("path", ["/api/v1/plans/%00/", "/api/v1/tickets/%00/story/"])
def test_a_path_postgresql_cannot_hold_is_not_found(client: APIClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("query", ["q=%00", "customer=%00", "status=lost", "due_before=2026-03-18T09:00:00"])
def test_a_filter_that_makes_no_sense_is_refused(client: APIClient, query: str) -> None:
    problem(client.get(f"/api/v1/tickets/?{query}"), 400)


def test_a_key_without_the_scope_is_told_which_one(bearing: Bearer) -> None:
    body = problem(bearing("read").post("/api/v1/tickets/", {"number": "1"}), 403)

    assert "scope tickets" in body["detail"]


def test_too_many_requests_are_told_when_to_come_back(bearing: Bearer, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"key": "2/min"}}
    one, other = bearing("read"), bearing("read")

    statuses = [one.get("/api/v1/plans/").status_code for _ in range(2)]
    refused = one.get("/api/v1/plans/")

    assert statuses == [200, 200]
    problem(refused, 429)
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert other.get("/api/v1/plans/").status_code == 200


def test_a_failure_of_ours_is_a_problem_without_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    response = problems.problem_response(RuntimeError("the password is hunter2"), {})

    assert isinstance(response, Response)
    assert response.status_code == 500
    assert "hunter2" not in str(response.data)
    assert "hunter2" in caplog.text


def test_nested_errors_are_flattened_to_paths() -> None:
    detail = {"promises": [{}, {"within": ["No."], "non_field_errors": ["Neither."]}], "name": ["Taken."]}

    assert problems.flatten(detail) == {
        "promises.1.within": ["No."],
        "promises.1": ["Neither."],
        "name": ["Taken."],
    }
