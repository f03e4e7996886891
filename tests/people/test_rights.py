"""Who may do more or less from now on, in words, whichever door it came through."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from apps.people.models import Agent
from apps.people.rights import given_and_taken
from apps.trail.managed import saving
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))
    return client


@pytest.fixture
def ana(now: datetime) -> Agent:
    roles.sync(now)
    return make.agent("Ana")


def told(stream: str) -> list[StoredEvent]:
    return list(StoredEvent.objects.filter(type="RightsChanged", links__stream=stream).order_by("position"))


def form(agent: Agent, **more: object) -> dict[str, object]:
    fields = {"email": agent.email, "first_name": "Ana", "slack_id": "UANA", "is_active": "on", "is_staff": "on"}
    return {**fields, **more}


def test_a_role_given_in_the_admin_is_told_with_the_change_as_its_cause(root: Client, ana: Agent) -> None:
    role = Group.objects.get(name=roles.MANAGER)

    root.post(reverse("admin:people_agent_change", args=[ana.pk]), form(ana, groups=[role.pk]))

    [event] = told(f"agent:{ana.pk}")
    assert event.sentence == "Ana now has the role Support manager"
    assert event.actor_label == "Root"
    cause = StoredEvent.objects.get(event_id=event.causation_id)
    assert (cause.type, list(cause.payload["changes"])) == ("ObjectChanged", ["groups"])
    assert [e.position for e in told("rights")][-1] == event.position


def test_a_superuser_made_and_unmade_is_told(root: Client, ana: Agent) -> None:
    page = reverse("admin:people_agent_change", args=[ana.pk])

    root.post(page, form(ana, is_superuser="on"))
    root.post(page, form(ana))

    assert [event.sentence for event in told(f"agent:{ana.pk}")] == [
        "Ana now has every right, as a superuser",
        "Ana no longer has every right, as a superuser",
    ]


def test_who_may_no_longer_sign_in_is_told(root: Client, ana: Agent) -> None:
    fields = {name: value for name, value in form(ana).items() if name not in ("is_active", "is_staff")}

    root.post(reverse("admin:people_agent_change", args=[ana.pk]), fields)

    [event] = told(f"agent:{ana.pk}")
    assert event.sentence == "Ana no longer has the right to open the portal, the right to sign in"


def test_a_roles_rights_are_told_with_who_has_it(root: Client, ana: Agent) -> None:
    role = Group.objects.create(name="Night shift")
    ana.groups.add(role)
    right = Permission.objects.get(codename="change_policy")

    root.post(reverse("admin:auth_group_change", args=[role.pk]), {"name": "Night shift", "permissions": [right.pk]})

    [event] = told(f"group:{role.pk}")
    assert event.sentence == "The role Night shift now has the right to change policy"
    assert event.payload["holders"] == ["Ana"]


def test_a_role_that_is_deleted_takes_its_rights_away(root: Client, ana: Agent) -> None:
    role = Group.objects.create(name="Night shift")
    role.permissions.set(Permission.objects.filter(codename__in=["change_policy", "view_policy"]))
    ana.groups.add(role)

    root.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"})

    [event] = told(f"group:{role.pk}")
    assert event.sentence == "The role Night shift no longer has the right to change policy, the right to view policy"
    assert event.payload["holders"] == ["Ana"]


def test_a_right_given_to_a_person_alone_by_code_is_told(ana: Agent, now: datetime) -> None:
    with saving(ana, now=now):
        ana.user_permissions.add(Permission.objects.get(codename="export_trail"))

    [event] = told(f"agent:{ana.pk}")
    assert event.sentence == "Ana now has the right to export the trail"


def test_the_roles_that_deploying_makes_are_told(now: datetime) -> None:
    Group.objects.all().delete()
    roles.sync(now)
    roles.sync(now)

    told_roles = [event.payload["name"] for event in told("rights")]
    assert sorted(told_roles) == sorted(roles.ROLES)


def test_a_new_agent_without_rights_and_another_nickname_are_no_change_of_rights(root: Client, ana: Agent) -> None:
    fields = {"email": "new@example.com", "first_name": "New", "usable_password": "false"}
    root.post(reverse("admin:people_agent_add"), fields)
    root.post(reverse("admin:people_agent_change", args=[ana.pk]), form(ana, nickname="Annie"))

    assert Agent.objects.filter(email="new@example.com").exists()
    assert Agent.objects.get(pk=ana.pk).nickname == "Annie"
    assert told(f"agent:{ana.pk}") == []
    assert told("rights") == []


def test_of_many_rights_a_sentence_names_the_first(now: datetime) -> None:
    Group.objects.all().delete()
    roles.sync(now)

    [event] = [event for event in told("rights") if event.payload["name"] == roles.MANAGER]

    assert len(event.payload["given"]) > 20
    assert event.sentence.endswith(f" and {len(event.payload['given']) - 5} more")


def test_other_objects_have_no_rights() -> None:
    assert given_and_taken("sla.policy", {"groups": ([], ["x"]), "is_superuser": (False, True)}) == ([], [])
