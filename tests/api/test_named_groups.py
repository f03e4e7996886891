"""A named group that a policy counts on is not emptied."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.people.models import NamedGroup
from apps.sla.models import Policy
from tests import make

pytestmark = pytest.mark.django_db
GROUP = "/api/v1/named-groups/heads/"


@pytest.fixture
def telling(db: None) -> Policy:
    """A policy whose tier tells the group, in which Ana is."""
    group = make.named_group("heads", make.agent("Ana"))
    return make.policy("Gold", minutes=(10,), audiences=({"audience_kind": "group", "group": group},))


@pytest.mark.parametrize("members", [[], ["gone@example.com"]])
@pytest.mark.usefixtures("telling")
def test_a_group_that_a_policy_tells_keeps_somebody_who_works_here(client: APIClient, members: list[str]) -> None:
    make.agent("Gone", is_active=False)

    response = client.patch(GROUP, {"members": members})

    assert response.status_code == 400
    [sentence] = response.json()["errors"]["members"]
    assert sentence.startswith("The policy Gold would tell nobody")
    assert NamedGroup.objects.get().members.count() == 1


@pytest.mark.parametrize("change", [{"members": ["ben@example.com"]}, {"name": "Heads of all"}], ids=str)
@pytest.mark.usefixtures("telling")
def test_a_group_that_a_policy_tells_is_changed_otherwise(client: APIClient, change: dict[str, Any]) -> None:
    make.agent("Ben")

    assert client.patch(GROUP, change).status_code == 200


def test_a_group_of_a_policy_that_is_off_is_emptied(client: APIClient, telling: Policy) -> None:
    Policy.objects.update(enabled=False)

    assert client.patch(GROUP, {"members": []}).status_code == 200


def test_a_group_that_is_empty_already_may_stay_so(client: APIClient, telling: Policy) -> None:
    NamedGroup.objects.get().members.clear()

    assert client.patch(GROUP, {"name": "Heads", "members": []}).status_code == 200
