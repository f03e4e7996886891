"""The outbox as people see it."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.notices.models import Notice
from apps.trail.models import StoredEvent
from tests import make
from tests.notices.reached import owe, reached, record

pytestmark = pytest.mark.django_db
LIST = "admin:notices_notice_changelist"


def signed_in(*rights: str) -> Client:
    agent = make.agent("Mia")
    agent.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def manager() -> Client:
    return signed_in("view_notice", "change_notice")


@pytest.fixture
def reader() -> Client:
    return signed_in("view_notice")


def page(notice: Notice) -> str:
    return reverse("admin:notices_notice_change", args=[notice.pk])


def send_again(client: Client, *notices: Notice, confirmed: bool = True) -> Any:
    data = {"action": "send_all_again", "_selected_action": [notice.pk for notice in notices]}
    return client.post(reverse(LIST), {**data, **({"confirmed": "1"} if confirmed else {})}, follow=True)


def test_the_list_says_what_is_wrong_in_words(now: datetime, reader: Client) -> None:
    notice = owe(now=now)
    Notice.objects.filter(pk=notice.pk).update(state="failed", error="The bot is not in the channel.")

    shown = reader.get(reverse(LIST)).content.decode()

    assert "Failed" in shown
    assert "The bot is not in the channel." in shown
    assert f"/trail/{StoredEvent.objects.get(type='EscalationReached').position}/" in shown


def test_without_a_token_the_list_says_so_once_and_each_row_is_not_configured(now: datetime, reader: Client) -> None:
    owe("1", now=now)
    owe("2", now=now)

    shown = reader.get(reverse(LIST)).content.decode()

    assert shown.count("Slack is not configured") == 1
    assert shown.count("Not configured") == 2


def test_the_list_names_who_is_told(now: datetime, reader: Client) -> None:
    dana = make.agent("Dana", last_name="Kovács")
    make.channel("C200", "leads")
    owe("1", now=now, channel="C200")
    Notice.objects.create(
        event_id=uuid.uuid4(),
        recipient=f"{dana.slack_id}/summary",
        about="ticket:2",
        summary="3 messages at once",
        channel=dana.slack_id,
        text="x",
        correlation_id=uuid.uuid4(),
        created_at=now,
        ready_at=now,
    )
    owe("3", now=now, channel="C999")
    Notice.objects.filter(about="ticket:3").update(kind="private", user=dana.slack_id)

    shown = reader.get(reverse(LIST)).content.decode()

    told = [" ".join(cell.split()) for cell in re.findall(r"<td[^>]*field-to[^>]*>([^<]*)</td>", shown)]
    assert told == ["Dana Kovács alone, in C999, ticket 3", "Dana Kovács", "#leads, ticket 1"]


def test_the_list_costs_no_query_a_row(now: datetime, reader: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(reverse(LIST)).status_code == 200
        return len(queries)

    owe("1", now=now)
    cost()
    one = cost()
    record(*(reached(f"more-{number}", at=now) for number in range(20)), now=now)

    assert cost() == one


def test_the_list_filters_by_state_and_channel(now: datetime, reader: Client) -> None:
    make.channel("C200", "leads")
    owe("1", now=now)
    owe("2", now=now, channel="C200")

    shown = reader.get(reverse(LIST), {"channel": "C200", "state__exact": "waiting"}).content.decode()

    assert "Ticket 2" in shown
    assert "Ticket 1" not in shown


def test_the_page_shows_the_message_as_text_and_as_blocks(now: datetime, reader: Client) -> None:
    make.agent("Ana")
    notice = owe(now=now, subject="<script>alert(1)</script>")

    shown = reader.get(page(notice)).content.decode()

    assert "has waited 10 min for a first response" in shown
    assert "Why me?" in shown
    assert "&quot;action_id&quot;: &quot;snooze_30&quot;" in shown
    assert "<script>alert(1)" not in shown


def test_a_summarys_page_lists_what_it_spoke_for(now: datetime, reader: Client) -> None:
    summary, folded = owe("1", now=now), owe("2", now=now)
    Notice.objects.filter(pk=folded.pk).update(state="folded", folded_into=summary)

    assert page(folded) in reader.get(page(summary)).content.decode()
    assert page(summary) in reader.get(page(folded)).content.decode()


def test_sending_many_again_asks_first(now: datetime, manager: Client) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="failed", error="not there")

    asked = send_again(manager, notice, confirmed=False)

    assert "Send 1 message again?" in asked.content.decode()
    notice.refresh_from_db()
    assert notice.state == "failed"


def test_all_of_a_long_list_are_sent_again_with_a_form_of_few_fields(now: datetime, manager: Client) -> None:
    first = owe("1", now=now)
    record(*(reached(f"more-{number}", at=now) for number in range(60)), now=now)
    Notice.objects.update(state="failed", error="not there")
    chosen = {"action": "send_all_again", "_selected_action": [first.pk], "select_across": "1"}

    asked = manager.post(reverse(LIST), chosen).content.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]+)"', asked[asked.index("portal-card") :]))
    manager.post(reverse(LIST), fields)

    assert "Send 61 messages again?" in asked
    assert asked.count("_selected_action") == 1
    assert not Notice.objects.filter(state="failed").exists()


def test_a_manager_sends_again_and_the_trail_says_who(now: datetime, manager: Client) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="failed", error="not there")

    answer = send_again(manager, notice)

    notice.refresh_from_db()
    assert notice.state == "waiting"
    assert "1 message will be sent again." in answer.content.decode()
    assert StoredEvent.objects.get(type="NoticeSentAgain").actor_label == "Mia"


def test_one_notice_is_sent_again_from_its_page(now: datetime, manager: Client) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="failed", error="not there")
    assert "Send again" in manager.get(page(notice)).content.decode()

    manager.post(reverse("admin:notices_notice_send_again", args=[notice.pk]), {"_form_submitted": "1"})

    notice.refresh_from_db()
    assert notice.state == "waiting"


def test_what_was_sent_is_not_sent_again(now: datetime, manager: Client) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="sent", sent_at=now + timedelta(seconds=1))

    answer = send_again(manager, notice)

    notice.refresh_from_db()
    assert notice.state == "sent"
    assert "there is nothing to send again" in answer.content.decode()


def test_who_only_reads_cannot_send_again(now: datetime, reader: Client) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="failed")

    send_again(reader, notice)
    single = reader.post(reverse("admin:notices_notice_send_again", args=[notice.pk]))

    notice.refresh_from_db()
    assert notice.state == "failed"
    assert single.status_code == 403


def test_nobody_adds_edits_or_deletes_a_notice(now: datetime) -> None:
    notice = owe(now=now)
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))

    assert client.get(reverse("admin:notices_notice_add")).status_code == 403
    assert client.post(reverse("admin:notices_notice_delete", args=[notice.pk])).status_code == 403
    client.post(page(notice), {"summary": "changed"})
    notice.refresh_from_db()
    assert notice.summary != "changed"
