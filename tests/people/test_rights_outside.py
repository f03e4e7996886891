"""A role given by SQL, or by code that goes past the services, is said in words too: a follower reads what was told."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.utils import timezone

from apps.people.models import Agent
from apps.trail import following, reading
from apps.trail.managed import saving
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana")


@pytest.fixture
def role() -> Group:
    made = Group.objects.create(name="Night shift")
    told()
    return made


def told() -> list[StoredEvent]:
    """What the follower has said, once it has read everything."""
    [rights] = [each for each in following.followers() if each.name == "rights"]
    last, until = StoredEvent.objects.latest("position").cursor, time.monotonic() + 30
    # Other databases of the cluster hold back the horizon.
    while (newest := reading.newest(reading.horizon())) is None or newest < last:
        assert time.monotonic() < until
    while following.advance(rights, token="test", now=timezone.now()):
        pass
    return list(StoredEvent.objects.filter(type="RightsChanged").order_by("position"))


def test_a_role_given_and_taken_past_the_services_is_told(ana: Agent, role: Group) -> None:
    ana.groups.add(role)
    ana.groups.remove(role)

    given, taken = told()
    assert given.sentence == "Ana now has the role Night shift"
    assert taken.sentence == "Ana no longer has the role Night shift"
    cause = StoredEvent.objects.get(event_id=given.causation_id)
    assert cause.type == "ChangedOutside"
    assert given.about == [f"agent:{ana.pk}", "rights"]
    assert (given.actor_kind, given.actor_label) == (cause.actor_kind, cause.actor_label)
    assert given.correlation_id == cause.correlation_id


def test_a_superuser_made_by_sql_is_told(ana: Agent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_agent SET is_superuser = true, nickname = 'An' WHERE id = %s", [ana.pk])

    assert [event.sentence for event in told()] == ["Ana now has every right, as a superuser"]


def test_a_superuser_inserted_and_deleted_by_code_is_told() -> None:
    boss = make.agent("Boss", is_superuser=True)
    told()
    boss.delete()

    assert [event.sentence for event in told()] == [
        "Boss now has every right, as a superuser",
        "Boss no longer has every right, as a superuser",
    ]


def test_what_one_transaction_does_to_a_role_is_one_event(ana: Agent, role: Group) -> None:
    ana.groups.add(role)
    told()

    with transaction.atomic():
        role.permissions.set(Permission.objects.filter(codename__in=["view_policy", "change_policy"]))

    event = told()[-1]
    assert sorted(event.payload["given"]) == ["the right to change policy", "the right to view policy"]
    assert (event.payload["kind"], event.payload["holders"]) == ("role", ["Ana"])
    assert event.about == [f"group:{role.pk}", "rights"]


def test_a_right_given_to_a_person_alone_is_told(ana: Agent) -> None:
    ana.user_permissions.add(Permission.objects.get(codename="export_trail"))

    assert [event.sentence for event in told()] == ["Ana now has the right to export the trail"]


def test_what_a_service_told_is_not_told_twice(ana: Agent, role: Group, now: datetime) -> None:
    with saving(ana, now=now):
        ana.groups.add(role)

    assert [event.sentence for event in told()] == ["Ana now has the role Night shift"]


def test_other_changes_are_no_change_of_rights(ana: Agent) -> None:
    Agent.objects.update(nickname="Annie")
    make.plan()

    assert told() == []
