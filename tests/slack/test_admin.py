"""Slack in the admin: channels, the box to try a pattern, messages not understood, events that failed."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.integrations.slack import ticket_messages
from apps.integrations.slack.models import SlackEvent, SlackMessage, WatchedChannel
from apps.integrations.slack.parsing import TicketMessage
from apps.people.models import Agent, Channel
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, ago, heard, manager, post, watch
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]

CHANNELS = "/admin/slack/watchedchannel/"
MESSAGES = "/admin/slack/slackmessage/"
EVENTS = "/admin/slack/slackevent/"
TRY = f"{CHANNELS}try/"


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def mara() -> Client:
    return signed_in(manager())


@pytest.fixture
def root() -> Client:
    return signed_in(make.agent("Root", is_superuser=True))


def channel_form(**change: Any) -> dict[str, Any]:
    return {"slack_id": "C024BE91L", "name": "support", "horizon": "12 h", "enabled": "on", "pattern": "", **change}


def test_a_channel_is_watched_by_its_id_and_name(mara: Client) -> None:
    response = mara.post(f"{CHANNELS}add/", channel_form(horizon="1 h 30 min", plan=make.plan().pk))

    assert response.status_code == 302, response.content
    watched = WatchedChannel.objects.get()
    assert (watched.channel.slack_id, watched.channel.name) == ("C024BE91L", "support")
    assert (watched.horizon, watched.plan) == (timedelta(minutes=90), make.plan())
    assert StoredEvent.objects.filter(type="ObjectCreated", payload__model="slack.watchedchannel").count() == 1


def test_the_empty_form_suggests_half_a_day_and_shows_what_a_pattern_needs(mara: Client) -> None:
    page = mara.get(f"{CHANNELS}add/").content.decode()

    assert 'value="12 h"' in page
    assert "a regular expression with (?P&lt;number&gt;…)" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slack_id": "support"}, "starts with C or G"),
        ({"slack_id": HERE}, "watched already"),
        ({"pattern": "(?P<number>"}, "not a regular expression"),
        ({"pattern": "[0-9]+"}, "needs a group"),
        ({"horizon": "12:00"}, "two ways"),
    ],
)
def test_what_cannot_be_watched_is_refused_beside_the_field(mara: Client, change: dict[str, str], words: str) -> None:
    watch()

    response = mara.post(f"{CHANNELS}add/", channel_form(**change))

    assert response.status_code == 200
    assert words in response.content.decode()
    assert WatchedChannel.objects.count() == 1


def test_coming_from_slack_the_channel_is_filled_in(mara: Client) -> None:
    Channel.objects.create(slack_id="C024BE91L", name="support-teams")

    page = mara.get(f"{CHANNELS}add/?slack_id=C024BE91L").content.decode()

    assert 'value="C024BE91L"' in page
    assert 'value="support-teams"' in page


def test_a_watched_channel_is_changed_and_keeps_its_channel(mara: Client) -> None:
    watched = watch()

    mara.post(f"{CHANNELS}{watched.pk}/change/", channel_form(slack_id="C999", name="renamed", horizon="2 h"))

    watched.refresh_from_db()
    assert (watched.channel.slack_id, watched.channel.name) == (HERE, "renamed")
    assert watched.horizon == timedelta(hours=2)


def test_the_list_shows_trouble_and_the_tickets_of_a_day(mara: Client) -> None:
    watch(error="The bot is not in this channel.")
    heard(payloads.event_callback(payloads.bot_message(HERE, ago(hours=2), attachments=payloads.ticket_lines("1"))))

    page = mara.get(CHANNELS).content.decode()

    assert "In trouble" in page
    assert "12 h" in page


def test_the_list_costs_the_same_for_many_channels(mara: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert mara.get(CHANNELS).status_code == 200
        return len(captured)

    watch("C1")
    queries()
    few = queries()
    for number in range(2, 12):
        watch(f"C{number}")

    assert queries() == few


@pytest.mark.parametrize(
    ("pattern", "sample", "words"),
    [
        ("", "Ticket ID: 4711\nTicket priority: urgent\nType: problem", ("4711", "urgent", "problem")),
        ("", json.dumps({"attachments": payloads.ticket_fields("4712", "low")}), ("4712", "low")),
        ("", json.dumps({"event": {"attachments": payloads.ticket_lines("4713")}}), ("4713",)),
        (r"case (?P<number>\d+)", "new case 17!", ("17",)),
        (r"case (?P<number>\d+)", "nothing", ("Not understood", "does not match")),
        (r"(?P<nummer>\d+)", "17", ("Not understood", "not known")),
        ("", "hello", ("Not understood", "No ticket number")),
        ("", "", ("Paste a message first",)),
        ("", "[1, 2", ("Not understood",)),
        ("", "<script>Ticket ID: <b>", ("Not understood",)),
    ],
)
def test_a_pasted_message_is_tried_before_saving(
    mara: Client, pattern: str, sample: str, words: tuple[str, ...]
) -> None:
    page = mara.post(TRY, {"pattern": pattern, "sample": sample}).content.decode()

    for word in words:
        assert word in page
    assert "<script>" not in page
    assert not SlackMessage.objects.exists()


def test_trying_is_for_who_may_change_channels() -> None:
    anybody = signed_in(make.agent("Ana"))

    assert anybody.post(TRY, {"pattern": "", "sample": "x"}).status_code == 403
    assert Client().post(TRY, {"pattern": "", "sample": "x"}).status_code == 302


def test_the_form_has_the_box(mara: Client) -> None:
    assert f'hx-post="{TRY}"' in mara.get(f"{CHANNELS}add/").content.decode()


@pytest.fixture
def unread() -> SlackMessage:
    """A message that was not understood."""
    watch()
    heard(payloads.event_callback(payloads.bot_message(HERE, ago(minutes=3), text="New case #4711 is here")))
    return SlackMessage.objects.get()


def test_a_message_not_understood_is_shown_with_reason_and_text(mara: Client, unread: SlackMessage) -> None:
    listed = mara.get(MESSAGES).content.decode()
    page = mara.get(f"{MESSAGES}{unread.pk}/change/").content.decode()

    assert "Not understood" in listed
    assert "No ticket number" in listed
    assert "#support-enterprise" in listed
    assert "New case #4711 is here" in page


def test_it_is_tried_again_with_the_corrected_pattern(mara: Client, unread: SlackMessage) -> None:
    WatchedChannel.objects.update(pattern=r"case #(?P<number>\d+)")

    mara.post(MESSAGES, {"action": "read_again", "_selected_action": [unread.pk]})

    assert Ticket.objects.get().number == "4711"
    unread.refresh_from_db()
    assert unread.outcome == "ticket"


def test_a_ticket_is_opened_by_hand_with_the_number_filled_in(mara: Client, unread: SlackMessage) -> None:
    address = f"{MESSAGES}{unread.pk}/sort-out/"
    page = mara.get(address).content.decode()

    response = mara.post(address, {"number": "4711", "severity": "high", "type": "problem", "subject": "It broke"})

    assert 'value="4711"' in page
    assert response.status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.severity, ticket.thread_ts) == ("4711", "high", unread.ts)
    stored = StoredEvent.objects.get(type="TicketOpened")
    assert (stored.actor_kind, stored.actor_label) == ("user", "Mara")


def test_trying_again_on_its_page_says_why_not(mara: Client, unread: SlackMessage) -> None:
    response = mara.post(f"{MESSAGES}{unread.pk}/sort-out/", {"again": "1"}, follow=True)

    assert "Still not a ticket" in response.content.decode()
    assert not Ticket.objects.exists()


def test_who_may_not_open_tickets_may_not_sort_out(unread: SlackMessage) -> None:
    auditor = manager("Olga")
    auditor.groups.get().permissions.filter(codename="add_ticket").delete()
    client = signed_in(Agent.objects.get(pk=auditor.pk))

    assert client.post(f"{MESSAGES}{unread.pk}/sort-out/", {"number": "1"}).status_code == 403
    client.post(MESSAGES, {"action": "read_again", "_selected_action": [unread.pk]})
    assert not Ticket.objects.exists()


def test_failed_events_are_worked_again_from_the_admin(root: Client) -> None:
    watch()
    post(payloads.event_callback(payloads.bot_message(HERE, ago(), attachments=payloads.ticket_lines("1"))))
    SlackEvent.objects.update(state="failed", attempts=5, error="broken")

    listed = root.get(EVENTS).content.decode()
    root.post(EVENTS, {"action": "work_again", "_selected_action": [SlackEvent.objects.get().pk]})

    assert "broken" in listed
    event = SlackEvent.objects.get()
    assert (event.state, event.attempts) == ("waiting", 0)
    assert root.get(f"{EVENTS}{event.pk}/change/").status_code == 200


def test_who_may_only_look_sees_channels_and_no_box() -> None:
    watched = watch()
    auditor = make.agent("Olga")
    auditor.user_permissions.add(Permission.objects.get(codename="view_watchedchannel"))
    client = signed_in(auditor)

    page = client.get(f"{CHANNELS}{watched.pk}/change/")

    assert page.status_code == 200
    assert HERE in page.content.decode()
    assert TRY not in page.content.decode()
    assert client.post(f"{CHANNELS}{watched.pk}/change/", channel_form()).status_code == 403


def test_a_message_that_is_a_ticket_is_not_made_another(mara: Client) -> None:
    watch()
    heard(payloads.event_callback(payloads.bot_message(HERE, ago(), attachments=payloads.ticket_lines("1"))))
    seen = SlackMessage.objects.get()

    mara.post(f"{MESSAGES}{seen.pk}/sort-out/", {"number": "2", "severity": "high", "type": "task"})

    assert [ticket.number for ticket in Ticket.objects.all()] == ["1"]


@pytest.mark.django_db(transaction=True)
def test_two_who_open_a_ticket_for_one_message_open_one(unread: SlackMessage) -> None:
    barrier = threading.Barrier(2)
    ours: list[bool] = []

    def sort_out(number: str) -> None:
        seen = SlackMessage.objects.get(pk=unread.pk)
        barrier.wait()
        _, opened = ticket_messages.open_by_hand(seen, TicketMessage(number), now=timezone.now())
        ours.append(opened)
        connection.close()

    threads = [threading.Thread(target=sort_out, args=[number]) for number in ("1", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ours) == [False, True]
    assert SlackMessage.objects.get().ticket == Ticket.objects.get()
