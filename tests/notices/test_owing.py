"""How events become notices, and failed ones are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.integrations.slack.events import SlackAnswered
from apps.notices import reactions, services
from apps.notices.errors import NotSendable
from apps.notices.models import Lane, Notice
from apps.notices.selectors import NOT_CONFIGURED, health, why_it_waits
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.models import StoredEvent
from tests import make
from tests.notices.reached import THREAD, owe, reached, record

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=1)


def test_a_reached_tier_owes_a_message_in_the_thread(now: datetime) -> None:
    [entry] = record(reached(at=now), now=now)

    notice = Notice.objects.get()
    assert notice.event_id == entry.id
    assert notice.correlation_id == entry.correlation
    assert (notice.channel, notice.thread_ts, notice.state) == ("C100", THREAD, "waiting")
    assert notice.about == "ticket:4711"
    assert Lane.objects.get().channel == "C100"


def test_what_is_owed_keeps_its_instant_to_the_microsecond(now: datetime) -> None:
    instant = now + timedelta(microseconds=123_456)

    notice = owe(now=instant, subject='O\'Brien \\ "quoted" ü')

    assert (notice.created_at, notice.ready_at) == (instant, instant)
    assert 'O\'Brien \\ "quoted" ü' in notice.blocks[1]["fields"][5]["text"]


def test_hearing_an_event_twice_owes_it_once(now: datetime) -> None:
    entries = record(reached(at=now), now=now)

    reactions.tell_of_the_escalation(entries)

    assert Notice.objects.count() == 1


def test_five_hundred_cost_as_many_statements_as_five(now: datetime) -> None:
    record(reached("0", at=now), now=now)

    def cost(count: int) -> int:
        events = [reached(f"{count}-{number}", at=now) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            record(*events, now=now)
        return len(queries)

    assert cost(500) == cost(5) <= 10
    assert Notice.objects.count() == 506


def test_the_message_links_the_tickets_page_and_the_story(now: datetime, settings: Any) -> None:
    settings.BASE_URL = "https://portal.example.com"
    ticket = make.ticket("4711")

    [entry] = record(reached(at=now, url=""), now=now)

    blocks = str(Notice.objects.get().blocks)
    assert f"https://portal.example.com/admin/tickets/ticket/{ticket.pk}/change/" in blocks
    assert f"https://portal.example.com/trail/{entry.position}/" in blocks


def test_an_answer_is_owed_where_it_was_asked(now: datetime) -> None:
    event = SlackAnswered(
        asked="Why me?", channel="C100", thread_ts=THREAD, user="UANA", private=True, text="Because.", number="4711"
    )

    trail.record(event, about=["ticket:4711"], now=now)

    notice = Notice.objects.get()
    assert (notice.kind, notice.user, notice.text, notice.about) == ("private", "UANA", "Because.", "ticket:4711")


def test_with_nowhere_to_send_it_the_notice_has_failed_and_the_trail_says_so(now: datetime) -> None:
    notice = owe(now=now, channel="", thread_ts="", people=[])

    assert notice.state == "failed"
    assert notice.error.startswith("Nowhere to send it:")
    failure = StoredEvent.objects.get(type="NoticeFailed")
    assert failure.causation_id == notice.event_id
    assert failure.payload["notice"] == notice.pk
    assert failure.about == ["ticket:4711"]


def test_sending_again_resets_a_failed_notice_and_says_who_wanted_it(now: datetime) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="failed", attempts=5, error="not_in_channel")

    with acting(actor=Actor(kind="user", id="1", label="Ana")):
        services.send_again([notice.pk], now=now + LATER)

    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.error) == ("waiting", 0, "")
    assert notice.ready_at == now + LATER
    event = StoredEvent.objects.get(type="NoticeSentAgain")
    assert (event.actor, event.causation_id) == ("Ana", notice.event_id)
    assert event.payload["reason"] == "not_in_channel"


def test_what_was_perhaps_sent_is_looked_for_before_it_is_sent_again(now: datetime) -> None:
    notice = owe(now=now)
    Notice.objects.update(state="unsure", ready_at=now + timedelta(hours=1))

    services.send_again([notice.pk], now=now + LATER)

    notice.refresh_from_db()
    assert (notice.state, notice.ready_at) == ("unsure", now + LATER)


def test_sending_again_what_had_nowhere_to_go_takes_the_default_channel(now: datetime, settings: Any) -> None:
    notice = owe(now=now, channel="", thread_ts="", people=[])
    settings.SLACK_DEFAULT_CHANNEL = "C0DEFAULT"

    services.send_again([notice.pk], now=now)

    notice.refresh_from_db()
    assert (notice.channel, notice.state) == ("C0DEFAULT", "waiting")
    assert Lane.objects.filter(channel="C0DEFAULT").exists()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"state": "sent"}, "nothing to send again"),
        ({"state": "waiting"}, "nothing to send again"),
        ({"state": "failed", "channel": ""}, "SLACK_DEFAULT_CHANNEL"),
        ({"state": "failed", "recipient": "C100/summary"}, "spoke for others"),
    ],
)
def test_what_cannot_be_sent_again_is_refused_and_nothing_changes(
    now: datetime, fields: dict[str, str], why: str
) -> None:
    good, bad = owe("1", now=now), owe("2", now=now)
    Notice.objects.filter(pk=good.pk).update(state="failed")
    Notice.objects.filter(pk=bad.pk).update(**fields)

    with pytest.raises(NotSendable, match=why):
        services.send_again([good.pk, bad.pk], now=now)

    good.refresh_from_db()
    assert good.state == "failed"


def test_health_counts_what_waits_and_what_failed(now: datetime, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN = "xoxb-x"
    states = ["waiting", "sending", "unsure", "failed", "sent", "folded"]
    for minutes, state in enumerate(states):
        notice = owe(str(minutes), now=now + minutes * LATER)
        Notice.objects.filter(pk=notice.pk).update(state=state)

    found = health()

    assert (found.waiting, found.unsure, found.failed) == (2, 1, 1)
    assert found.oldest_waiting == now
    assert not found.well
    assert "could not be sent" in found.sentence


def test_without_a_token_what_waits_says_so(now: datetime) -> None:
    notice = owe(now=now)

    assert why_it_waits(notice) == NOT_CONFIGURED
    assert not health().configured
    assert health().sentence == f"{NOT_CONFIGURED} 1 waiting."
