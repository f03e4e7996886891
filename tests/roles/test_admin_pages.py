"""The roles' table, walked over every page of the admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import uuid_utils.compat as uuids
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from apps.api.models import ApiKey
from apps.incidents.models import ComponentGroup, Maintenance, Severity
from apps.integrations.slack.models import SlackEvent, SlackMessage, WatchedChannel
from apps.notices.models import Notice
from apps.people.models import Plan, UserGroup
from apps.rfhs.models import Area, Desk, NamedOwner
from apps.rotations.models import Calendar, CalendarEntry, Override, SwapRequest
from apps.rotations.services import add_override
from apps.statuspage.models import Mail, Subscriber
from apps.trail.managed import saving
from apps.trail.models import AuditType, Follower, Pattern, Seal, StoredEvent, ToldType
from supportops import roles
from tests import make
from tests.trail.rows import row_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.roles.plain_urls")]


def recorded(now: datetime) -> StoredEvent:
    """An entry that is not a ticket's: those every role may read, in the ticket's story."""
    plan = Plan(slug="recorded", name="Recorded")
    with saving(plan, now=now):
        plan.save()
    return StoredEvent.objects.latest("position")


def an_override(now: datetime) -> Override:
    """Of somebody for a day."""
    rotation = make.rotation(slug="overridden", team_of=make.team("overridden"), now=now)
    away = make.agent("Away")
    return add_override(rotation, remove=away, ends_at=now + timedelta(days=1), reason="On leave", now=now)


def a_calendar(name: str = "Walked") -> Calendar:
    """Of shifts, not read yet."""
    return Calendar.objects.create(
        name=name, team=make.team("calendars"), source="icalendar", feed_address="https://example.com/a.ics"
    )


# Of each model one row, so that its page can be opened.
ROWS: dict[str, Callable[[datetime], Model]] = {
    "api.apikey": lambda now: ApiKey.objects.create(
        name="Key", prefix="so_1", hashed_key="x", scopes=["read"], created_at=now
    ),
    "auth.group": lambda now: Group.objects.create(name="Ours"),
    "django_q.failure": lambda now: Failure.objects.create(
        id="f" * 32, name="f", func="f", started=now, stopped=now, success=False
    ),
    "django_q.ormq": lambda now: OrmQ.objects.create(key="k", payload="", lock=now),
    "django_q.schedule": lambda now: Schedule.objects.create(name="s", func="f"),
    "django_q.success": lambda now: Success.objects.create(
        id="s" * 32, name="s", func="f", started=now, stopped=now, success=True
    ),
    "incidents.component": lambda now: make.component(),
    "incidents.componentgroup": lambda now: ComponentGroup.objects.create(name="Web", created_at=now, updated_at=now),
    "incidents.incident": lambda now: make.incident(now=now),
    "incidents.severity": lambda now: Severity.objects.get(severity="sev-1"),
    "notices.notice": lambda now: Notice.objects.create(
        event_id=uuids.uuid7(),
        recipient="C100/1.1",
        about="ticket:4711",
        summary="Tier 1",
        channel="C100",
        text="Tier 1",
        correlation_id=uuids.uuid7(),
        created_at=now,
        ready_at=now,
    ),
    "incidents.maintenance": lambda now: row_of(Maintenance),
    "pages.page": lambda now: make.page(to=make.team("paged")),
    "people.agent": lambda now: make.agent("Somebody"),
    "people.channel": lambda now: make.channel(),
    "people.customer": lambda now: make.customer(),
    "people.namedgroup": lambda now: make.named_group(),
    "people.plan": lambda now: make.plan(),
    "people.team": lambda now: apps.get_model("people.Team").objects.create(slug="set", name="SET"),
    "people.usergroup": lambda now: UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support"),
    "rfhs.rfh": lambda now: make.rfh(now),
    "rfhs.area": lambda now: Area.objects.create(
        slug="walked", name="Walked", team=make.team("walked"), keywords=["walk"]
    ),
    "rfhs.desk": lambda now: Desk.objects.create(team=make.team("walked")),
    "rfhs.namedowner": lambda now: NamedOwner.objects.create(kind="alert", name="walked", team=make.team("walked")),
    "statuspage.subscriber": lambda now: Subscriber.objects.create(
        email="rita@example.org", kind="email", asked_at=now
    ),
    "statuspage.mail": lambda now: Mail.objects.create(to="rita@example.org", title="Hello", text="Hello", at=now),
    "rotations.rotation": lambda now: make.rotation(slug="walked", team_of=make.team("walked"), now=now),
    "rotations.override": an_override,
    "rotations.swaprequest": lambda now: row_of(SwapRequest),
    "rotations.calendar": lambda now: a_calendar(),
    "rotations.calendarentry": lambda now: CalendarEntry.objects.create(
        calendar=a_calendar("Entered"), uid="a", starts_at=now, ends_at=now + timedelta(hours=8), summary="On support"
    ),
    "rotations.cycle": lambda now: make.cycle(make.agent("Cyclist"), now=now),
    "rotations.shift": lambda now: make.shift(make.agent("Shifted")),
    "sla.policy": lambda now: make.policy(),
    "slack.slackevent": lambda now: SlackEvent.objects.create(
        event_id="Ev1", kind="message", payload={}, received_at=now, correlation_id=uuids.uuid7()
    ),
    "slack.slackmessage": lambda now: SlackMessage.objects.create(
        channel="C100", ts="1.1", payload={}, outcome="unparsed", seen_at=now
    ),
    "slack.watchedchannel": lambda now: WatchedChannel.objects.create(channel=make.channel()),
    "tickets.ticket": lambda now: make.ticket(),
    "trail.audittype": lambda now: AuditType.objects.create(type="TicketOpened", chosen_at=now),
    "trail.pattern": lambda now: Pattern.objects.create(name="Twice", required=["TicketOpened"] * 2, advice="Look."),
    "trail.seal": lambda now: Seal.objects.create(
        number=1,
        form=1,
        first_epoch=1,
        first_transaction=1,
        first_position=1,
        epoch=1,
        transaction=1,
        position=2,
        count=2,
        root=bytes(32),
        previous=bytes(32),
        hash=bytes(32),
        made_at=now,
    ),
    "trail.follower": lambda now: Follower.objects.create(name="reader"),
    "trail.storedevent": lambda now: recorded(now),
    "trail.toldtype": lambda now: ToldType.objects.create(type="TicketOpened"),
}

REGISTERED = sorted(model._meta.label_lower for model in admin.site._registry)
PAGES = [model for model in REGISTERED if model in ROWS]
# A lead's right to change these ends at the own teams, so the pages have tests of their own.
BY_OBJECT = {
    ("SET lead", "rotations.rotation"),
    ("SET lead", "rotations.shift"),
    ("SET lead", "rotations.calendar"),
    ("SET lead", "rotations.cycle"),
    ("SET lead", "rfhs.rfh"),
    ("Engineer", "rfhs.rfh"),
}
# These pages take no form from anybody: the trail's is elsewhere, notices and pages are acted upon by buttons, an
# override ended, and a calendar's entry changed in the calendar.
NO_FORM = {
    "rotations.override",
    "rotations.calendarentry",
    "trail.storedevent",
    "trail.follower",
    "notices.notice",
    "pages.page",
}


def signed_in(role: str, now: datetime) -> Client:
    roles.sync(now)
    who = make.agent("Viewer")
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


def address(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=args)


@pytest.mark.parametrize("model", REGISTERED)
def test_every_registered_model_is_in_the_table_and_walked(model: str) -> None:
    assert model in roles.TABLE or model in roles.SUPERUSER_ALONE
    assert model in ROWS


def test_the_table_knows_only_models_that_exist() -> None:
    known = {model._meta.label_lower for model in apps.get_models()}

    assert {*roles.TABLE, *roles.SUPERUSER_ALONE} <= known


def everything(now: datetime) -> dict[str, Model]:
    """A row of every registered model."""
    return {model: ROWS[model](now) for model in PAGES}


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_sees_exactly_what_the_table_says(now: datetime, role: str) -> None:
    client = signed_in(role, now)

    # The trail and its entries show on pages of their own, hence `follow`.
    seen = {
        model: [
            client.get(address(model, "changelist"), follow=True).status_code,
            client.get(address(model, "change", row.pk), follow=True).status_code,
        ]
        for model, row in everything(now).items()
    }

    assert seen == {model: [200, 200] if roles.may(role, "view", model) else [403, 403] for model in PAGES}


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_adds_exactly_what_the_table_says(now: datetime, role: str) -> None:
    client = signed_in(role, now)

    added = {model: client.get(address(model, "add"), follow=True).status_code for model in PAGES}

    assert added == {model: 200 if roles.may(role, "add", model) else 403 for model in PAGES}


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_changes_exactly_what_the_table_says(now: datetime, role: str) -> None:
    client = signed_in(role, now)
    rows = everything(now)

    # An empty form is refused by its fields, not at the door.
    changed = {
        model: client.post(address(model, "change", row.pk), {}).status_code != 403
        for model, row in rows.items()
        if (role, model) not in BY_OBJECT and model not in NO_FORM
    }

    assert changed == {model: roles.may(role, "change", model) for model in changed}


@pytest.mark.parametrize("role", roles.ROLES)
def test_no_role_deletes(now: datetime, role: str) -> None:
    client = signed_in(role, now)
    rows = everything(now)

    answers = {
        model: [
            client.get(address(model, "delete", row.pk)).status_code,
            client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code,
        ]
        for model, row in rows.items()
    }

    assert answers == {model: [403, 403] for model in PAGES}


def test_a_superuser_opens_every_page(now: datetime) -> None:
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))

    opened = {
        model: [
            client.get(address(model, "changelist"), follow=True).status_code,
            client.get(address(model, "change", row.pk), follow=True).status_code,
        ]
        for model, row in everything(now).items()
    }

    assert opened == {model: [200, 200] for model in PAGES}


def test_a_visitor_is_asked_to_sign_in() -> None:
    client = Client()

    sent_to = {model: client.get(address(model, "changelist")).headers.get("Location", "") for model in PAGES}

    assert all("/login/" in location for location in sent_to.values()), sent_to


def test_who_has_no_role_opens_no_page_at_all(now: datetime) -> None:
    """Every address a model's admin adds is walked, beyond the usual ones too."""
    client = Client()
    client.force_login(make.agent("Newcomer"))
    opened = []

    for model, row in everything(now).items():
        for pattern in admin.site._registry[type(row)].get_urls():
            for args in ((), (row.pk,)):
                try:
                    page = reverse(f"admin:{getattr(pattern, 'name', None)}", args=args)
                except NoReverseMatch:
                    continue
                if client.get(page, follow=True).status_code == 200:
                    opened.append((model, page))

    assert opened == []
