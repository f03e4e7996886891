"""Requests for help on the Slack preview: the command, a message's shortcut, and modals as pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Agent
from apps.rfhs.models import RFH, Desk
from tests import make
from tests.dashboard.test_preview import HERE, QUIETLY, channel, posted
from tests.slack.inbound import answers, work_everything
from tests.slack.requests import supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(settings: Any) -> Agent:
    settings.DEMO = True
    settings.SLACK_BOT_TOKEN = ""
    WatchedChannel.objects.create(channel=make.channel(HERE))
    return supporter()


@pytest.fixture
def page(ana: Agent) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def opened(client: Client) -> str:
    """The address of the form that opened."""
    [address] = re.findall(r'href="(/preview/modal/[^"]+)"', channel(client))
    return str(address)


def asked(client: Client, text: str) -> None:
    client.post("/preview/help/", {"channel": HERE, "text": text}, headers=QUIETLY)
    work_everything()


def test_the_command_s_modal_is_a_page_that_says_what_is_wrong_and_loses_nothing(page: Client) -> None:
    asked(page, "How do boards move?")
    address = opened(page)
    form = page.get(address).content.decode()

    fields = {"summary": "Boards & <moving>", "kind": "feature", "priority": "p1", "next": "draft", "ticket": ""}
    refused = page.post(address, fields)
    sent = page.post(address, {**fields, "priority": "p2"}, follow=True).content.decode()

    assert 'value="How do boards move?"' in form
    assert "A feature request is always p2." in refused.content.decode()
    assert "Boards &amp; &lt;moving&gt;" in refused.content.decode()
    assert (RFH.objects.get().summary, RFH.objects.get().asked_by) == ("Boards & <moving>", "Ana")
    assert "You sent" in sent
    assert "data-opened" not in sent
    assert page.get(address, follow=True).redirect_chain


def test_a_message_is_made_an_item(page: Client, ana: Agent) -> None:
    Desk.objects.create(team=make.team("set"), is_set=True)
    ana.user_permissions.add(Permission.objects.get(codename="change_ticket"))
    posted(page, subject="Boards are slow")
    [ts] = re.findall(r'data-thread="([^"]+)"', channel(page))

    page.post("/preview/shortcut/", {"channel": HERE, "ts": ts}, headers=QUIETLY)
    work_everything()
    page.post(opened(page), {"what": "item", "summary": "Slow", "symptoms": ["slow", "stuck"], "level": "L3"})

    rfh = RFH.objects.get()
    assert (rfh.symptoms, rfh.level, rfh.set_item) == (["slow", "stuck"], "L3", True)
    assert f"RFH-{rfh.pk}" in answers()[-1].text


def test_who_may_only_look_types_and_sends_nothing(page: Client) -> None:
    asked(page, "new")
    address = opened(page)
    auditor = Client()
    auditor.force_login(make.agent("Ove"))
    auditor.post("/preview/become/", {"slack_id": "UANA"}, headers=QUIETLY)

    said = [
        auditor.post("/preview/help/", {"channel": HERE, "text": "new"}),
        auditor.post("/preview/shortcut/", {"channel": HERE, "ts": "1.1"}),
        auditor.post(address, {"summary": "x", "kind": "help", "priority": "p2", "next": "draft"}),
    ]

    assert [response.status_code for response in said] == [403, 403, 403]
    assert not RFH.objects.exists()
    assert 'action="/preview/help/"' not in auditor.get("/preview/").content.decode()
