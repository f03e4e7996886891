"""The roles' table and what is shipped reach the database, and leave people's own choices alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission

from apps.people.models import NamedGroup, Plan
from apps.sla.matching import Facts, govern
from apps.sla.models import Policy
from apps.sla.selectors import rules
from apps.sla.wording import governs
from apps.trail.models import StoredEvent
from supportops import roles, shipped
from tests import make

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def names(group: Group) -> set[str]:
    found = group.permissions.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}" for each in found}


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_role_is_a_group_with_exactly_the_tables_permissions(now: datetime, role: str) -> None:
    Group.objects.all().delete()

    roles.sync(now)

    assert names(Group.objects.get(name=role)) == roles.permissions(role)


def test_no_role_may_delete_anything() -> None:
    every = set().union(*(roles.permissions(role) for role in roles.ROLES))

    assert not [name for name in every if ".delete_" in name]


def test_a_permission_that_left_the_table_is_taken_away_and_one_that_is_missing_comes_back(
    now: datetime,
) -> None:
    roles.sync(now)
    group = Group.objects.get(name=roles.AUDITOR)
    stray = Permission.objects.get(codename="delete_policy")
    group.permissions.set([stray])

    roles.sync(now)

    assert names(group) == roles.permissions(roles.AUDITOR)


def test_syncing_twice_records_nothing_new_and_leaves_other_groups_alone(now: datetime) -> None:
    own = Group.objects.create(name="Ours")
    own.permissions.set(Permission.objects.filter(codename="delete_policy"))
    roles.sync(now)
    shipped.sync(now)
    recorded = StoredEvent.objects.count()

    roles.sync(now)
    shipped.sync(now)

    assert StoredEvent.objects.count() == recorded
    assert names(own) == {"sla.delete_policy"}


def test_a_new_portal_has_the_plans_and_the_promises_of_sla_buddy(now: datetime) -> None:
    shipped.sync(now)

    assert list(Plan.objects.values_list("name", flat=True)) == ["Enterprise", "Teams", "Pro", "Free"]
    ladders = {
        policy.name: [tier.after for tier in policy.tiers.all()]
        for policy in Policy.objects.exclude(applies_to__in=["rfh", "incident"]).order_by("position")
    }
    minutes = [10 * MINUTE, 20 * MINUTE, 35 * MINUTE, 50 * MINUTE]
    assert ladders == {
        "Enterprise": minutes,
        "Teams": [60 * MINUTE, 180 * MINUTE, 360 * MINUTE, 720 * MINUTE],
        "Tickets without a plan": minutes,
        "Pages": [0 * MINUTE, 10 * MINUTE, 20 * MINUTE],
    }


def test_a_new_portal_promises_what_a_team_owes_on_a_request_by_its_priority(now: datetime) -> None:
    shipped.sync(now)

    promised = {
        policy.priorities[0]: [str(promise) for promise in policy.promises.all()]
        for policy in Policy.objects.filter(applies_to="rfh")
    }
    assert promised == {
        "p1": ["Acknowledgement within 1 h", "First answer within 4 h", "Update every 1 day"],
        "p2": ["Acknowledgement within 1 day", "First answer within 3 days", "Update every 3 days"],
    }


def test_a_new_portal_promises_what_is_owed_of_an_incident_by_its_level(now: datetime) -> None:
    shipped.sync(now)

    promised = {
        governs(policy): [str(promise) for promise in policy.promises.all()]
        for policy in Policy.objects.filter(applies_to="incident")
    }
    assert promised == {
        "incidents of L1 or L2": ["Acknowledgement within 15 min", "Update every 1 day"],
        "incidents of L3 or L4": ["Acknowledgement within 4 h", "Update every 3 days"],
    }


@pytest.mark.parametrize(
    ("plan", "within"), [("enterprise", 50 * MINUTE), ("teams", 720 * MINUTE), ("", 50 * MINUTE), ("pro", None)]
)
def test_a_plan_gets_its_shipped_promise(now: datetime, plan: str, within: timedelta | None) -> None:
    shipped.sync(now)

    verdict = govern(rules(), Facts(plan=plan, severity="normal", channel="C1", type="question"))

    assert [promise.within for promise in verdict.promises] == ([within] if within else [])


def test_what_a_manager_changed_stays(now: datetime) -> None:
    shipped.sync(now)
    Plan.objects.filter(slug="pro").update(name="Professional")
    Policy.objects.exclude(name="Teams").delete()

    shipped.sync(now)

    assert Plan.objects.get(slug="pro").name == "Professional"
    assert Policy.objects.count() == 1


def test_the_head_of_success_that_is_there_already_is_the_one_that_hears(now: datetime) -> None:
    group = make.named_group("head-of-success", make.agent("Ana"))

    shipped.sync(now)

    assert NamedGroup.objects.get() == group
    assert Policy.objects.get(name="Teams").tiers.get(position=4).group == group
