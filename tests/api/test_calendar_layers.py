"""Layers that go by a calendar, through the API."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from apps.rotations.models import Calendar
from tests import make

pytestmark = pytest.mark.django_db
NEW = {
    "slug": "emea",
    "name": "EMEA",
    "team": "set",
    "time_zone": "Europe/London",
    "roles": [{"name": "primary"}],
    "layers": [{"role": "primary", "calendar": "Support", "entries": "support"}],
}


def test_a_layer_by_a_calendar_is_made_and_what_is_got_can_be_sent_back(client: APIClient) -> None:
    Calendar.objects.create(name="Support", team=make.team(), source="google", feed_address="a@example.com")

    made = client.post("/api/v1/rotations/", NEW)

    assert made.status_code == 201, made.json()
    got = client.get("/api/v1/rotations/emea/").json()
    assert (got["layers"][0]["calendar"], got["layers"][0]["entries"]) == ("Support", "support")
    again = client.put("/api/v1/rotations/emea/", got)
    assert (again.status_code, again.json()) == (200, got)


def test_a_calendar_that_is_not_there_is_said_where_it_was_named(client: APIClient) -> None:
    make.team()

    answer = client.post("/api/v1/rotations/", NEW)

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"layers.0.calendar": ["There is no calendar of shifts “Support”."]}
