"""Delivering to a Slack that refuses, stalls, drops and lies: nothing is lost and nothing is said twice."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.escalations.models import Clock
from apps.integrations.slack.events import SlackAnswered
from apps.integrations.slack.gateway import EVENT_TYPE, Gateway
from apps.notices import claiming, jobs, lanes
from apps.notices.delivery import Delivery
from apps.notices.models import Lane, Notice
from apps.notices.selectors import health
from apps.tickets import services as tickets
from apps.trail import services as trail
from apps.trail.models import StoredEvent
from tests import make
from tests.notices.conftest import Clock as Hands
from tests.notices.reached import MINUTE, THREAD, owe, reached, record
from tests.standins.server import Heard, LoopbackServer, Say
from tests.standins.slack import StandInSlack

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., bool]
TENTH = timedelta(seconds=0.1)
POST, EPHEMERAL = "chat.postMessage", "chat.postEphemeral"


def states() -> Counter[str]:
    return Counter(Notice.objects.values_list("state", flat=True))


def nothing_open() -> bool:
    return not Notice.objects.filter(state__in=Notice.OPEN).exists()


def answer(**fields: Any) -> Notice:
    defaults = {"asked": "Why me?", "channel": "C100", "thread_ts": THREAD, "user": "UANA", "private": True}
    event = SlackAnswered(**{**defaults, "text": "Because.", "number": "4711", **fields})
    entry = trail.record(event, about=["ticket:4711"], now=timezone.now())
    return Notice.objects.get(event_id=entry.id)


def test_a_notice_is_posted_in_its_thread_and_the_trail_tells_it(slack: StandInSlack, run: Run) -> None:
    notice = owe(now=timezone.now())

    assert run(nothing_open)

    [posted] = slack.thread("C100", THREAD)
    notice.refresh_from_db()
    assert (notice.state, notice.slack_ts, notice.attempts) == ("sent", posted["ts"], 1)
    sent = StoredEvent.objects.get(type="NoticeSent")
    assert (sent.causation_id, sent.correlation_id) == (notice.event_id, notice.correlation_id)
    assert (sent.payload["ts"], sent.about) == (posted["ts"], ["ticket:4711"])


def test_a_private_answer_is_shown_to_the_asker(slack: StandInSlack, run: Run) -> None:
    answer()

    assert run(nothing_open)

    assert [seen["user"] for seen in slack.ephemerals] == ["UANA"]
    assert slack.posted() == []


def test_two_deliverers_at_once_say_each_thing_once(slack: StandInSlack) -> None:
    now = timezone.now()
    record(*(reached(str(n), at=now, channel=f"C{n % 15}") for n in range(60)), now=now)
    stop = threading.Event()

    def deliver() -> None:
        mine = Delivery(gateway=Gateway("xoxb-standin", slack.api_url), clock=timezone.now)
        while not stop.is_set():
            mine.step()
            time.sleep(0.01)
        mine.finish()
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 15
    while not nothing_open() and time.monotonic() < end:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()

    assert states() == {"sent": 60}
    said = Counter(posted["metadata"]["event_payload"]["notice"] for posted in slack.posted())
    assert len(said) == 60
    assert set(said.values()) == {1}


def test_a_channel_one_deliverer_speaks_in_is_closed_to_the_other() -> None:
    now = timezone.now()
    for number in range(2):
        owe(str(number), now=now)
    owe("other", now=now, channel="C200")

    first = claiming.claim(token="one", room=1, busy=(), now=now)
    second = claiming.claim(token="two", room=8, busy=(), now=now)

    assert [call.channel for call in first] == ["C100"]
    assert [call.channel for call in second] == ["C200"]


def test_lanes_locked_by_another_deliverer_are_passed_over() -> None:
    now = timezone.now()
    owe("1", now=now)
    owe("2", now=now, channel="C200")
    locked, free = threading.Event(), threading.Event()

    def hold_the_lane() -> None:
        with transaction.atomic():
            Lane.objects.select_for_update().get(channel="C100")
            locked.set()
            free.wait(10)
        connection.close()

    other = threading.Thread(target=hold_the_lane)
    other.start()
    assert locked.wait(10)

    calls = claiming.claim(token="one", room=8, busy=(), now=now)

    free.set()
    other.join()
    assert [call.channel for call in calls] == ["C200"]


def test_a_channel_hears_one_message_a_second(slack: StandInSlack, run_in_time: Run) -> None:
    slack.one_message_a_second()
    for number in range(3):
        owe(str(number), now=timezone.now())
    started = time.monotonic()

    assert run_in_time(nothing_open)

    assert slack.too_fast == 0
    assert 2 <= time.monotonic() - started < 4
    assert states() == {"sent": 3}


def test_retry_after_is_obeyed_and_counts_as_no_attempt(slack: StandInSlack, run_in_time: Run) -> None:
    slack.rate_limit(POST, 2, channel="C100")
    owe("1", now=timezone.now())
    owe("2", now=timezone.now(), channel="C200")

    assert run_in_time(nothing_open)

    first, second = [call.at for call in slack.calls_of(POST) if call.channel == "C100"]
    assert second - first >= 2
    assert len([call for call in slack.calls_of(POST) if call.channel == "C200"]) == 1
    assert set(Notice.objects.values_list("attempts", flat=True)) == {1}


def test_a_channel_that_stalls_delays_no_other(slack: StandInSlack, delivery: Delivery, clock: Hands, run: Run) -> None:
    slack.stall(POST, 5, channel="C0SLOW")
    delivery.gateway = Gateway("xoxb-standin", slack.api_url, timeout=9)
    # As long as a call is under way, no time passes.
    clock.stop()
    now = clock()
    owe("slow", now=now, channel="C0SLOW")
    for number in range(12):
        owe(str(number), now=now, channel=f"C{number}")

    assert run(lambda: states()["sent"] == 12, seconds=0.85)

    assert Notice.objects.get(channel="C0SLOW").state == "sending"
    assert run(nothing_open)


@pytest.mark.parametrize("fault", ["drop_after", "lie"])
def test_what_slack_took_without_saying_so_is_not_said_twice(slack: StandInSlack, run: Run, fault: str) -> None:
    getattr(slack, fault)(POST)
    notice = owe(now=timezone.now())

    assert run(nothing_open)

    [posted] = slack.posted()
    notice.refresh_from_db()
    assert (notice.state, notice.slack_ts) == ("sent", posted["ts"])
    assert StoredEvent.objects.filter(type="NoticeSent").count() == 1


@pytest.mark.parametrize("fault", ["drop_before", "fail", "answer_html"])
def test_what_slack_did_not_take_is_said_after_a_look(slack: StandInSlack, run: Run, fault: str) -> None:
    getattr(slack, fault)(POST, times=1)
    notice = owe(now=timezone.now())

    assert run(nothing_open)

    assert len(slack.posted()) == 1
    assert len(slack.calls_of("conversations.replies")) == 1
    notice.refresh_from_db()
    assert notice.state == "sent"


def test_a_call_that_times_out_is_looked_for_only_when_slack_may_have_finished_it(
    slack: StandInSlack, run_in_time: Run
) -> None:
    slack.stall(POST, 2, times=1)
    notice = owe(now=timezone.now())

    assert run_in_time(lambda: states()["unsure"] == 1)
    notice.refresh_from_db()

    assert notice.ready_at - timezone.now() > timedelta(seconds=8)
    Notice.objects.update(ready_at=timezone.now() + timedelta(seconds=2))
    assert run_in_time(nothing_open)
    assert len(slack.posted()) == 1


def test_nobody_waits_for_an_answer_that_drips_in() -> None:
    class Dripping(LoopbackServer):
        def hear(self, heard: Heard) -> Say:
            return Say(body=b'{"ok": true, "ts": "1773824401.000100", "channel": "C100"}', drip=0.05)

    notice = owe(now=timezone.now())
    with Dripping() as server:
        impatient = Delivery(
            gateway=Gateway("xoxb-standin", f"{server.address}/api/", timeout=1),
            clock=timezone.now,
            overdue=timedelta(seconds=1),
        )
        end = time.monotonic() + 2
        while not states()["unsure"] and time.monotonic() < end:
            impatient.step()
        assert states() == {"unsure": 1}

        # It does come in the end, and saves looking for the message.
        end = time.monotonic() + 6
        while not nothing_open() and time.monotonic() < end:
            impatient.step()
        impatient.finish()

    notice.refresh_from_db()
    assert (notice.state, notice.slack_ts) == ("sent", "1773824401.000100")


def test_while_one_messages_fate_is_unknown_its_channel_waits_and_others_go_on(slack: StandInSlack, run: Run) -> None:
    slack.fail(POST, channel="C100")
    now = timezone.now()
    for number in range(3):
        owe(str(number), now=now)
    owe("other", now=now, channel="C200")

    assert run(lambda: states()["unsure"] == 1 and states()["sent"] == 1)
    assert not run(lambda: states()["unsure"] > 1, seconds=1.6)

    assert states() == {"unsure": 1, "waiting": 2, "sent": 1}


def test_a_look_that_fails_is_tried_again_and_nothing_is_said_meanwhile(slack: StandInSlack, run: Run) -> None:
    slack.lie(POST)
    slack.fail("conversations.replies", times=1)
    owe(now=timezone.now())

    assert run(nothing_open)

    assert len(slack.posted()) == 1
    assert len(slack.calls_of("conversations.replies")) == 2


def test_a_look_slack_forbids_needs_a_person(slack: StandInSlack, run: Run) -> None:
    slack.lie(POST)
    slack.refuse("conversations.replies", "missing_scope")
    notice = owe(now=timezone.now())

    assert run(nothing_open)

    notice.refresh_from_db()
    assert notice.state == "failed"
    assert "look there before you send it again" in notice.error
    assert len(slack.posted()) == 1


@pytest.mark.parametrize(
    ("error", "advice"),
    [("channel_not_found", "no such channel"), ("not_in_channel", "invite it"), ("is_archived", "archived")],
)
def test_a_permanent_refusal_fails_with_what_to_do(slack: StandInSlack, run: Run, error: str, advice: str) -> None:
    slack.refuse(POST, error, channel="C100")
    notice = owe(now=timezone.now())

    assert run(nothing_open)

    notice.refresh_from_db()
    assert notice.state == "failed"
    assert advice in notice.error
    assert len(slack.calls_of(POST)) == 1
    failed = StoredEvent.objects.get(type="NoticeFailed")
    assert (failed.causation_id, failed.about) == (notice.event_id, ["ticket:4711"])


def test_a_temporary_refusal_is_tried_again(slack: StandInSlack, run: Run) -> None:
    slack.refuse(POST, "team_added_to_org", times=1)
    notice = owe(now=timezone.now())

    assert run(nothing_open)

    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("sent", 2)


def test_after_a_day_in_vain_a_notice_fails(slack: StandInSlack, run: Run) -> None:
    slack.fail(POST)
    notice = owe(now=timezone.now() - timedelta(hours=24))
    Notice.objects.update(attempts=11)

    assert run(nothing_open)

    notice.refresh_from_db()
    assert notice.state == "failed"
    assert "a day in vain" in notice.error


def test_a_token_slack_does_not_accept_burns_one_notice_and_the_rest_wait(slack: StandInSlack, run: Run) -> None:
    slack.accept_only("xoxb-new")
    now = timezone.now()
    for number in range(20):
        owe(str(number), now=now, channel=f"C{number}")

    assert run(lambda: states()["failed"] == 1 and not states()["sending"])
    assert not run(lambda: states()["failed"] > 1, seconds=1)

    assert states() == {"failed": 1, "waiting": 19}
    assert len(slack.calls_of(POST)) <= 8
    assert health().paused_until is not None


def test_once_slack_knows_us_again_everything_goes_out(slack: StandInSlack, run: Run) -> None:
    Lane.objects.create(channel=lanes.EVERYBODY, next_at=timezone.now())
    owe(now=timezone.now())

    assert run(nothing_open)

    assert len(slack.calls_of("auth.test")) == 1
    assert states() == {"sent": 1}
    assert health().paused_until is None


def test_slack_is_asked_once_a_minute_whether_it_knows_us(slack: StandInSlack, run: Run) -> None:
    slack.accept_only("xoxb-new")
    Lane.objects.create(channel=lanes.EVERYBODY, next_at=timezone.now())
    owe(now=timezone.now())

    assert not run(nothing_open, seconds=1)

    assert len(slack.calls_of("auth.test")) == 1
    assert slack.calls_of(POST) == []
    paused = lanes.paused()
    assert paused is not None
    assert paused.next_at > timezone.now() + timedelta(seconds=50)


def nobody_listens() -> Gateway:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Gateway("xoxb-standin", f"http://127.0.0.1:{probe.getsockname()[1]}/api/", timeout=1)


def test_while_slack_cannot_be_reached_everything_waits_untried_and_then_goes_out(
    slack: StandInSlack, delivery: Delivery, run: Run
) -> None:
    delivery.gateway, away_since = nobody_listens(), timezone.now()
    for number in range(12):
        owe(str(number), now=away_since, channel=f"C{number}")

    assert not run(lambda: "unsure" in states(), seconds=1)
    seen = health()
    delivery.gateway = Gateway("xoxb-standin", slack.api_url, timeout=1)
    assert run(nothing_open, seconds=15)

    assert seen.waiting == 12
    assert seen.unreachable_since is not None
    assert timedelta() <= seen.unreachable_since - away_since < timedelta(seconds=2)
    assert states() == {"sent": 12}
    assert {notice.attempts for notice in Notice.objects.all()} == {1}
    assert health().unreachable_since is None


def test_a_slack_that_stays_away_is_tried_less_and_less_often() -> None:
    now, waits = timezone.now(), []
    for _ in range(7):
        lanes.cut_off(now=now)
        pause = lanes.paused()
        assert pause is not None
        waits.append((pause.next_at - now).total_seconds())
        now = pause.next_at

    assert waits == [2, 2, 4, 8, 16, 30, 30]


def crashed(notice: Notice, seconds: int, claim: str = "a-deliverer-that-died") -> None:
    """Somebody claimed it so long ago and was never heard of again."""
    Notice.objects.filter(pk=notice.pk).update(
        state="sending", claim=claim, attempts=1, claimed_at=timezone.now() - timedelta(seconds=seconds)
    )


def test_killed_after_slack_took_it_and_before_it_was_recorded_it_is_found(slack: StandInSlack, run: Run) -> None:
    notice = owe(now=timezone.now())
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"notice": claiming.mark(notice)}}
    ts = slack.say("C100", "Tier 1", thread_ts=THREAD, metadata=metadata)["ts"]
    crashed(notice, seconds=13)

    assert run(nothing_open)

    notice.refresh_from_db()
    assert (notice.state, notice.slack_ts) == ("sent", ts)
    assert slack.calls_of(POST) == []


def test_killed_before_slack_took_it_it_is_said(slack: StandInSlack, run: Run) -> None:
    notice = owe(now=timezone.now())
    crashed(notice, seconds=13)

    assert run(nothing_open)

    notice.refresh_from_db()
    assert notice.state == "sent"
    assert len(slack.posted()) == 1


def test_a_deliverer_that_may_still_be_alive_is_not_taken_for_gone(slack: StandInSlack, run: Run) -> None:
    notice = owe(now=timezone.now())
    crashed(notice, seconds=5)

    assert not run(nothing_open, seconds=1.5)

    notice.refresh_from_db()
    assert notice.state == "sending"


def test_a_private_answer_nobody_knows_the_fate_of_is_said_again_once(slack: StandInSlack, run: Run) -> None:
    slack.lie(EPHEMERAL, times=2)
    notice = answer()

    assert run(nothing_open)

    notice.refresh_from_db()
    assert notice.state == "failed"
    assert "twice" in notice.error
    assert len(slack.ephemerals) == 2


def test_six_waiting_for_one_channel_become_one_message(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    entries = record(*(reached(str(n), at=now, thread_ts=f"17738244{n:02}.000100") for n in range(6)), now=now)

    assert run(nothing_open)

    [posted] = slack.posted()
    assert "thread_ts" not in posted
    said = str(posted["blocks"])
    assert all(f"/archives/C100/p17738244{n:02}000100|" in said for n in range(6))
    assert said.count("<@UANA>") == 6
    assert states() == {"folded": 6, "sent": 1}
    summary = Notice.objects.get(state="sent")
    assert {notice.slack_ts for notice in summary.folded.all()} == {posted["ts"]}
    causes = set(StoredEvent.objects.filter(type="NoticeSent").values_list("causation_id", flat=True))
    assert causes == {entry.id for entry in entries} | {summary.event_id}


def test_five_are_said_one_by_one(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    record(*(reached(str(n), at=now) for n in range(5)), now=now)

    assert run(nothing_open)

    assert len(slack.thread("C100", THREAD)) == 5
    assert states() == {"sent": 5}


def test_private_answers_are_never_folded(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    record(*(reached(str(n), at=now) for n in range(5)), now=now)
    answer()

    assert run(nothing_open)

    assert states() == {"sent": 6}


def test_a_hundred_for_one_channel_become_three(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    record(*(reached(str(n), at=now) for n in range(100)), now=now)

    assert run(nothing_open)

    assert len(slack.posted()) == 3
    assert states() == {"folded": 100, "sent": 3}


def test_a_summary_slack_finds_too_long_gives_its_messages_back_to_go_alone(slack: StandInSlack, run: Run) -> None:
    slack.refuse(POST, "msg_too_long", times=1)
    now = timezone.now()
    record(*(reached(str(n), at=now) for n in range(6)), now=now)

    assert run(nothing_open)

    assert states() == {"failed": 1, "sent": 6}
    assert len(slack.thread("C100", THREAD)) == 6


def test_a_summary_the_channel_refuses_fails_with_all_it_spoke_for(slack: StandInSlack, run: Run) -> None:
    slack.refuse(POST, "is_archived")
    now = timezone.now()
    record(*(reached(str(n), at=now) for n in range(6)), now=now)

    assert run(nothing_open)

    assert states() == {"failed": 7}
    assert StoredEvent.objects.filter(type="NoticeFailed", about__contains=["ticket:3"]).count() == 1
    assert len(slack.calls_of(POST)) == 1


def test_a_summary_whose_fate_is_unknown_is_looked_for(slack: StandInSlack, run: Run) -> None:
    slack.drop_after(POST)
    now = timezone.now()
    record(*(reached(str(n), at=now) for n in range(6)), now=now)

    assert run(nothing_open)

    assert len(slack.posted()) == 1
    assert states() == {"folded": 6, "sent": 1}


def test_after_an_outage_what_waited_is_folded(slack: StandInSlack, run: Run) -> None:
    slack.fail(POST)
    now = timezone.now()
    owe("first", now=now)
    assert run(lambda: states()["unsure"] == 1)
    record(*(reached(str(n), at=now) for n in range(8)), now=now)
    slack.heal()

    assert run(nothing_open)

    assert len(slack.posted()) == 1
    assert states() == {"folded": 9, "sent": 1}


def test_a_direct_message_that_was_taken_silently_is_found(slack: StandInSlack, run: Run) -> None:
    slack.add_user("UANA", "ana")
    slack.lie(POST)
    owe(now=timezone.now(), channel="", thread_ts="")

    assert run(nothing_open)

    assert len(slack.posted("DANA")) == 1
    assert states() == {"sent": 1}


def test_without_a_token_the_job_leaves_everything_waiting(slack: StandInSlack, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN, settings.SLACK_API_URL = "", slack.api_url
    owe(now=timezone.now())

    assert "not configured" in jobs.deliver()

    assert states() == {"waiting": 1}
    assert slack.calls == []


def test_sixty_a_minute_over_twenty_channels_are_taken_well_within_two_seconds(
    slack: StandInSlack, delivery: Delivery, clock: Hands
) -> None:
    # What the machine needs for it, bench/lateness.py measures; here time passes only where it is waited for.
    clock.stop()
    slack.one_message_a_second(seconds=lambda: clock().timestamp())
    started = clock()

    def feed() -> datetime:
        """Owe what is due by now; when the next one is."""
        fed = Notice.objects.count()
        due = 1 + int((clock() - started) / TENTH)
        for number in range(fed, min(due, 60)):
            owe(str(number), now=clock(), channel=f"C{number % 20}", thread_ts=f"{number}.0")
        return started + due * TENTH

    while feed() <= started + 60 * TENTH or not nothing_open():
        clock.put_to(min(delivery.step(), feed()))
        assert clock() < started + 200 * TENTH

    late = sorted(at - owed for owed, at in Notice.objects.values_list("created_at", "sent_at"))
    assert len(slack.posted()) == len(late) == 60
    assert late[-1] < timedelta(seconds=2)
    assert slack.too_fast == 0


def test_what_was_answered_while_it_waited_is_not_said(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    make.policy()
    ticket = make.ticket(opened_at=now - 20 * MINUTE)
    clock = Clock.objects.get()
    notice = owe(now=now, clock=clock.pk)
    tickets.record_reply(ticket, author="agent", at=now, now=now)

    assert run(lambda: states()["outdated"] == 1)

    assert slack.posted() == []
    event = StoredEvent.objects.get(type="NoticeDropped")
    assert event.causation_id == notice.event_id
    assert event.sentence.endswith("was not sent: the ticket was answered meanwhile")


def test_of_two_tiers_that_waited_only_the_higher_one_speaks(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    owe(now=now, check=1, tier=1)
    owe(now=now, check=2, tier=2)

    assert run(nothing_open)

    assert states() == Counter(outdated=1, sent=1)
    assert "Tier 2" in str(slack.posted()[0])


def test_nothing_overtakes_a_message_of_its_thread_that_is_tried_again(slack: StandInSlack, run: Run) -> None:
    now = timezone.now()
    first = answer(asked="first")
    second = answer(asked="second")
    Notice.objects.filter(pk=first.pk).update(ready_at=now + timedelta(seconds=1))

    assert run(nothing_open)

    sent = list(Notice.objects.order_by("slack_ts").values_list("pk", flat=True))
    assert sent == [first.pk, second.pk]


def test_lanes_that_may_not_speak_yet_do_not_keep_the_others_waiting() -> None:
    now = timezone.now()
    for number in range(8):
        stuck = owe(now=now - timedelta(minutes=1), channel=f"C0STUCK{number}")
        Notice.objects.filter(pk=stuck.pk).update(ready_at=now + timedelta(minutes=5))
        later = owe(now=now, channel=f"C0STUCK{number}")
        Notice.objects.filter(pk=later.pk).update(recipient=stuck.recipient)
    owe(now=now, channel="C0FRESH")
    Lane.objects.exclude(channel="C0FRESH").update(next_at=now - timedelta(hours=1))

    claimed = [
        call.channel
        for turn in range(3)
        for call in claiming.claim(token="me", room=8, busy=(), now=now + timedelta(milliseconds=turn))
    ]

    assert claimed == ["C0FRESH"]
