"""POST /slack/events: what is let in, what is kept, and how fast Slack is answered."""

from __future__ import annotations

import json
import threading
import time
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from slack_sdk.signature import Clock

from apps.integrations.slack import bolt, inbox, jobs, services
from apps.integrations.slack.models import SlackEvent, SlackMessage
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, ago, heard, post, post_raw, watch, work_everything
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]


def announcement(number: str = "4711", ts: str | None = None, event_id: str | None = None) -> str:
    message = payloads.bot_message(HERE, ts or ago(minutes=1), attachments=payloads.ticket_lines(number))
    return payloads.event_callback(message, event_id)


def test_a_signed_ticket_message_opens_a_ticket() -> None:
    watch(plan=make.plan())
    ts = ago(minutes=2)

    response = heard(announcement("4711", ts))

    ticket = Ticket.objects.get()
    assert response.status_code == 200
    assert (ticket.number, ticket.severity, ticket.type) == ("4711", "urgent", "problem")
    assert (ticket.channel, ticket.thread_ts, ticket.plan) == (HERE, ts, make.plan())
    assert ticket.origin == "slack"


def test_the_request_stores_and_enqueues_and_does_no_work() -> None:
    watch()

    post(announcement())

    assert SlackEvent.objects.get().state == "waiting"
    assert OrmQ.objects.count() == 1
    assert not Ticket.objects.exists()


def test_acknowledging_costs_a_handful_of_statements() -> None:
    watch()
    post(announcement("1"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        post(announcement("2"))

    written = [query["sql"] for query in queries if query["sql"].startswith(("SELECT", "INSERT", "UPDATE"))]
    assert len(written) == 3, written


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=0000"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "١٢٣"},
    ],
)
def test_a_request_that_is_not_slacks_is_refused(change: dict[str, str]) -> None:
    watch()
    body = announcement()

    response = post_raw(body.encode(), {**signed(body, "s3cret"), **change})

    assert response.status_code == 401
    assert not SlackEvent.objects.exists()


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_early_timestamp_is_refused_though_signed(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The verifier's clock stands still, as a second on the way would bring an early one within the five minutes.
    now = int(time.time())
    monkeypatch.setattr(Clock, "now", lambda self: float(now))
    body = announcement()

    response = post_raw(body.encode(), signed(body, "s3cret", now + seconds))

    assert response.status_code == 401


def test_another_secret_is_refused() -> None:
    assert post(announcement(), secret="another").status_code == 401


def test_a_body_changed_on_the_way_is_refused() -> None:
    body = announcement()

    response = post_raw(body.replace("4711", "4712").encode(), signed(body, "s3cret"))

    assert response.status_code == 401


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff\xfe", b"", b"payload=%7B", b"null", b"[" * 50_000])
def test_unsigned_rubbish_is_unauthorized(raw: bytes) -> None:
    assert post_raw(raw, {}).status_code == 401


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b"[1, 2]",
        b"null",
        b"\xff\xfe{}",
        b"",
        b"{}",
        b"[" * 50_000,
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event_id": "Ev1", "event": []}',
        b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": 5}}',
        b'{"type": "event_callback", "event_id": "", "event": {"type": "message"}}',
        b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}, "authorizations": "x"}',
        b"payload=%7B",
        b"payload=[]",
        b"&".join(b"a=1" for _ in range(200)),
    ],
)
def test_signed_rubbish_is_a_bad_request(raw: bytes) -> None:
    response = post(raw)

    assert response.status_code == 400
    assert json.loads(response.content)["error"]


@pytest.mark.parametrize("size", [1_000_000, 1_048_576, 1_048_577, 3_000_000])
def test_a_body_of_a_megabyte_is_too_long(size: int) -> None:
    body = b'{"type": "event_callback", "pad": "' + b"x" * size + b'"}'

    assert post(body).status_code == 413


def test_other_methods_are_refused() -> None:
    assert Client().get("/slack/events").status_code == 405


def test_without_a_secret_nothing_is_trusted(settings: object) -> None:
    settings.SLACK_SIGNING_SECRET = ""  # type: ignore[attr-defined]

    response = post(announcement())

    assert response.status_code == 503
    assert "SLACK_SIGNING_SECRET" in response.json()["detail"]


def test_no_csrf_token_is_asked_for() -> None:
    assert post(payloads.url_verification(), client=Client(enforce_csrf_checks=True)).status_code == 200


def test_the_address_is_verified_with_the_challenge() -> None:
    response = post(payloads.url_verification("abc"))

    assert (response.status_code, response.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(
    "body",
    [
        payloads.event_callback({"type": "team_join", "user": {"id": "U1"}}),
        payloads.event_callback({"type": "app_uninstalled"}),
        json.dumps({"type": "something_new", "event_id": "Ev1"}),
        urlencode({"payload": json.dumps({"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}})}),
        urlencode({"payload": json.dumps({"type": "view_closed", "user": {"id": "U1"}, "view": {"callback_id": "x"}})}),
        urlencode({"ssl_check": "1", "token": "x"}),
    ],
)
def test_what_nobody_listens_to_is_taken_and_forgotten(body: str) -> None:
    assert post(body).status_code == 200
    assert not SlackEvent.objects.exists()


def test_an_unknown_command_is_answered() -> None:
    response = post(payloads.slash_command("/unknown", user="U1", channel=HERE))

    assert response.status_code == 200
    assert "/unknown" in response.content.decode()


def test_a_command_that_says_payload_is_a_command() -> None:
    post(payloads.slash_command("/sla-setup", user="U1", channel=HERE, text="payload"))

    assert SlackEvent.objects.get().kind == "/sla-setup"


def test_an_event_sent_again_is_worked_once() -> None:
    watch()
    body = announcement(event_id="Ev1")
    heard(body)

    again = [post(body, **{"X-Slack-Retry-Num": str(number)}).status_code for number in (1, 2, 3)]
    work_everything()

    assert again == [200, 200, 200]
    assert SlackEvent.objects.count() == 1
    assert StoredEvent.objects.filter(type="TicketOpened").count() == 1


def test_a_retry_of_an_event_we_never_got_is_worked() -> None:
    watch()

    post(announcement(event_id="Ev1"), **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    work_everything()

    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_event_in_parallel_is_kept_once() -> None:
    watch()
    body = announcement(event_id="Ev1")
    codes: list[int] = []

    def send() -> None:
        codes.append(post(body).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [200] * 4
    assert SlackEvent.objects.count() == 1
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_event_work_it_once() -> None:
    watch()
    post(announcement())
    pk = SlackEvent.objects.get().pk

    def work() -> None:
        jobs.work(pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SlackEvent.objects.get().state == "done"
    assert StoredEvent.objects.filter(type="TicketOpened").count() == 1


def test_everything_that_follows_shares_the_events_chain() -> None:
    make.policy()
    watch()

    heard(announcement())

    event = SlackEvent.objects.get()
    stored = StoredEvent.objects.filter(type__in=["TicketOpened", "ClockStarted"])
    assert {entry.correlation_id for entry in stored} == {event.correlation_id}
    assert {(entry.actor_kind, entry.actor_label) for entry in stored} == {("slack", "Zendesk")}


def test_the_verification_token_is_not_kept() -> None:
    watch()

    post(announcement())

    assert "token" not in SlackEvent.objects.get().payload


def test_text_that_postgresql_cannot_store_is_cleaned() -> None:
    watch()
    body = announcement().replace("urgent", "\\u0000\\ud800urgent").replace("Zendesk", "\\udfffZ")

    response = heard(body)

    assert response.status_code == 200
    assert SlackEvent.objects.get().state == "done"


def test_the_preview_takes_the_same_way_without_a_signature() -> None:
    watch()

    status, _, _ = inbox.dispatch(announcement().encode(), {"Content-Type": "application/json"})
    work_everything()

    assert status == 200
    assert Ticket.objects.count() == 1


def test_an_event_whose_job_was_lost_is_worked_by_the_next_minute() -> None:
    watch()
    post(announcement())
    OrmQ.objects.all().delete()
    assert jobs.work_left_over() == "0 worked"
    SlackEvent.objects.update(received_at=make.NOW)

    assert jobs.work_left_over() == "1 worked"
    assert Ticket.objects.count() == 1


def test_an_event_that_keeps_failing_is_given_up_and_can_be_worked_again() -> None:
    watch()
    post(announcement())
    event = SlackEvent.objects.get()
    good = event.payload
    SlackEvent.objects.update(payload={"event": {"type": "message", "channel": HERE, "ts": "1.0"}}, kind="gone")

    for _ in range(7):
        jobs.work(event.pk)

    event.refresh_from_db()
    assert (event.state, event.attempts) == ("failed", 5)
    assert "KeyError" in event.error
    SlackEvent.objects.update(payload=good, kind="message")
    services.work_again(SlackEvent.objects.all())
    work_everything()
    assert Ticket.objects.count() == 1


def test_a_failed_attempt_leaves_nothing_behind() -> None:
    watch()
    post(announcement())
    event = SlackEvent.objects.get()
    # A row of the ticket's stream that cannot be written makes the handler fail after it has begun.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket ADD CONSTRAINT no_4711 CHECK (number <> '4711')")

    assert jobs.work(event.pk) is False

    event.refresh_from_db()
    assert (event.state, event.attempts) == ("waiting", 1)
    assert not SlackMessage.objects.exists()


def test_building_the_app_asks_nothing_and_warns_of_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, standin: StandInSlack
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-standin")

    bolt.app.__wrapped__()

    assert caplog.messages == []
    assert standin.calls == []
