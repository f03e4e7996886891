"""Incidents on the Slack preview: both commands, and forms that are pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.incidents.models import Incident
from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Agent
from tests import make
from tests.dashboard.test_preview import HERE, QUIETLY, channel, posted
from tests.slack.inbound import work_everything
from tests.slack.incidents import publisher

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(settings: Any) -> Client:
    settings.DEMO = True
    settings.SLACK_BOT_TOKEN = ""
    WatchedChannel.objects.create(channel=make.channel(HERE))
    mara = publisher()
    mara.time_zone = "Asia/Tokyo"
    mara.save()
    client = Client()
    client.force_login(mara)
    return client


def opened(client: Client, **said: str) -> str:
    """The address of the form that a command opened."""
    client.post("/preview/incident/", {"channel": HERE, **said}, headers=QUIETLY)
    work_everything()
    [address] = re.findall(r'href="(/preview/modal/[^"]+)"', channel(client))
    return str(address)


def test_a_message_is_declared_by_its_menu(page: Client) -> None:
    Agent.objects.get().user_permissions.add(Permission.objects.get(codename="change_ticket"))
    posted(page, subject="Boards are slow")
    [ts] = re.findall(r'data-thread="([^"]+)"', channel(page))

    page.post("/preview/shortcut/", {"channel": HERE, "ts": ts, "declare": "1"}, headers=QUIETLY)
    work_everything()
    [form] = re.findall(r'href="(/preview/modal/[^"]+)"', channel(page))

    shown = page.get(form).content.decode()
    assert 'name="title" value="Boards are slow"' in shown
    assert 'name="about" value="4711"' in shown


def test_declared_chosen_and_updated_in_forms_that_are_pages(page: Client) -> None:
    api = make.component("api")
    said = {"severity": "sev-2", "reported_at": "2026-03-01T12:00", "title": "", "publish": "publish"}
    form = opened(page, text="Logins fail")
    shown = page.get(form).content.decode()
    refused = page.post(form, {**said, "components": [f"{api.pk}:m"]}).content.decode()
    page.post(form, {**said, "components": [f"{api.pk}:m"], "title": "Logins fail", "public_text": "We look."})
    made = Incident.objects.get()

    assert 'value="Logins fail"' in shown
    assert "Say in a line what is broken." in refused
    assert f'value="{api.pk}:m" checked' in refused
    assert (made.severity, made.is_public, made.impacts.get().status) == ("sev-2", True, "major_outage")
    assert made.reported_at == datetime(2026, 3, 1, 3, tzinfo=UTC)

    picker = opened(page, update="1")
    choices = re.sub(r">\s+<", "><", page.get(picker).content.decode())
    turned = page.post(picker, {"incident": str(made.pk)}, follow=True).content.decode()
    ended = (datetime.now(UTC) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    page.post(picker, {**said, "title": "Logins fail", "status": "resolved", "closed_at": ended})

    made.refresh_from_db()
    assert f'<optgroup label="Open"><option value="{made.pk}">{made} Logins fail' in choices
    assert (f"Update {made}" in turned, made.status) == (True, "resolved")
    assert made.updates.latest("position").components[0]["new"] == "operational"
