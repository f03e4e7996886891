"""No page of the admin that writes to a managed table without an event of its own, and none that is told of twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.forms import CheckboxInput, MultiWidget
from django.test import Client
from django.urls import reverse
from django_q.models import Schedule

from apps.api.models import ApiKey
from apps.incidents.models import Component, ComponentGroup, Incident, Maintenance, Severity
from apps.integrations.slack.configuring import save_watched_channel
from apps.integrations.slack.models import WatchedChannel
from apps.pages.models import Page
from apps.people.models import Agent, Channel, Contact, Customer, NamedGroup, Plan, Team, UserGroup
from apps.rfhs.models import RFH, Area, Desk, NamedOwner
from apps.rotations.models import Calendar, CalendarEntry, Cycle, Override, Rotation, Shift, SwapRequest
from apps.sla.models import Policy, Tier
from apps.tickets.models import Ticket
from apps.trail.managed import stream_of
from apps.trail.models import AuditType, StoredEvent
from apps.trail.patterns.models import Pattern
from apps.trail.telling.models import ToldType
from tests import make
from tests.trail.rows import row_of
from tests.trail.test_every_write import WATCHED, told

pytestmark = pytest.mark.django_db

# Of each page that has a form, a field somebody types in and what they type.
TYPED: dict[type[models.Model], dict[str, str]] = {
    Agent: {"nickname": "Annie"},
    Plan: {"name": "Enterprise and more"},
    Customer: {"notes": "Calls on Mondays"},
    Team: {"name": "Night watch"},
    NamedGroup: {"name": "Night watch"},
    Channel: {"name": "night-watch"},
    UserGroup: {"name": "Night watch"},
    Group: {"name": "Night watch"},
    Shift: {"ends_at_1": "18:30"},
    Rotation: {"name": "Night watch"},
    Calendar: {"name": "Night watch"},
    Cycle: {"handover_time": "16:00"},
    Policy: {"name": "Night watch"},
    Ticket: {"subject": "The printer burns"},
    RFH: {"summary": "The printer burns"},
    WatchedChannel: {"horizon": "3 h"},
    Area: {"note": "Ask Mara first."},
    NamedOwner: {"name": "The disk is full"},
    Desk: {"stuck_after_days": "5"},
    Maintenance: {"title": "The disks turn"},
    Incident: {"title": "The printer burns"},
    Component: {"name": "Printing"},
    ComponentGroup: {"name": "Printing"},
    Severity: {"meaning": "the printer burns"},
    Pattern: {"advice": "Say that it is mended."},
    ToldType: {},
    AuditType: {},
    Schedule: {"minutes": "7"},
}
# Their pages change nothing by a form: keys are made and revoked, overrides made and ended, pages sent and taken, a
# calendar's entries changed in the calendar.
WITHOUT_FORM = {ApiKey, AuditType, CalendarEntry, Override, Page, SwapRequest, ToldType}
PAGES = [model for model in WATCHED if admin.site.is_registered(model)]
FORMS = [model for model in PAGES if model not in WITHOUT_FORM]


@pytest.fixture
def client(now: datetime) -> Client:
    """A superuser's."""
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))
    told()
    return client


def a_row(model: type[models.Model], now: datetime) -> Any:
    """Something people could have made by the page."""
    made: dict[type[models.Model], Any] = {
        Policy: lambda: make.policy(plans=(make.plan(),)),
        Shift: lambda: make.shift(make.agent(), start=now + timedelta(days=1)),
        Rotation: lambda: make.rotation(make.layer(make.agent()), now=now),
        Calendar: lambda: Calendar.objects.create(name="Support", team=make.team(), feed_address="a@example.com"),
        Cycle: lambda: make.cycle(make.agent(), start=datetime(2090, 3, 20, 9), now=now),
        Ticket: lambda: make.ticket(customer=make.customer()),
        RFH: lambda: make.rfh(now),
        Incident: lambda: make.incident(now=now),
        Component: make.component,
        ComponentGroup: lambda: ComponentGroup.objects.create(name="Web", created_at=now, updated_at=now),
        Severity: lambda: Severity.objects.get(severity="sev-3"),
        Area: lambda: Area.objects.create(slug="search", name="Search", team=make.team("search"), keywords=["search"]),
        NamedOwner: lambda: NamedOwner.objects.create(kind="alert", name="disk full", team=make.team("search")),
        Customer: make.customer,
        Plan: make.plan,
        Channel: make.channel,
        Team: lambda: Team.objects.create(slug="support", name="Support"),
        NamedGroup: make.named_group,
        UserGroup: lambda: UserGroup.objects.create(slack_id="S1", handle="help", name="Help", member_ids=["U1"]),
        Agent: make.agent,
        WatchedChannel: lambda: save_watched_channel(None, slack_id="C100", name="help", now=now),
        Pattern: lambda: Pattern.objects.create(name="Twice", advice="Look.", required=["TicketOpened"]),
        Schedule: lambda: Schedule.objects.create(
            name="mine", func="apps.trail.jobs.follow", schedule_type="I", minutes=5, next_run=now
        ),
    }
    row = made.get(model, lambda: row_of(model))()
    told()
    return row


def address(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def filled(forms: Iterable[Any]) -> dict[str, Any]:
    """What a browser posts of the forms as they came."""
    data: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value, widget = field.value(), field.field.widget
            parts = [(field.html_name, widget, value)]
            if isinstance(widget, MultiWidget):
                values = widget.decompress(value) if not isinstance(value, list) else value
                parts = [
                    (f"{field.html_name}_{n}", box, part)
                    for n, (box, part) in enumerate(zip(widget.widgets, values or [None, None], strict=False))
                ]
            for name, wrapped, part in parts:
                box = getattr(wrapped, "widget", wrapped)
                if isinstance(box, CheckboxInput):
                    data |= {name: "on"} if part else {}
                elif getattr(box, "allow_multiple_selected", False) or isinstance(part, list):
                    data[name] = [getattr(one, "pk", one) for one in part or ()]
                else:
                    shown = box.format_value(part)
                    # A chosen one comes as a list of one.
                    shown = shown[0] if isinstance(shown, list) and shown else shown
                    data[name] = "" if shown is None else shown
    return data


def opened(client: Client, page: str) -> dict[str, Any]:
    """The page's form as it comes, its rows among it."""
    context = client.get(page).context
    sets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form]
    for formset in sets:
        forms += [formset.management_form, *formset.forms]
    seen = {"_seen": context["seen"]} if context.get("seen") else {}
    return {**filled(forms), **seen}


def since(position: int) -> list[str]:
    return list(StoredEvent.objects.filter(position__gt=position).order_by("position").values_list("type", flat=True))


def last() -> int:
    return StoredEvent.objects.order_by("-position").values_list("position", flat=True).first() or 0


def on(row: Any, after: int) -> int:
    """How many events its stream has got."""
    return StoredEvent.objects.filter(links__stream=stream_of(row), position__gt=after).count()


def test_every_page_is_walked() -> None:
    unknown = [model._meta.label for model in FORMS if model not in TYPED]

    assert not unknown, f"Say in TYPED what somebody types on the page of {', '.join(unknown)}."


@pytest.mark.parametrize("model", FORMS, ids=lambda model: model._meta.label)
def test_a_form_tells_once(client: Client, now: datetime, model: type[models.Model]) -> None:
    row = a_row(model, now)
    page = address(model, "change", row.pk)
    after = last()

    answer = client.post(page, opened(client, page) | TYPED[model])

    assert answer.status_code == 302, answer.context["errors"]
    assert on(row, after) == 1
    assert told() == []


@pytest.mark.parametrize("model", FORMS, ids=lambda model: model._meta.label)
def test_a_form_that_says_what_was_there_tells_nothing(
    client: Client, now: datetime, model: type[models.Model]
) -> None:
    row = a_row(model, now)
    page = address(model, "change", row.pk)
    # What a form fills in by itself is a change the first time.
    client.post(page, opened(client, page))
    told()
    after = last()

    assert client.post(page, opened(client, page)).status_code == 302

    assert since(after) == []
    assert told() == []


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("many", [False, True], ids=["page", "bulk action"])
def test_a_deletion_tells_once(client: Client, now: datetime, model: type[models.Model], many: bool) -> None:
    row = a_row(model, now)
    key, stream, after = row.pk, stream_of(row), last()

    if many:
        client.post(
            address(model, "changelist"),
            {"action": "delete_selected", ACTION_CHECKBOX_NAME: [key], "post": "yes", "index": "0"},
        )
    else:
        client.post(address(model, "delete", key), {"post": "yes"})

    if model._base_manager.filter(pk=key).exists():
        # Not everything can be deleted there.
        assert since(after) == []
    else:
        assert StoredEvent.objects.filter(links__stream=stream, type="ObjectDeleted", position__gt=after).count() == 1
    assert told() == []


def test_rows_in_a_customers_form_are_told_with_the_customer(client: Client, now: datetime) -> None:
    customer = make.customer()
    Contact.objects.create(customer=customer, name="Sam")
    gone = Contact.objects.create(customer=customer, name="Tim")
    told()
    page, after = address(Customer, "change", customer.pk), last()

    data = opened(client, page) | {"contacts-0-role": "Boss", "contacts-1-DELETE": "on"}
    client.post(
        page, data | {"contacts-TOTAL_FORMS": "3", "contacts-2-name": "Uma", "contacts-2-customer": customer.pk}
    )

    assert not Contact.objects.filter(pk=gone.pk).exists()
    assert set(customer.contacts.values_list("name", "role")) == {("Sam", "Boss"), ("Uma", "")}
    assert since(after) == ["ObjectChanged"]
    assert told() == []


def test_rows_in_a_policys_form_are_told_with_the_policy(client: Client, now: datetime) -> None:
    policy = a_row(Policy, now)
    page, after = address(Policy, "change", policy.pk), last()

    client.post(page, opened(client, page) | {"tiers-0-message": "Hurry", "tiers-3-DELETE": "on"})

    assert Tier.objects.count() == 3
    assert on(policy, after) == 1
    assert told() == []


def test_the_order_of_a_list_is_told_row_by_row(client: Client, now: datetime) -> None:
    first, second = make.plan("first"), make.plan("second")
    told()
    page, after = address(Plan, "changelist"), last()
    formset = client.get(page).context["cl"].formset
    data = filled([formset.management_form, *formset.forms])

    client.post(page, data | {"form-0-position": "5", "form-1-position": "3", "_save": "Save"})

    assert {first.refresh_from_db() or first.position, second.refresh_from_db() or second.position} == {5, 3}
    assert since(after) == ["ObjectChanged", "ObjectChanged"]
    assert told() == []


def test_a_role_and_its_rights_are_told_with_whoever_has_them(client: Client, now: datetime) -> None:
    ana, role = make.agent(), Group.objects.create(name="Night watch")
    told()
    after = last()

    page = address(Agent, "change", ana.pk)
    client.post(page, opened(client, page) | {"groups": [role.pk]})
    page = address(Group, "change", role.pk)
    client.post(page, opened(client, page) | {"permissions": [Permission.objects.first().pk]})

    assert list(ana.groups.all()) == [role]
    assert role.permissions.count() == 1
    assert "ObjectChanged" in since(after)
    assert told() == []


def test_a_new_password_is_told_once(client: Client, now: datetime) -> None:
    ana = make.agent()
    told()
    after = last()

    page = reverse("admin:auth_user_password_change", args=[ana.pk])
    client.post(page, {"usable_password": "true", "password1": "correct horse 4711", "password2": "correct horse 4711"})

    ana.refresh_from_db()
    assert ana.check_password("correct horse 4711")
    assert since(after) == ["PasswordSet"]
    assert told() == []


@pytest.mark.parametrize("action", ["reply_to_all", "snooze_all", "solve_all", "close_all"])
def test_a_bulk_action_on_tickets_tells_all_there_is(client: Client, now: datetime, action: str) -> None:
    make.policy()
    tickets = [make.ticket("1"), make.ticket("2")]
    told()
    after = last()

    client.post(
        address(Ticket, "changelist"),
        {"action": action, ACTION_CHECKBOX_NAME: [ticket.pk for ticket in tickets], "confirmed": "1", "index": "0"},
    )

    assert all(on(ticket, after) for ticket in tickets)
    assert told() == []


@pytest.mark.parametrize("action", ["hide", "show"])
def test_a_bulk_action_on_audited_types_tells_once(client: Client, now: datetime, action: str) -> None:
    row = AuditType.objects.create(type="TicketOpened", chosen_at=now, shown=action == "hide")
    told()
    after = last()

    client.post(
        address(AuditType, "changelist"),
        {"action": action, ACTION_CHECKBOX_NAME: [row.pk], "post": "yes", "confirmed": "1", "index": "0"},
    )

    row.refresh_from_db()
    assert row.shown is (action == "show")
    assert on(row, after) == 1
    assert told() == []


def test_a_password_that_is_hashed_anew_at_a_sign_in_is_told_once(now: datetime) -> None:
    ana = make.agent(password="correct horse 4711")
    # As an older release of Django had it.
    hasher = PBKDF2PasswordHasher()
    older = hasher.encode("correct horse 4711", hasher.salt(), iterations=1_000)
    Agent.objects.filter(pk=ana.pk).update(password=older)
    told()
    after = last()

    Client().post(reverse("admin:login"), {"username": ana.email, "password": "correct horse 4711"})

    assert since(after)[0] == "PasswordRehashed"
    assert told() == []
