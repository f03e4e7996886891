"""Rotations through the API: who is on, schedules, overrides, and what they are defined by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.drafts import spec_of
from apps.rotations.models import Override, Rotation
from tests import make

pytestmark = pytest.mark.django_db
ROTATIONS = "/api/v1/rotations/"
WEEK = timedelta(weeks=1)


@pytest.fixture
def monday() -> datetime:
    """The handoff that began the running week."""
    now = timezone.now()
    return (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem")}


@pytest.fixture
def rotation(cast: dict[str, Agent], monday: datetime) -> Rotation:
    """Ana is on this week, Ben the next; nobody is lead. UTC."""
    weekly = make.layer(cast["ana"], cast["ben"], start_local=monday.replace(tzinfo=None))
    return make.rotation(weekly, zone="UTC", roles=("primary", "lead"), now=timezone.now())


def text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def test_who_is_on_is_told_with_the_true_ends_of_the_shift(
    client: APIClient, rotation: Rotation, monday: datetime
) -> None:
    answer = client.get("/api/v1/on-call/").json()

    [found] = answer
    assert (found["rotation"], found["team"]) == ("set", "set")
    assert found["shifts"][0] == {
        "role": "primary",
        "people": [{"name": "Ana", "email": "ana@example.com", "slack_id": "UANA"}],
        "start": text(monday),
        "end": text(monday + WEEK),
        "because": "turn 1 of “primary weekly”",
    }
    assert (found["shifts"][1]["role"], found["shifts"][1]["people"]) == ("lead", [])


def test_who_is_on_at_another_instant(client: APIClient, rotation: Rotation, monday: datetime) -> None:
    [found] = client.get("/api/v1/on-call/", {"at": text(monday + WEEK)}).json()

    assert [person["name"] for person in found["shifts"][0]["people"]] == ["Ben"]


def test_who_was_on_is_told_when_they_are_gone_from_the_rotation(
    client: APIClient, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    before = timezone.now()
    again = make.layer(cast["cem"], start_local=datetime(2026, 1, 5), unit="hour", name="new")
    services.save_rotation(rotation, replace(spec_of(rotation), layers=(again,)), now=before)

    [found] = client.get("/api/v1/on-call/", {"at": text(before - timedelta(seconds=1))}).json()

    assert found["shifts"][0]["people"] == [{"name": "Ana", "email": "ana@example.com", "slack_id": None}]


def test_who_is_on_can_be_asked_of_one_rotation_or_team(client: APIClient, rotation: Rotation) -> None:
    assert client.get("/api/v1/on-call/", {"rotation": "other"}).json() == []
    assert len(client.get("/api/v1/on-call/", {"team": "set", "rotation": "set"}).json()) == 1


@pytest.mark.parametrize("query", [{"at": "yesterday"}, {"when": "now"}])
def test_a_question_that_cannot_be_read_is_refused(client: APIClient, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/on-call/", query)

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)


def test_a_schedule_has_shifts_gaps_and_doubles(client: APIClient, rotation: Rotation, monday: datetime) -> None:
    query = {"from": text(monday + WEEK), "until": text(monday + 2 * WEEK)}

    answer = client.get(f"{ROTATIONS}set/shifts/", query).json()

    assert [(shift["role"], shift["people"][0]["email"]) for shift in answer["shifts"]] == [
        ("primary", "ben@example.com")
    ]
    assert [gap["role"] for gap in answer["gaps"]] == ["lead"]
    assert answer["doubles"] == []


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"from": "2026-04-02T00:00:00Z", "until": "2026-04-01T00:00:00Z"}, "until", "This must be after from."),
        ({"from": "2026-04-02T00:00:00Z", "until": "2036-04-01T00:00:00Z"}, "until", "Ask for at most 400 days"),
        ({"from": "soon"}, "from", "Write a time such as"),
        ({"unto": "2026-04-02T00:00:00Z"}, "unto", "There is no such parameter"),
    ],
)
def test_a_window_that_cannot_be_is_refused(
    client: APIClient, rotation: Rotation, query: dict[str, str], field: str, sentence: str
) -> None:
    answer = client.get(f"{ROTATIONS}set/shifts/", query)

    assert answer.status_code == 400
    assert answer.json()["errors"][field][0].startswith(sentence)


def an_override(**fields: Any) -> dict[str, Any]:
    tomorrow = timezone.now() + timedelta(days=1)
    return {
        "start": text(tomorrow),
        "end": text(tomorrow + timedelta(days=1)),
        "remove": "ana@example.com",
        "add": "cem@example.com",
        "role": "primary",
        "reason": "Ana is on leave",
        **fields,
    }


def test_an_override_is_made_listed_and_withdrawn(client: APIClient, rotation: Rotation) -> None:
    made = client.post(f"{ROTATIONS}set/overrides/", an_override())

    assert made.status_code == 201
    listed = client.get(f"{ROTATIONS}set/overrides/").json()["results"]
    assert [override["id"] for override in listed] == [made.json()["id"]]
    assert client.delete(f"{ROTATIONS}set/overrides/{made.json()['id']}/").status_code == 204
    assert not Override.objects.exists()


def test_an_override_without_a_reason_says_that_none_was_given(client: APIClient, rotation: Rotation) -> None:
    said = an_override()
    del said["reason"]

    made = client.post(f"{ROTATIONS}set/overrides/", said)

    assert (made.status_code, made.json()["reason"]) == (201, "No reason was given through the API")


def test_an_override_that_is_over_is_not_withdrawn(
    client: APIClient, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    long_ago = datetime(2026, 3, 18, tzinfo=UTC)
    over = Override.objects.create(
        rotation=rotation, remove=cast["ana"], starts_at=long_ago, ends_at=long_ago + WEEK, reason="x", made_at=long_ago
    )

    answer = client.delete(f"{ROTATIONS}set/overrides/{over.pk}/")

    assert answer.status_code == 409
    assert client.get(f"{ROTATIONS}set/overrides/").json()["results"] == []
    assert len(client.get(f"{ROTATIONS}set/overrides/", {"all": "true"}).json()["results"]) == 1


def test_times_without_an_offset_are_in_the_rotations_zone(client: APIClient, cast: dict[str, Agent]) -> None:
    make.rotation(make.layer(cast["ana"]), slug="chicago", zone="America/Chicago", now=timezone.now())
    year = timezone.now().year + 1
    asked = an_override(start=f"{year}-07-01T09:00", end=f"{year}-07-02T09:00")

    answer = client.post(f"{ROTATIONS}chicago/overrides/", asked)

    assert answer.json()["start"] == f"{year}-07-01T14:00:00Z"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"end": "2020-01-01T00:00:00Z"}, "end", "The override must end after it starts."),
        ({"role": "chief"}, "role", "SET has no role “chief”; there are primary, lead."),
        ({"role": None, "remove": None}, "role", "Say in which role Cem is on: primary, lead."),
        ({"add": "zoe@example.com"}, "add", "There is no agent “zoe@example.com”."),
        ({"reason": ""}, "reason", "This field may not be blank."),
        ({"remove": None, "add": None}, "add", "Say who is on, who is not, or both."),
    ],
)
def test_an_override_that_cannot_be_is_refused_beside_its_field(
    client: APIClient, rotation: Rotation, changes: dict[str, Any], field: str, sentence: str
) -> None:
    answer = client.post(f"{ROTATIONS}set/overrides/", an_override(**changes))

    assert answer.status_code == 400
    assert answer.json()["errors"][field][0].startswith(sentence)


def test_an_overlapping_override_that_touches_the_same_person_is_refused(client: APIClient, rotation: Rotation) -> None:
    client.post(f"{ROTATIONS}set/overrides/", an_override())

    answer = client.post(f"{ROTATIONS}set/overrides/", an_override(add="ben@example.com", role=None))

    assert answer.status_code == 400
    assert answer.json()["errors"]["remove"][0].startswith("Another override touches Ana then: Cem for Ana")


NEW: dict[str, Any] = {
    "slug": "emea",
    "name": "EMEA",
    "team": "set",
    "time_zone": "Europe/Paris",
    "channel": "C0EMEA",
    "roles": [{"name": "primary", "user_group": "@emea-primary"}, {"name": "lead"}],
    "layers": [
        {
            "role": "primary",
            "name": "weekly",
            "rotation": {
                "unit": "week",
                "start_local": "2026-03-02T09:00",
                "participants": ["ana@example.com", ["ben@example.com", "cem@example.com"]],
            },
            "active": {"days": ["MO", "FR"], "from": "09:00", "to": "17:00"},
        },
        {"role": "lead", "name": "always", "users": ["cem@example.com"]},
    ],
}


def test_a_rotation_is_made_and_what_is_got_can_be_sent_back(client: APIClient, cast: dict[str, Agent]) -> None:
    make.team()

    made = client.post(ROTATIONS, NEW)

    assert made.status_code == 201, made.json()
    got = client.get(f"{ROTATIONS}emea/").json()
    assert got["layers"][0]["rotation"]["participants"] == ["ana@example.com", ["ben@example.com", "cem@example.com"]]
    assert got["layers"][0]["active"] == {"days": ["MO", "FR"], "from": "09:00", "to": "17:00"}
    again = client.put(f"{ROTATIONS}emea/", got)
    assert (again.status_code, again.json()) == (200, got)


def test_what_is_not_sent_stays(client: APIClient, rotation: Rotation) -> None:
    answer = client.patch(f"{ROTATIONS}set/", {"name": "Sustained Engineering"})

    assert answer.status_code == 200
    assert len(answer.json()["layers"]) == 1


def test_a_rotation_is_archived_and_restored(client: APIClient, rotation: Rotation) -> None:
    assert client.patch(f"{ROTATIONS}set/", {"archived": True}).json()["archived"] is True
    assert client.get("/api/v1/on-call/").json() == []
    assert client.patch(f"{ROTATIONS}set/", {"archived": False}).json()["archived"] is False


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"team": "nobody"}, "team"),
        ({"slug": "preview"}, "slug"),
        ({"roles": []}, "roles"),
        ({"layers": [{"role": "chief", "users": []}]}, "layers.0.role"),
        ({"layers": [{"role": "lead", "users": ["zoe@example.com"]}]}, "layers.0.participants.0"),
    ],
)
def test_a_rotation_that_cannot_be_is_refused_beside_its_field(
    client: APIClient, cast: dict[str, Agent], changes: dict[str, Any], path: str
) -> None:
    make.team()

    answer = client.post(ROTATIONS, {**NEW, **changes})

    assert answer.status_code == 400
    assert any(found.startswith(path.rsplit(".participants", 1)[0]) for found in answer.json()["errors"])
    assert not Rotation.objects.exists()


def test_a_rotation_that_is_not_there_is_not_found(client: APIClient) -> None:
    assert client.get(f"{ROTATIONS}nowhere/").status_code == 404
    assert client.get(f"{ROTATIONS}nowhere/overrides/").status_code == 404
    assert client.post(f"{ROTATIONS}nowhere/overrides/", an_override(remove=None, add=None)).status_code == 404
