"""Policies through the API."""

from __future__ import annotations

import threading
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.sla import api
from apps.sla.models import Policy
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db
POLICIES = "/api/v1/policies/"
AUDIENCES: list[dict[str, Any]] = [
    {"kind": "not_embedded"},
    {"kind": "rotation", "rotation": "set", "role": "primary"},
    {"kind": "user_group", "user_group": "@group-support"},
    {"kind": "group", "group": "head-of-success"},
    {"kind": "agents", "agents": ["ana@example.com"]},
    {"kind": "channel", "channel": "C900"},
]
WHOLE: dict[str, Any] = {
    "name": "Enterprise",
    "applies_to": "ticket",
    "position": 1,
    "enabled": True,
    "plans": ["enterprise"],
    "without_plan": True,
    "teams": [],
    "severities": ["urgent", "high"],
    "priorities": [],
    "levels": [],
    "channels": ["C100"],
    "excluded_types": ["feedback", "task"],
    "promises": [
        {
            "promise": "first_response",
            "within": "PT1H",
            "repeat": 0,
            "tiers": [
                {"after": f"PT{position}0M", "audience": audience, "message": "" if position > 1 else "Hello {people}"}
                for position, audience in enumerate(AUDIENCES, start=1)
            ],
        }
    ],
}


@pytest.fixture(autouse=True)
def cast(db: None) -> None:
    make.plan()
    ana = make.agent("Ana")
    make.named_group("head-of-success", ana)
    make.rotation(make.layer(ana))


def without_labels(policy: dict[str, Any]) -> dict[str, Any]:
    plain = deepcopy(policy)
    plain.pop("id")
    for promise in plain["promises"]:
        for tier in promise["tiers"]:
            assert tier["audience"].pop("label")
    return plain


def wrong(path: str, value: Any) -> dict[str, Any]:
    policy: Any = deepcopy(WHOLE)
    inner = policy
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in way:
        inner = inner[part]
    inner[last] = value
    return dict(policy)


def test_a_whole_policy_is_written_and_read_back(client: APIClient) -> None:
    response = client.post(POLICIES, WHOLE)

    assert response.status_code == 201, response.content
    # PostgreSQL has no PT60M: a duration is written in its shortest form.
    expected = wrong("promises.0.tiers.5.after", "PT1H")
    assert without_labels(response.json()) == expected
    assert client.get(f"{POLICIES}{response.json()['id']}/").json() == response.json()


def test_a_policy_for_requests_promises_several_things(client: APIClient) -> None:
    primary = {"after": "PT30M", "audience": {"kind": "rotation", "role": "primary"}}
    owner = {"after": "PT20H", "audience": {"kind": "owner"}}
    body = {
        "name": "P1",
        "applies_to": "rfh",
        "priorities": ["p1"],
        "promises": [
            {"promise": "acknowledgement", "within": "PT1H", "tiers": [primary]},
            {"promise": "update", "within": "P1D", "tiers": [owner]},
        ],
    }

    made = client.post(POLICIES, body)
    refused = client.post(POLICIES, {**body, "name": "P2", "severities": ["urgent"]})

    assert made.status_code == 201, made.content
    assert [promise["promise"] for promise in made.json()["promises"]] == ["acknowledgement", "update"]
    assert (made.json()["priorities"], refused.status_code) == (["p1"], 400)


def test_a_policy_needs_little(client: APIClient) -> None:
    tiers = [{"after": "PT10M", "audience": {"kind": "on_shift"}}]
    body = {"name": "All", "promises": [{"promise": "first_response", "within": "PT50M", "tiers": tiers}]}

    policy = client.post(POLICIES, body).json()

    assert policy["plans"] == policy["severities"] == policy["channels"] == []
    assert policy["excluded_types"] == ["feedback"]
    assert (policy["enabled"], policy["without_plan"], policy["position"]) == (True, False, 1)


def test_what_is_not_sent_stays(client: APIClient) -> None:
    url = f"{POLICIES}{client.post(POLICIES, WHOLE).json()['id']}/"
    before = client.get(url).json()

    changed = client.patch(url, {"enabled": False, "severities": []}).json()

    assert changed == {**before, "enabled": False, "severities": []}


def test_what_was_read_can_be_put_back_and_changes_nothing(client: APIClient) -> None:
    policy = client.post(POLICIES, WHOLE).json()
    before = StoredEvent.objects.count()

    response = client.put(f"{POLICIES}{policy['id']}/", policy)

    assert response.json() == policy
    assert StoredEvent.objects.count() == before


def test_fewer_tiers_replace_more(client: APIClient) -> None:
    url = f"{POLICIES}{client.post(POLICIES, WHOLE).json()['id']}/"
    tiers = [{"after": "PT5M", "audience": {"kind": "on_shift"}}]

    promises = [{"promise": "first_response", "within": "PT5M", "tiers": tiers}]
    changed = client.patch(url, {"promises": promises}).json()

    assert [tier["after"] for tier in changed["promises"][0]["tiers"]] == ["PT5M"]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("name", "", "name"),
        ("applies_to", "shift", "applies_to"),
        ("position", 0, "position"),
        ("plans", ["gold"], "plans"),
        ("severities", ["dire"], "severities.0"),
        ("severities", ["sev-1"], "severities"),
        ("levels", ["L1"], "levels"),
        ("channels", ["support"], "channels"),
        ("excluded_types", ["bug"], "excluded_types.0"),
        ("severites", ["urgent"], "severites"),
        ("promises", [], "promises"),
        ("promises.0.promise", "resolution", "promises.0.promise"),
        ("promises.0.within", "50 min", "promises.0.within"),
        ("promises.0.within", 3000, "promises.0.within"),
        ("promises.0.tiers", [], "promises.0.tiers"),
        ("promises.0.tiers.1.after", "PT10M", "promises.0.tiers.1.after"),
        ("promises.0.tiers.1.after", "PT5M", "promises.0.tiers.1.after"),
        ("promises.0.tiers.0.message", "{nobody}", "promises.0.tiers.0.message"),
        ("promises.0.tiers.0.audience", {}, "promises.0.tiers.0.audience.kind"),
        ("promises.0.tiers.0.audience.kind", "everybody", "promises.0.tiers.0.audience.kind"),
        ("promises.0.tiers.2.audience.user_group", "", "promises.0.tiers.2.audience.user_group"),
        ("promises.0.tiers.3.audience.group", "nobody", "promises.0.tiers.3.audience.group"),
        ("promises.0.tiers.4.audience.agents", ["zed@example.com"], "promises.0.tiers.4.audience.agents"),
        ("promises.0.tiers.5.audience.channel", "general", "promises.0.tiers.5.audience.channel"),
    ],
)
def test_what_cannot_be_accepted_is_named_at_its_path(client: APIClient, path: str, value: Any, field: str) -> None:
    response = client.post(POLICIES, wrong(path, value))

    assert response.status_code == 400, response.content
    assert set(response.json()["errors"]) == {field}
    assert not Policy.objects.exists()


def test_a_change_of_a_tier_must_say_all_of_it(client: APIClient) -> None:
    url = f"{POLICIES}{client.post(POLICIES, WHOLE).json()['id']}/"
    promises = [{"promise": "first_response", "within": "PT1H", "tiers": [{"after": "PT1M"}]}]

    response = client.patch(url, {"promises": promises})

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"promises.0.tiers.0.audience"}


def test_a_name_that_is_taken_is_refused(client: APIClient) -> None:
    client.post(POLICIES, WHOLE)

    response = client.post(POLICIES, WHOLE)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"name"}


def test_policies_are_listed_in_the_order_they_are_asked(client: APIClient) -> None:
    for name, position in (("B", 1), ("A", 1), ("C", 3)):
        client.post(POLICIES, {**WHOLE, "name": name, "position": position})

    pages = client.get(f"{POLICIES}?page_size=2").json()
    rest = client.get(pages["next"]).json()

    assert [policy["name"] for policy in (*pages["results"], *rest["results"])] == ["A", "B", "C"]


def test_a_position_puts_a_policy_there_and_the_others_make_way(client: APIClient) -> None:
    ids = [
        client.post(POLICIES, {**WHOLE, "name": name, "position": position}).json()["id"]
        for position, name in enumerate("ABCD", start=1)
    ]

    moved = client.patch(f"{POLICIES}{ids[3]}/", {"position": 1})

    assert moved.json()["position"] == 1
    listed = client.get(POLICIES).json()["results"]
    assert [(policy["position"], policy["name"]) for policy in listed] == list(enumerate("DABC", start=1))


def test_the_list_takes_as_many_queries_for_many_policies_as_for_one(client: APIClient) -> None:
    client.post(POLICIES, WHOLE)
    client.get(POLICIES)
    with CaptureQueriesContext(connection) as for_one:
        client.get(POLICIES)
    for number in range(6):
        client.post(POLICIES, {**WHOLE, "name": str(number)})
    with CaptureQueriesContext(connection) as for_many:
        client.get(POLICIES)

    assert len(for_many) == len(for_one)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_sent_stays_as_somebody_else_just_changed_it(now: datetime) -> None:
    policy = make.policy()

    def switch_off() -> None:
        api.save(policy, enabled=False, now=now)
        connection.close()

    thread = threading.Thread(target=switch_off)
    with transaction.atomic():
        Policy.objects.select_for_update().get(pk=policy.pk)
        thread.start()
        make.until_somebody_waits()
        api.save(policy, name="Gold", now=now)
    thread.join()

    policy.refresh_from_db()
    assert (policy.name, policy.enabled) == ("Gold", False)
