"""What a definition comes to through the API: the rules of a rotation, and bad input with a sentence each."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.rotations.models import Rotation
from tests.api.conftest import Bearer

pytestmark = pytest.mark.django_db
PREVIEW = "/api/v1/rotations/preview/"
WEEKLY: dict[str, Any] = {"unit": "week", "start_local": "2026-03-23T09:00", "participants": ["ana", "ben"]}
WINDOW = {"from": "2026-03-30T08:00:00Z", "until": "2026-04-13T08:00:00Z"}


@pytest.fixture
def key(bearing: Bearer) -> APIClient:
    return bearing("rotations")


def layer(**fields: Any) -> dict[str, Any]:
    return {"role": "primary", **({} if "users" in fields else {"rotation": WEEKLY}), **fields}


def definition(*layers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"tz": "Europe/London", "layers": list(layers or [layer()]), **fields}


def test_the_example_is_answered_literally(key: APIClient) -> None:
    asked = {
        "definition": {
            "tz": "Europe/London",
            "layers": [
                {
                    "role": "primary",
                    "rotation": {"unit": "week", "start_local": "2026-03-23T09:00", "participants": ["ana", "ben"]},
                }
            ],
        },
        "at": ["2026-03-30T08:00:00Z"],
    }

    answer = key.post(PREVIEW, asked)

    assert answer.status_code == 200
    assert answer.json() == {"at": [{"at": "2026-03-30T08:00:00Z", "on_call": {"primary": ["ben"]}}]}
    assert not Rotation.objects.exists()


def test_a_window_is_answered_with_shifts_gaps_doubles_and_reasons(key: APIClient) -> None:
    asked = definition(
        layer(),
        layer(role="lead", users=["ben"], valid_until="2026-04-06T09:00"),
        overrides=[
            {"start": "2026-04-07T09:00", "end": "2026-04-08T09:00", "remove": "ana", "add": "cem", "role": "primary"}
        ],
    )

    answer = key.post(PREVIEW, {"definition": asked, **WINDOW}).json()

    assert [(shift["people"], shift["start"], shift["because"]) for shift in answer["shifts"]] == [
        (["ben"], "2026-03-30T08:00:00Z", "turn 2 of layer 1"),
        (["ana"], "2026-04-06T08:00:00Z", "turn 3 of layer 1"),
        (["cem"], "2026-04-07T08:00:00Z", "override 1"),
        (["ana"], "2026-04-08T08:00:00Z", "turn 3 of layer 1"),
        (["ben"], "2026-03-30T08:00:00Z", "always on by layer 2"),
    ]
    assert answer["gaps"] == [{"role": "lead", "start": "2026-04-06T08:00:00Z", "end": "2026-04-13T08:00:00Z"}]
    assert answer["doubles"] == [
        {
            "person": "ben",
            "roles": ["primary", "lead"],
            "start": "2026-03-30T08:00:00Z",
            "end": "2026-04-06T08:00:00Z",
        }
    ]


def test_instants_are_answered_in_their_order_and_a_role_with_nobody_is_an_empty_list(key: APIClient) -> None:
    asked = definition(
        layer(rotation={**WEEKLY, "participants": [["ana", "cem"], "ben"]}), layer(role="lead", users=[])
    )

    answer = key.post(PREVIEW, {"definition": asked, "at": ["2026-04-06T08:00:00Z", "2026-03-01T00:00:00Z"]}).json()

    assert answer["at"] == [
        {"at": "2026-04-06T08:00:00Z", "on_call": {"primary": ["ana", "cem"], "lead": []}},
        {"at": "2026-03-01T00:00:00Z", "on_call": {"primary": [], "lead": []}},
    ]


def test_an_empty_roster_is_accepted_with_a_warning(key: APIClient) -> None:
    asked = definition(layer(rotation={**WEEKLY, "participants": []}))

    answer = key.post(PREVIEW, {"definition": asked, **WINDOW})

    assert answer.status_code == 200
    assert answer.json()["warnings"][0] == "Nobody is in layer 1, so it does not cover primary."
    assert answer.json()["gaps"][0]["role"] == "primary"


def test_a_start_in_a_skipped_hour_is_the_first_instant_after_it(key: APIClient) -> None:
    asked = definition(layer(rotation={**WEEKLY, "start_local": "2026-03-29T01:30"}))

    answer = key.post(PREVIEW, {"definition": asked, "at": ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"]}).json()

    assert [at["on_call"]["primary"] for at in answer["at"]] == [[], ["ana"]]
    assert answer["warnings"] == [
        "01:30 on 29 Mar 2026 does not come in Europe/London, where clocks go forward then: layer 1 begins at 02:00."
    ]


def test_times_with_an_offset_are_instants_and_without_one_in_the_rotations_zone(key: APIClient) -> None:
    one = definition(layer(rotation={**WEEKLY, "start_local": "2026-03-23T09:00"}))
    other = definition(layer(rotation={**WEEKLY, "start_local": "2026-03-23T10:00:00+01:00"}))

    answers = [key.post(PREVIEW, {"definition": asked, **WINDOW}).json() for asked in (one, other)]

    assert answers[0] == answers[1]


def test_active_days_and_times_are_kept(key: APIClient) -> None:
    asked = definition(
        layer(active={"days": ["MO", "TU"], "from": "22:00", "to": "06:00"}),
        layer(priority=-1, users=["dot"]),
    )

    answer = key.post(
        PREVIEW, {"definition": asked, "at": ["2026-03-31T04:59:00Z", "2026-03-31T05:00:00Z", "2026-03-31T21:00:00Z"]}
    ).json()

    assert [at["on_call"]["primary"] for at in answer["at"]] == [["ben"], ["dot"], ["ben"]]


def test_who_never_serves_is_warned_about(key: APIClient) -> None:
    daily = {
        "unit": "day",
        "start_local": "2026-03-23T09:00",
        "participants": ["ana", "ben", "cem", "dot", "eli", "flo", "gus"],
    }
    asked = definition(layer(rotation=daily, active={"days": ["MO", "TU", "WE", "TH", "FR"]}))

    answer = key.post(PREVIEW, {"definition": asked, **WINDOW}).json()

    assert "flo is in the roster and never serves in this window." in answer["warnings"]


def bad(**fields: Any) -> dict[str, Any]:
    return {"definition": definition(layer(rotation={**WEEKLY, **fields})), **WINDOW}


def override(**fields: Any) -> dict[str, Any]:
    return {"start": "2026-04-01T00:00", "end": "2026-04-02T00:00", "remove": "ana", **fields}


def overridden(*overrides: dict[str, Any]) -> dict[str, Any]:
    return {"definition": definition(layer(), layer(role="backup"), overrides=list(overrides)), **WINDOW}


@pytest.mark.parametrize(
    ("asked", "path", "sentence"),
    [
        ({"definition": definition(tz="Mars/Olympus"), **WINDOW}, "definition.tz", "“Mars/Olympus” is no time zone."),
        (bad(length=0), "definition.layers.0.rotation.length", "A turn is at least one unit long."),
        (bad(length=99), "definition.layers.0.rotation.length", "A turn is at most a year long: 53 weeks."),
        (bad(unit="fortnight"), "definition.layers.0.rotation.unit", "“fortnight” is not known here; there are hour,"),
        (bad(start_local="soon"), "definition.layers.0.rotation.start_local", "Write a time such as"),
        (bad(start_local="2026-02-30T09:00"), "definition.layers.0.rotation.start_local", "2026-02-30T09:00 is on no"),
        (bad(start_local="0001-01-01T09:00"), "definition.layers.0.rotation.start_local", "The year 1 is a slip"),
        (bad(participants="ana"), "definition.layers.0.rotation.participants", "Write a list of people."),
        (bad(participants=["ana", 7]), "definition.layers.0.rotation.participants", "Turn 2 is neither a person"),
        (bad(participants=["a"] * 201), "definition.layers.0.rotation.participants", "A roster has at most 200"),
        (bad(advance="active_day"), "definition.layers.0.rotation.advance", "Only turns of days"),
        (bad(colour="red"), "definition.layers.0.rotation.colour", "There is no such field"),
        (
            {"definition": definition(layer(active={"days": ["XX"]})), **WINDOW},
            "definition.layers.0.active.days.0",
            "“XX” is not known here; there are MO, TU",
        ),
        (
            {"definition": definition({"role": "primary"}), **WINDOW},
            "definition.layers.0.rotation",
            "A layer is filled by one of users or rotation; send exactly one.",
        ),
        (
            {
                "definition": definition(layer(valid_from="2026-04-02T00:00", valid_until="2026-04-01T00:00")),
                **WINDOW,
            },
            "definition.layers.0.valid_until",
            "This must be after valid_from.",
        ),
        (overridden(override(end="2026-03-31T00:00")), "definition.overrides.0.end", "The override must end after"),
        (overridden(override(), override(add="ben")), "definition.overrides.1.start", "It touches ana, whom override"),
        (overridden(override(remove="", add="cem")), "definition.overrides.0.role", "Say in which role cem is on"),
        (overridden(override(role="chief")), "definition.overrides.0.role", "No layer has the role “chief”."),
        (overridden(override(remove="")), "definition.overrides.0.add", "Say who is on, who is not, or both."),
        ({"definition": definition(), "from": WINDOW["until"], "until": WINDOW["from"]}, "until", "This must be after"),
        (
            {"definition": definition(), "from": WINDOW["from"], "until": "2029-01-01T00:00:00Z"},
            "until",
            "Ask for at most 400 days at a time.",
        ),
        ({"definition": definition()}, "from", "Say from when until when, or at which instants."),
        ({"definition": definition(), "at": ["2026-03-30T08:00:00Z"] * 1001}, "at", "Ensure this field has no more"),
        ({"definition": definition(*[layer()] * 31), **WINDOW}, "definition.layers", "Ensure this field has no more"),
        (
            {
                "definition": definition(*[layer(rotation={**WEEKLY, "unit": "hour"})] * 30),
                "from": WINDOW["from"],
                "until": "2027-03-30T08:00:00Z",
            },
            "until",
            "This window has more than 20,000 turns",
        ),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    key: APIClient, asked: dict[str, Any], path: str, sentence: str
) -> None:
    answer = key.post(PREVIEW, asked)

    assert answer.status_code == 400
    assert any(said.startswith(sentence) for said in answer.json()["errors"].get(path, [])), answer.json()


def test_two_overrides_of_one_person_in_two_roles_are_accepted(key: APIClient) -> None:
    answer = key.post(PREVIEW, overridden(override(role="primary"), override(role="backup")))

    assert answer.status_code == 200
