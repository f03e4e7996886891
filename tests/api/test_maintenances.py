"""Maintenance through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import make
from tests.api.conftest import Bearer

pytestmark = pytest.mark.django_db


def test_it_is_planned_spoken_of_and_cancelled(bearing: Bearer) -> None:
    make.component("api")
    client, ahead = bearing("incidents"), timezone.now() + timedelta(days=2)
    plan: dict[str, Any] = {
        "title": "Databases move",
        "starts_at": ahead.isoformat(),
        "ends_at": (ahead + timedelta(hours=2)).isoformat(),
        "components": ["api"],
        "internal_note": "Ask Mara",
        "remind_before": "PT2H",
    }

    made = client.post("/api/v1/maintenances/", plan, headers={"Idempotency-Key": "1"})
    again = client.post("/api/v1/maintenances/", plan, headers={"Idempotency-Key": "1"})
    address = f"/api/v1/maintenances/{made.json()['id']}/"
    refused = client.post(f"{address}updates/", {"status": "verifying"})
    began = client.post(f"{address}updates/", {"status": "in_progress", "public_text": "We began."})
    shorter = client.patch(address, {"starts_at": ahead.isoformat(), "ends_at": plan["starts_at"]})
    cancelled = client.post(f"{address}cancel/", {"because": "The part did not come"})

    assert (made.status_code, made.json(), again.json()["id"]) == (201, again.json(), made.json()["id"])
    assert (made.json()["components"], made.json()["remind_before"]) == (["api"], "PT2H")
    assert (refused.status_code, refused.json()["legal_from"]) == (409, ["in_progress", "verifying"])
    assert (began.status_code, began.json()["position"]) == (201, 1)
    assert (shorter.status_code, cancelled.json()["status"]) == (400, "cancelled")
    found = client.get("/api/v1/maintenances/?status=cancelled&component=api").json()["results"]
    assert [each["title"] for each in found] == ["Databases move"]
    assert [each["status"] for each in client.get(f"{address}updates/").json()] == ["in_progress", "cancelled"]


def test_a_key_that_reads_plans_none(bearing: Bearer) -> None:
    assert bearing("read").get("/api/v1/maintenances/").status_code == 200
    assert bearing("read").post("/api/v1/maintenances/", {}).status_code == 403
