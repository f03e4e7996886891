"""Shifts that cannot be are refused at the field, and those that were stay."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.rotations.errors import BadShift
from apps.rotations.models import Shift
from apps.rotations.services import save_shift
from tests import make

pytestmark = pytest.mark.django_db
SHIFTS = "/api/v1/shifts/"
SHIFT = {
    "agent": "ana@example.com",
    "kind": "support",
    "start": "2026-03-18T09:00:00Z",
    "end": "2026-03-18T17:00:00Z",
}
LATER = {"start": "2026-03-18T12:00:00Z", "end": "2026-03-18T20:00:00Z"}


@pytest.fixture(autouse=True)
def cast(db: None) -> None:
    make.agent("Ana")
    make.agent("Gone", is_active=False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "embedded"}, "product"),
        ({"kind": "embedded", "product": "  "}, "product"),
        ({"product": "Boards"}, "product"),
        ({"agent": "gone@example.com"}, "agent"),
        ({"end": SHIFT["start"]}, "end"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_at_the_field(client: APIClient, body: dict[str, Any], field: str) -> None:
    response = client.post(SHIFTS, {**SHIFT, **body})

    assert response.status_code == 400, response.content
    assert set(response.json()["errors"]) == {field}
    assert not Shift.objects.exists()


def test_a_shift_that_overlaps_one_of_the_same_kind_is_refused_with_the_other(client: APIClient) -> None:
    client.post(SHIFTS, SHIFT)

    response = client.post(SHIFTS, {**SHIFT, **LATER})

    assert response.status_code == 400
    [sentence] = response.json()["errors"]["start"]
    assert sentence.startswith("Ana, support is on then already, from 18 Mar 2026 09:00 UTC to 18 Mar 2026 17:00 UTC.")


@pytest.mark.parametrize(
    "other",
    [
        {"start": SHIFT["end"], "end": "2026-03-18T20:00:00Z"},
        {**LATER, "kind": "embedded", "product": "Boards"},
    ],
    ids=["a handoff", "another kind"],
)
def test_what_does_not_overlap_is_accepted(client: APIClient, other: dict[str, Any]) -> None:
    client.post(SHIFTS, SHIFT)

    assert client.post(SHIFTS, {**SHIFT, **other}).status_code == 201


def test_a_shift_of_somebody_who_left_is_still_changed(client: APIClient) -> None:
    shift = make.shift(make.agent("Late"))
    shift.agent.is_active = False
    shift.agent.save()

    assert client.patch(f"{SHIFTS}{shift.pk}/", {"end": "2026-03-18T12:00:00Z"}).status_code == 200


@pytest.mark.parametrize(("began", "word"), [(timedelta(hours=1), "has begun"), (timedelta(days=2), "is over")])
def test_a_shift_that_has_begun_or_is_over_is_not_cancelled(client: APIClient, began: timedelta, word: str) -> None:
    shift = make.shift(make.agent("Ben"), start=timezone.now() - began)

    response = client.delete(f"{SHIFTS}{shift.pk}/")

    assert response.status_code == 409
    assert word in response.json()["detail"]
    assert Shift.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_shifts_that_overlap_made_at_once_one_is_refused(now: datetime) -> None:
    ben, outcomes, together = make.agent("Ben"), [], threading.Barrier(2)

    def save() -> None:
        together.wait()
        try:
            save_shift(None, agent=ben, kind="support", starts_at=now, ends_at=now + timedelta(hours=8), now=now)
            outcomes.append("saved")
        except BadShift as refused:
            outcomes.append(next(iter(refused.errors)))
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["saved", "starts_at"]
