"""Calls to Slack, and what their ends say."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.integrations.slack.gateway import (
    Gateway,
    NotConfigured,
    RateLimited,
    Refused,
    Unreachable,
    Unsure,
    configured,
)
from tests.standins.server import Heard, LoopbackServer, Say
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import BOT_USER, new_trigger_id

HERE = "C0SUPPORT"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    with StandInSlack() as standin:
        standin.add_channel(HERE, "support")
        yield standin


@pytest.fixture
def gateway(slack: StandInSlack) -> Gateway:
    return Gateway("xoxb-standin", slack.api_url, timeout=1)


def test_without_a_token_there_is_no_gateway(settings: Any) -> None:
    settings.SLACK_BOT_TOKEN = ""

    assert not configured()
    with pytest.raises(NotConfigured):
        Gateway()


def test_the_token_and_address_come_from_settings(settings: Any, slack: StandInSlack) -> None:
    settings.SLACK_BOT_TOKEN, settings.SLACK_API_URL = "xoxb-mine", slack.api_url.rstrip("/")

    Gateway().who_am_i()

    assert configured()
    assert slack.calls_of("auth.test")[0].token == "xoxb-mine"


def test_a_message_is_posted_with_our_mark(slack: StandInSlack, gateway: Gateway) -> None:
    parent = slack.say(HERE, "Ticket 4711")["ts"]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}]

    ts = gateway.post(HERE, "hi", blocks, parent, "n1")

    [posted] = slack.thread(HERE, parent)
    assert posted["ts"] == ts
    assert posted["blocks"] == blocks
    assert posted["metadata"] == {"event_type": "supportops_notice", "event_payload": {"notice": "n1"}}


def test_a_private_message_is_seen_by_one(slack: StandInSlack, gateway: Gateway) -> None:
    gateway.post_private(HERE, "UANA", "psst", [], "1.5")

    [seen] = slack.ephemerals
    assert (seen["user"], seen["text"], seen["thread_ts"]) == ("UANA", "psst", "1.5")
    assert slack.messages(HERE) == []


def test_our_message_is_found_in_its_thread(slack: StandInSlack, gateway: Gateway) -> None:
    parent = slack.say(HERE, "Ticket 4711")["ts"]
    gateway.post(HERE, "one", [], parent, "n1")
    ts = gateway.post(HERE, "two", [], parent, "n2")

    assert gateway.find(HERE, parent, "n2", LONG_AGO) == ts
    assert gateway.find(HERE, parent, "n3", LONG_AGO) is None


def test_our_message_is_found_pages_deep_in_a_channel(slack: StandInSlack, gateway: Gateway) -> None:
    ts = gateway.post(HERE, "mine", notice="n1")
    for number in range(450):
        slack.say(HERE, str(number))

    assert gateway.find(HERE, "", "n1", LONG_AGO) == ts
    assert len(slack.calls_of("conversations.history")) == 3


def test_what_is_older_is_not_looked_at(gateway: Gateway) -> None:
    gateway.post(HERE, "mine", notice="n1")

    assert gateway.find(HERE, "", "n1", datetime.now(UTC) + timedelta(minutes=1)) is None


def test_somebody_elses_mark_is_not_ours(slack: StandInSlack, gateway: Gateway) -> None:
    slack.say(HERE, "fake", metadata={"event_type": "other", "event_payload": {"notice": "n1"}})

    assert gateway.find(HERE, "", "n1", LONG_AGO) is None


def test_a_direct_message_is_found(slack: StandInSlack, gateway: Gateway) -> None:
    slack.add_user("UANA", "ana")
    ts = gateway.post("UANA", "hello", notice="n1")

    assert gateway.find("UANA", "", "n1", LONG_AGO) == ts


def test_a_thread_that_is_gone_holds_nothing(gateway: Gateway) -> None:
    assert gateway.find(HERE, "1.5", "n1", LONG_AGO) is None


def test_history_pages_by_cursor(slack: StandInSlack, gateway: Gateway) -> None:
    said = [slack.say(HERE, str(number))["ts"] for number in range(202)]

    first, cursor = gateway.history(HERE, said[0])
    rest, end = gateway.history(HERE, said[0], cursor)

    assert [message["ts"] for message in first] == said[:1:-1]
    assert [message["ts"] for message in rest] == said[1:2]
    assert end == ""


def test_a_rate_limit_says_how_long_to_wait(slack: StandInSlack, gateway: Gateway) -> None:
    slack.rate_limit("chat.postMessage", 7)

    with pytest.raises(RateLimited) as error:
        gateway.post(HERE, "x")

    assert error.value.seconds == 7
    assert slack.posted() == []


@pytest.mark.parametrize(
    ("word", "permanent", "locked_out"),
    [
        ("channel_not_found", True, False),
        ("is_archived", True, False),
        ("not_in_channel", True, False),
        ("msg_too_long", True, False),
        ("no_text", True, False),
        ("invalid_auth", True, True),
        ("token_revoked", True, True),
        ("account_inactive", True, True),
        ("never_heard_of", True, False),
        ("team_added_to_org", False, False),
    ],
)
def test_a_refusal_says_whether_asking_again_may_help(
    slack: StandInSlack, gateway: Gateway, word: str, permanent: bool, locked_out: bool
) -> None:
    slack.refuse("chat.postMessage", word)

    with pytest.raises(Refused) as error:
        gateway.post(HERE, "x")

    assert (error.value.error, error.value.permanent, error.value.locked_out) == (word, permanent, locked_out)


@pytest.mark.parametrize("word", ["fatal_error", "internal_error", "request_timeout", "service_unavailable"])
def test_slacks_own_faults_leave_it_open(slack: StandInSlack, gateway: Gateway, word: str) -> None:
    slack.refuse("chat.postMessage", word)

    with pytest.raises(Unsure):
        gateway.post(HERE, "x")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "fail", "answer_html", "lie"])
def test_a_broken_answer_leaves_it_open_and_nothing_is_sent_twice(
    slack: StandInSlack, gateway: Gateway, fault: str
) -> None:
    getattr(slack, fault)("chat.postMessage")

    with pytest.raises(Unsure) as error:
        gateway.post(HERE, "x")

    assert not error.value.timed_out
    assert len(slack.calls_of("chat.postMessage")) == 1


def test_a_stall_times_out(slack: StandInSlack, gateway: Gateway) -> None:
    slack.stall("chat.postMessage", 3)
    started = time.monotonic()

    with pytest.raises(Unsure) as error:
        gateway.post(HERE, "x")

    assert error.value.timed_out
    assert time.monotonic() - started < 2


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(Unreachable) as error:
        Gateway("xoxb-x", f"http://127.0.0.1:{port}/api/", timeout=1).post(HERE, "x")

    assert str(error.value) == "Slack cannot be reached: it refused the connection."


def test_to_a_name_that_does_not_resolve_nothing_was_sent() -> None:
    # Longer than a name may be, so that no name server is asked.
    host = ".".join(["nobody" * 8] * 6)

    with pytest.raises(Unreachable) as error:
        Gateway("xoxb-x", f"http://{host}/api/", timeout=1).post(HERE, "x")

    assert str(error.value) == "Slack cannot be reached: its name could not be looked up."


@pytest.mark.parametrize("body", [b"[]", b'"ok"', b"null", b"", b"\xff\xfe"])
def test_an_answer_nobody_understands_leaves_it_open(body: bytes) -> None:
    class Strange(LoopbackServer):
        def hear(self, heard: Heard) -> Say:
            return Say(body=body)

    with Strange() as server, pytest.raises(Unsure):
        Gateway("xoxb-x", f"{server.address}/api/", timeout=1).post(HERE, "x")


def test_views_homes_and_user_groups_reach_slack(slack: StandInSlack, gateway: Gateway) -> None:
    slack.add_user_group("S1", "group-support", ["UANA"])
    blocks = [{"type": "divider"}]
    title = {"type": "plain_text", "text": "Set up"}

    gateway.open_view(new_trigger_id(), {"type": "modal", "title": title, "blocks": blocks})
    gateway.publish_home("UANA", {"type": "home", "blocks": blocks})

    assert len(slack.views) == 1
    assert "UANA" in slack.homes
    assert gateway.user_groups()[0]["users"] == ["UANA"]
    assert gateway.who_am_i()["user_id"] == BOT_USER
