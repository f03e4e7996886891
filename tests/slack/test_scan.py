"""The scan finds what Slack's events did not bring: all of it, once, and in order of neither."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django_q.models import OrmQ

from apps.integrations.slack import jobs, scanning
from apps.integrations.slack.candidates import ts_of
from apps.integrations.slack.gateway import Gateway, RateLimited
from apps.integrations.slack.models import SlackMessage, WatchedChannel
from apps.people.models import UserGroup
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, heard, post, watch, work_everything
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]


def announce(slack: StandInSlack, number: str, *, minutes: float = 1, channel: str = HERE) -> str:
    ts: str = slack.announce(channel, payloads.ticket_lines(number), at=time.time() - 60 * minutes)["ts"]
    return ts


def test_a_message_no_event_brought_becomes_a_ticket(standin: StandInSlack) -> None:
    watched = watch(plan=make.plan())
    ts = announce(standin, "4711")

    jobs.scan_channels()

    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.thread_ts, ticket.plan) == ("4711", ts, make.plan())
    watched.refresh_from_db()
    assert (watched.cursor, watched.error) == (ts, "")
    assert watched.scanned_at is not None


def test_a_scan_leaves_what_people_say_alone(standin: StandInSlack) -> None:
    watch()
    standin.say(HERE, "Ticket: 9999", at=time.time() - 60)

    jobs.scan_channels()

    assert not Ticket.objects.exists()
    assert not SlackMessage.objects.exists()


def test_without_a_token_nothing_is_scanned() -> None:
    watch()

    assert jobs.scan_channels() == "not configured"
    assert jobs.sync_user_groups() == "not configured"


def test_the_first_scan_begins_at_the_horizon(standin: StandInSlack) -> None:
    watch(horizon=timedelta(hours=1))
    announce(standin, "old", minutes=61)
    announce(standin, "new", minutes=59)

    jobs.scan_channels()

    assert [ticket.number for ticket in Ticket.objects.all()] == ["new"]
    assert SlackMessage.objects.count() == 1


def test_what_was_missed_for_longer_than_the_horizon_is_recorded_as_too_old(standin: StandInSlack) -> None:
    watch(horizon=timedelta(hours=1), cursor=ts_of(make.NOW))
    standin.announce(HERE, payloads.ticket_lines("old"), at=time.time() - 7200)

    jobs.scan_channels()

    assert not Ticket.objects.exists()
    assert SlackMessage.objects.get().outcome == "too_old"


def test_a_burst_of_250_is_read_to_the_last(standin: StandInSlack) -> None:
    watch()
    for number in range(250):
        announce(standin, str(number), minutes=10 - number / 100)

    jobs.scan_channels()

    assert Ticket.objects.count() == 250
    assert len(standin.calls_of("conversations.history")) == 2


def test_a_second_scan_goes_on_from_the_cursor_and_doubles_nothing(standin: StandInSlack) -> None:
    watch()
    announce(standin, "1", minutes=5)
    jobs.scan_channels()
    announce(standin, "2", minutes=1)

    jobs.scan_channels()

    assert StoredEvent.objects.filter(type="TicketOpened").count() == 2
    oldest = float(standin.calls_of("conversations.history")[-1].args["oldest"])
    assert oldest > time.time() - 7 * 60


def test_a_message_that_appears_late_behind_the_cursor_is_found(standin: StandInSlack) -> None:
    watch()
    announce(standin, "1", minutes=5)
    jobs.scan_channels()
    announce(standin, "late", minutes=5.5)

    jobs.scan_channels()

    assert Ticket.objects.filter(number="late").exists()


def test_what_an_event_brought_is_not_taken_again(standin: StandInSlack) -> None:
    watch()
    ts = announce(standin, "4711")
    heard(payloads.event_callback(payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("4711"))))

    jobs.scan_channels()

    assert SlackMessage.objects.count() == 1
    assert StoredEvent.objects.filter(type="TicketOpened").count() == 1


@pytest.mark.django_db(transaction=True)
def test_scans_and_events_at_once_open_each_ticket_once(standin: StandInSlack) -> None:
    watch()
    for number in range(10):
        ts = announce(standin, str(number), minutes=5 - number / 10)
        lines = payloads.ticket_lines(str(number))
        post(payloads.event_callback(payloads.bot_message(HERE, ts, attachments=lines)))

    def run(job: object) -> None:
        job()  # type: ignore[operator]
        connection.close()

    threads = [
        threading.Thread(target=run, args=(job,)) for job in (jobs.scan_channels, jobs.scan_channels, work_everything)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SlackMessage.objects.count() == 10
    assert StoredEvent.objects.filter(type="TicketOpened").count() == 10


def test_people_and_our_own_bot_and_threads_are_passed_over(standin: StandInSlack) -> None:
    watch()
    parent = standin.say(HERE, "good morning", at=time.time() - 60)
    standin.say(HERE, "Ticket ID: 5", thread_ts=parent["ts"])
    ours = {"bot_id": payloads.BOT, "user": payloads.BOT_USER}
    standin.announce(HERE, payloads.ticket_lines("6"), at=time.time() - 50, **ours)

    jobs.scan_channels()

    assert not SlackMessage.objects.exists()
    assert WatchedChannel.objects.get().cursor != ""


def test_a_channel_the_bot_is_not_in_says_how_to_invite_it_and_stops_no_other(standin: StandInSlack) -> None:
    watch("C100")
    watch("C200")
    announce(standin, "4711", channel="C200")
    standin.refuse("conversations.history", "not_in_channel", channel="C100")

    jobs.scan_channels()

    assert "/invite @supportops" in WatchedChannel.objects.get(channel__slack_id="C100").error
    assert Ticket.objects.get().channel == "C200"


@pytest.mark.parametrize("fault", ["drop_before", "fail", "answer_html"])
def test_a_slack_that_breaks_is_shown_and_asked_again(standin: StandInSlack, fault: str) -> None:
    watch()
    announce(standin, "4711")
    getattr(standin, fault)("conversations.history", times=1)

    jobs.scan_channels()
    assert WatchedChannel.objects.get().error

    jobs.scan_channels()
    assert WatchedChannel.objects.get().error == ""
    assert Ticket.objects.count() == 1


def test_a_rate_limit_is_obeyed(standin: StandInSlack) -> None:
    watch()
    announce(standin, "4711")
    standin.rate_limit("conversations.history", seconds=1)

    jobs.scan_channels()

    first, second = standin.calls_of("conversations.history")
    assert second.at - first.at >= 1
    assert Ticket.objects.count() == 1


def test_a_long_rate_limit_leaves_the_rest_to_the_next_scan(standin: StandInSlack) -> None:
    watch("C100")
    watch("C200")
    standin.rate_limit("conversations.history", seconds=60, times=None)

    jobs.scan_channels()

    assert len(standin.calls_of("conversations.history")) == 1


class Hasty:
    """A clock whose time is over after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __call__(self) -> datetime:
        self.looks -= 1
        return datetime.now(UTC) + (timedelta(0) if self.looks > 0 else scanning.LONGEST)


def test_more_than_one_job_can_read_is_gone_on_with_before_the_cursor_moves(standin: StandInSlack) -> None:
    watched = watch()
    for number in range(401):
        standin.announce(HERE, payloads.ticket_lines(str(number)), at=time.time() - 600 + number)
    # Time is over after the first page of 200.
    scanning.Scan(Gateway(), clock=Hasty(looks=150), pause=time.sleep).channel(watched)
    first = Ticket.objects.count()
    watched.refresh_from_db()
    assert watched.cursor == ""
    task = OrmQ.objects.get().task

    jobs.continue_scan(*task["args"])

    watched.refresh_from_db()
    assert (first, task["func"]) == (200, scanning.CONTINUE)
    assert Ticket.objects.count() == 401
    assert watched.cursor == standin.messages(HERE)[-1]["ts"]


def test_a_backlog_longer_than_slacks_limit_is_gone_on_with_where_it_stopped(standin: StandInSlack) -> None:
    watched = watch()
    for number in range(250):
        standin.announce(HERE, payloads.ticket_lines(str(number)), at=time.time() - 600 + number)
    pages = iter([None, 60.0])

    class Limited(Gateway):
        def history(self, channel: str, oldest: str, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
            seconds = next(pages)
            if seconds is not None:
                raise RateLimited(seconds)
            return super().history(channel, oldest, cursor)

    scan = scanning.Scan(Limited(), clock=lambda: datetime.now(UTC), pause=time.sleep)
    scan.channel(watched)
    read_at_once = Ticket.objects.count()
    asked_before = len(standin.calls_of("conversations.history"))
    # A scan from the start would meet the same limit; it leaves the channel to the one that goes on.
    jobs.scan_channels()
    [task] = [row.task for row in OrmQ.objects.all() if row.task["func"] == scanning.CONTINUE]
    pk, oldest, cursor, newest, _ = task["args"]
    left_alone = len(standin.calls_of("conversations.history")) == asked_before
    jobs.continue_scan(pk, oldest, cursor, newest, datetime.now(UTC).isoformat())

    watched.refresh_from_db()
    assert left_alone
    assert (read_at_once, Ticket.objects.count()) == (200, 250)
    assert watched.cursor == standin.messages(HERE)[-1]["ts"]


def test_the_cursor_stays_when_a_later_page_does_not_arrive(standin: StandInSlack) -> None:
    watched = watch()
    for number in range(201):
        standin.announce(HERE, payloads.ticket_lines(str(number)), at=time.time() - 600 + number)
    first, rest = Gateway().history(HERE, "0")
    standin.refuse("conversations.history", "internal_error")

    scanning.Scan(Gateway(), clock=lambda: datetime.now(UTC), pause=time.sleep).channel(
        watched, cursor=rest, newest=first[0]["ts"]
    )

    watched.refresh_from_db()
    assert (watched.cursor, bool(watched.error)) == ("", True)


def test_one_message_that_cannot_be_kept_does_not_hold_up_the_others(standin: StandInSlack) -> None:
    watch()
    for number in ("1", "2", "3"):
        announce(standin, number, minutes=10 - int(number))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket ADD CONSTRAINT not_2 CHECK (number <> '2')")

    jobs.scan_channels()

    assert {ticket.number for ticket in Ticket.objects.all()} == {"1", "3"}
    watched = WatchedChannel.objects.get()
    assert (watched.cursor, bool(watched.error)) == ("", True)


def test_user_groups_are_copied_with_their_members(standin: StandInSlack) -> None:
    UserGroup.objects.create(slack_id="S1", handle="old-name", member_ids=["U9"])
    standin.add_user_group("S1", "group-support", ["U1", "U2"])

    jobs.sync_user_groups()

    group = UserGroup.objects.get()
    assert (group.handle, group.member_ids) == ("group-support", ["U1", "U2"])
    assert group.synced_at is not None


def test_a_user_group_switched_off_in_slack_has_nobody_in_it(standin: StandInSlack) -> None:
    standin.add_user_group("S2", "heads", ["U3"])
    jobs.sync_user_groups()
    standin.user_groups["S2"]["date_delete"] = 1_773_824_400

    jobs.sync_user_groups()

    assert UserGroup.objects.get().member_ids == []


def test_a_user_group_that_slack_knows_no_more_has_nobody_in_it(standin: StandInSlack) -> None:
    standin.add_user_group("S2", "heads", ["U3"])
    jobs.sync_user_groups()
    del standin.user_groups["S2"]

    jobs.sync_user_groups()

    group = UserGroup.objects.get()
    assert (group.handle, group.member_ids) == ("heads", [])


def test_a_user_group_that_was_off_all_along_is_none_of_ours(standin: StandInSlack) -> None:
    standin.add_user_group("S2", "heads", ["U3"])
    standin.user_groups["S2"]["date_delete"] = 1_773_824_400

    jobs.sync_user_groups()

    assert not UserGroup.objects.exists()


def test_a_user_groups_new_members_are_one_event_and_a_sync_without_news_is_none(standin: StandInSlack) -> None:
    standin.add_user_group("S1", "group-support", ["U1", "U2"])
    jobs.sync_user_groups()
    standin.user_groups["S1"]["users"] = ["U2", "U1"]
    jobs.sync_user_groups()
    standin.user_groups["S1"]["users"] = ["U2"]

    jobs.sync_user_groups()
    jobs.sync_user_groups()

    created, changed = StoredEvent.objects.filter(payload__model="people.usergroup").order_by("position")
    assert (created.type, changed.type) == ("ObjectCreated", "ObjectChanged")
    assert list(changed.payload["changes"]) == ["member_ids"]
    assert changed.actor_label == "Slack"
