"""What addresses may ask for."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests import make

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.mark.parametrize(
    "address",
    [
        *(f"tickets/?{name}=now" for name in ("due_before", "opened_after", "opened_before")),
        *(f"shifts/?{name}=now" for name in ("at", "ends_after", "starts_before")),
    ],
)
def test_an_instant_that_is_none_is_refused_with_how_to_write_it(client: APIClient, address: str) -> None:
    response = client.get(f"{API}{address}")

    name = address.partition("?")[2].partition("=")[0]
    assert response.status_code == 400
    assert "+ is %2B" in response.json()["errors"][name][0]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("tickets/?nosuch=1", "opened_after"),
        ("tickets/4711/?status=open", "format"),
        ("plans/?nosuch=1", "page_size"),
        ("agents/?is_active=maybe", "neither true nor false"),
        ("watched-channels/?enabled=maybe", "neither true nor false"),
        ("policies/?enabled=1", "neither true nor false"),
        ("tickets/?page_size=0", "from 1 to 200"),
        ("tickets/?page_size=-1", "from 1 to 200"),
        ("tickets/?page_size=abc", "from 1 to 200"),
        ("tickets/?page_size=", "from 1 to 200"),
    ],
)
def test_a_parameter_that_would_be_passed_over_is_refused_by_name(
    client: APIClient, address: str, allowed: str
) -> None:
    make.ticket()

    response = client.get(f"{API}{address}")

    name = address.partition("?")[2].partition("=")[0]
    assert response.status_code == 400
    assert allowed in response.json()["errors"][name][0]


@pytest.mark.parametrize(("word", "found"), [("true", ["ana@example.com"]), ("false", ["ben@example.com"])])
def test_true_and_false_narrow_a_list(client: APIClient, word: str, found: list[str]) -> None:
    make.agent("Ana")
    make.agent("Ben", is_active=False)

    response = client.get(f"{API}agents/?is_active={word}&page_size=5&format=json")

    assert [agent["email"] for agent in response.json()["results"]] == found


def test_a_story_still_takes_its_order(client: APIClient) -> None:
    make.ticket()

    assert client.get(f"{API}tickets/4711/story/?order=newest").status_code == 200
