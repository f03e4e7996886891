"""People and customers in the admin: every change on the trail, rights a superuser's alone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import ProtectedError
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Agent, Contact, Customer, NamedGroup, Plan, Team
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db

NO_CONTACTS = {
    "contacts-TOTAL_FORMS": "0",
    "contacts-INITIAL_FORMS": "0",
    "contacts-MIN_NUM_FORMS": "0",
    "contacts-MAX_NUM_FORMS": "1000",
}


@pytest.fixture
def manager(now: datetime) -> Client:
    roles.sync(now)
    who = make.agent("Manager")
    who.groups.set([Group.objects.get(name=roles.MANAGER)])
    client = Client()
    client.force_login(who)
    return client


def events(model: str) -> list[StoredEvent]:
    found = StoredEvent.objects.filter(type__startswith="Object").order_by("position")
    return [event for event in found if event.payload["model"] == model]


def new_agent(**fields: Any) -> dict[str, Any]:
    return {
        "email": "Carla@Example.com",
        "first_name": "Carla",
        "last_name": "",
        "nickname": "",
        "slack_id": "UCARLA",
        "time_zone": "Europe/Paris",
        "usable_password": "false",
        "password1": "",
        "password2": "",
        **fields,
    }


def known_agent(agent: Agent, **fields: Any) -> dict[str, Any]:
    return {
        "email": agent.email,
        "first_name": agent.first_name,
        "last_name": "",
        "nickname": "",
        "slack_id": agent.slack_id or "",
        "time_zone": "",
        "is_active": "on",
        "is_staff": "on",
        **fields,
    }


def change(obj: Any) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def test_a_manager_adds_an_agent_without_a_password(manager: Client) -> None:
    response = manager.post("/admin/people/agent/add/", new_agent())

    assert response.status_code == 302, response.context["adminform"].form.errors
    agent = Agent.objects.get(first_name="Carla")
    assert agent.email == "carla@example.com"
    assert not agent.has_usable_password()


def test_a_manager_may_give_a_new_agent_a_first_password(manager: Client) -> None:
    secret = "a-long-enough-phrase"

    manager.post("/admin/people/agent/add/", new_agent(usable_password="true", password1=secret, password2=secret))

    assert Agent.objects.get(first_name="Carla").check_password(secret)
    [event] = events("people.agent")
    assert secret not in str(event.payload)
    assert event.payload["after"]["password"] == "•••"


def test_a_changed_agent_is_one_event_with_before_and_after(manager: Client) -> None:
    ana = make.agent("Ana")

    response = manager.post(change(ana), known_agent(ana, nickname="Annie"))

    assert response.status_code == 302, response.context["adminform"].form.errors
    [event] = events("people.agent")
    assert event.payload["changes"] == {"nickname": ["", "Annie"]}


def test_a_time_zone_that_does_not_exist_is_refused(manager: Client) -> None:
    ana = make.agent("Ana")

    response = manager.post(change(ana), known_agent(ana, time_zone="Europe/Atlantis"))

    assert list(response.context["adminform"].form.errors) == ["time_zone"]


def test_a_manager_cannot_post_rights_that_the_page_does_not_show(manager: Client) -> None:
    ana = make.agent("Ana")
    group = Group.objects.get(name=roles.MANAGER)

    manager.post(change(ana), known_agent(ana, is_superuser="on", groups=[group.pk]))

    ana.refresh_from_db()
    assert not ana.is_superuser
    assert not ana.groups.exists()


def test_a_manager_cannot_post_rights_of_a_new_agent(manager: Client) -> None:
    manager.post("/admin/people/agent/add/", new_agent(is_superuser="on"))

    assert not Agent.objects.get(first_name="Carla").is_superuser


@pytest.mark.parametrize("page", ["change", "password"])
def test_a_manager_cannot_take_over_a_superuser(manager: Client, page: str) -> None:
    root = make.agent("Root", is_superuser=True)
    address = change(root) if page == "change" else change(root).replace("/change/", "/password/")

    response = manager.post(address, known_agent(root, email="mine@example.com"))

    assert response.status_code == 403
    root.refresh_from_db()
    assert root.email == "root@example.com"


@pytest.mark.parametrize("works_here", [True, False])
def test_a_manager_cannot_take_over_somebody_with_rights_beyond_a_managers(manager: Client, works_here: bool) -> None:
    keeper = make.agent("Keeper", is_active=works_here)
    machine_room = Group.objects.create(name="Machine room")
    machine_room.permissions.add(Permission.objects.get(codename="change_schedule"))
    keeper.groups.add(machine_room)

    answers = [
        manager.post(change(keeper), known_agent(keeper, email="mine@example.com")),
        manager.post(change(keeper).replace("/change/", "/password/"), {}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_manager_changes_agents_of_every_role(manager: Client, role: str) -> None:
    ana = make.agent("Ana")
    ana.groups.add(Group.objects.get(name=role))

    assert manager.post(change(ana), known_agent(ana, nickname="Annie")).status_code == 302


def test_a_password_that_somebody_sets_is_on_the_trail_without_its_value(manager: Client) -> None:
    ana, secret = make.agent("Ana"), "a-long-enough-phrase"
    form = {"usable_password": "true", "password1": secret, "password2": secret, "set-password": "1"}

    response = manager.post(change(ana).replace("/change/", "/password/"), form)

    assert response.status_code == 302, response.context["form"].errors
    ana.refresh_from_db()
    assert ana.check_password(secret)
    event = StoredEvent.objects.get(type="PasswordSet")
    assert event.payload == {"agent": ana.pk, "name": "Ana", "usable": True}
    assert (event.actor_label, event.about) == ("Manager", [f"agent:{ana.pk}"])


def test_a_password_that_is_taken_away_is_on_the_trail(manager: Client) -> None:
    ana = make.agent("Ana", password="a-long-enough-phrase")

    manager.post(change(ana).replace("/change/", "/password/"), {"usable_password": "false", "unset-password": "1"})

    assert StoredEvent.objects.get(type="PasswordSet").sentence == ("Agent “Ana” can no longer sign in with a password")


def test_ones_own_new_password_is_on_the_trail_and_one_stays_signed_in() -> None:
    old, new = "a-long-enough-phrase", "another-long-phrase"
    client = Client()
    client.force_login(make.agent("Ana", password=old))

    client.post("/admin/password_change/", {"old_password": old, "new_password1": new, "new_password2": new})

    assert StoredEvent.objects.get(type="PasswordSet").sentence == "Agent “Ana” was given a new password"
    assert client.get("/admin/").status_code == 200


def test_a_deletion_that_fails_is_not_on_the_trail() -> None:
    plan = make.customer().plan
    page = admin.site.get_model_admin(Plan)

    with pytest.raises(ProtectedError):
        page.delete_queryset(HttpRequest(), Plan.objects.filter(pk=plan.pk))

    assert events("people.plan") == []


def test_a_superuser_gives_roles_and_it_is_on_the_trail(now: datetime) -> None:
    roles.sync(now)
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))
    ana = make.agent("Ana")

    client.post(change(ana), known_agent(ana, groups=[Group.objects.get(name=roles.LEAD).pk]))

    [event] = events("people.agent")
    assert event.payload["changes"] == {"groups": [[], ["SET lead"]]}


def test_a_customers_domains_are_typed_with_commas(manager: Client) -> None:
    form = {
        "name": "Acme",
        "slug": "acme",
        "plan": make.plan().pk,
        "stage": "customer",
        "email_domains": "ACME.com, @acme.io, acme.com",
        **NO_CONTACTS,
    }

    manager.post("/admin/people/customer/add/", form)

    assert Customer.objects.get().email_domains == ["acme.com", "acme.io"]


def test_what_is_no_domain_is_refused_beside_the_field(manager: Client) -> None:
    form = {"name": "Acme", "slug": "acme", "stage": "customer", "email_domains": "acme", **NO_CONTACTS}

    response = manager.post("/admin/people/customer/add/", form)

    assert response.context["adminform"].form.errors == {
        "email_domains": ["“acme” is no domain. Type it like acme.com."]
    }


def test_a_contact_is_part_of_the_customers_change(manager: Client) -> None:
    acme = make.customer()
    form = {
        "name": acme.name,
        "slug": acme.slug,
        "plan": acme.plan_id,
        "stage": "customer",
        **NO_CONTACTS,
        "contacts-TOTAL_FORMS": "1",
        "contacts-0-customer": acme.pk,
        "contacts-0-name": "Dora",
        "contacts-0-email": "dora@acme.com",
    }

    manager.post(change(acme), form)

    [event] = events("people.customer")
    assert list(event.payload["changes"]) == ["contacts"]
    assert event.about == ["customer:acme"]


@pytest.mark.parametrize("words", ["Acme", "acme-corp", "acme.io"])
def test_a_customer_is_found_by_name_short_name_and_domain(manager: Client, words: str) -> None:
    make.customer("acme-corp", name="Acme Corporation", email_domains=["acme.io"])
    make.customer("other", name="Other")

    results = manager.get("/admin/people/customer/", {"q": words}).context["cl"].result_list

    assert [customer.slug for customer in results] == ["acme-corp"]


def test_a_members_change_of_a_named_group_is_on_the_trail(manager: Client) -> None:
    group = make.named_group("heads")
    ana = make.agent("Ana")

    manager.post(change(group), {"name": "heads", "slug": "heads", "members": [ana.pk]})

    [event] = events("people.namedgroup")
    assert event.payload["changes"] == {"members": [[], ["Ana"]]}
    assert event.sentence == "Named group “heads” was changed: members"


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("/admin/people/agent/", lambda name: make.agent(name)),
        ("/admin/people/customer/", lambda name: make.customer(name, account_manager=make.agent(name))),
        ("/admin/people/team/", lambda name: team(name)),
        ("/admin/people/namedgroup/", lambda name: make.named_group(name, make.agent(name))),
        ("/admin/people/channel/", lambda name: make.channel(f"C{name.upper()}", name)),
        ("/admin/people/plan/", lambda name: make.plan(name)),
    ],
)
def test_a_list_costs_the_same_queries_however_long(manager: Client, address: str, more: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(address).status_code == 200
        return len(captured)

    for number in range(2):
        more(f"first{number}")
    few = queries()
    for number in range(8):
        more(f"later{number}")

    assert queries() == few


def team(name: str) -> Team:
    made = Team.objects.create(slug=name, name=name, channel=make.channel(f"C{name.upper()}", name))
    made.members.set([make.agent(name)])
    return made


def names(html: str, field: str) -> list[str]:
    """What the field's boxes are called where no label says it."""
    boxes = re.findall(rf'<(?:input|select|textarea)[^>]*name="{field}"[^>]*>', html)
    return [name for box in boxes for name in re.findall(r'aria-label="([^"]*)"', box)]


def test_a_field_in_a_table_has_a_name_of_its_own(manager: Client) -> None:
    acme = make.customer()
    Contact.objects.create(customer=acme, name="Dora")

    plans = manager.get("/admin/people/plan/").content.decode()
    customer = manager.get(change(acme)).content.decode()

    assert names(plans, "form-0-position") == ["Position"]
    assert names(customer, "contacts-0-email") == ["Email"]


def test_the_two_boxes_of_an_instant_are_named(manager: Client) -> None:
    page = manager.get("/admin/rotations/shift/add/").content.decode()

    assert names(page, "starts_at_0") == ["Start, date"]
    assert names(page, "ends_at_1") == ["End, time"]


def test_the_list_of_named_groups_says_when_nobody_would_hear(manager: Client) -> None:
    NamedGroup.objects.create(slug="hollow", name="Hollow")

    shown = manager.get("/admin/people/namedgroup/").content.decode()

    assert "Nobody: whoever is above in a policy hears instead" in shown


def test_a_slack_id_that_is_none_is_refused_beside_the_field(manager: Client) -> None:
    response = manager.post("/admin/people/agent/add/", new_agent(slack_id="bad id"))

    assert "such as U024BE7LH" in response.context["adminform"].form.errors["slack_id"][0]
    assert not Agent.objects.filter(first_name="Carla").exists()


def test_a_watched_channel_says_so_in_the_list(manager: Client) -> None:
    WatchedChannel.objects.create(channel=make.channel())

    [row] = manager.get("/admin/people/channel/").context["results"]

    assert any(">watched<" in cell for cell in row)


def test_a_named_group_that_a_policy_tells_is_not_emptied(manager: Client) -> None:
    group = make.named_group("heads", make.agent("Ana"))
    make.policy("Gold", minutes=(10,), audiences=({"audience_kind": "group", "group": group},))

    response = manager.post(change(group), {"slug": "heads", "name": "Heads"})

    [sentence] = response.context["adminform"].form.errors["members"]
    assert sentence.startswith("The policy Gold would tell nobody")
    assert group.members.count() == 1


def test_a_domain_of_another_customer_is_refused_beside_the_field(manager: Client) -> None:
    make.customer("globex", email_domains=["globex.com"])
    form = {"name": "Acme", "slug": "acme", "stage": "customer", "email_domains": "globex.com", **NO_CONTACTS}

    response = manager.post("/admin/people/customer/add/", form)

    [sentence] = response.context["adminform"].form.errors["email_domains"]
    assert sentence.startswith("globex.com is the domain of Globex already.")


def test_a_channel_that_is_no_id_is_refused_beside_the_field(manager: Client) -> None:
    response = manager.post("/admin/people/channel/add/", {"slack_id": "bad channel 2", "name": "support"})

    [sentence] = response.context["adminform"].form.errors["slack_id"]
    assert "such as C024BE91L" in sentence
