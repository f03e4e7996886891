"""The stand-in is spoken to by Slack's own client, so that tests built on it mean something."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPException

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack, signed

HERE = "C0SUPPORT"


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    with StandInSlack() as standin:
        standin.add_channel(HERE, "support")
        yield standin


@pytest.fixture
def client(slack: StandInSlack) -> WebClient:
    return WebClient("xoxb-standin", base_url=slack.api_url, timeout=2, retry_handlers=[])


def error_of(refusal: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(refusal.value.response["error"])


def test_what_is_posted_stands_in_the_channel(slack: StandInSlack, client: WebClient) -> None:
    parent = client.chat_postMessage(channel=HERE, text="one")
    metadata = {"event_type": "notice", "event_payload": {"id": 1}}
    client.chat_postMessage(channel="#support", text="two", thread_ts=parent["ts"], metadata=metadata)

    assert [m["text"] for m in slack.messages(HERE)] == ["one", "two"]
    assert slack.thread(HERE, parent["ts"])[0]["metadata"] == metadata
    assert client.auth_test()["user_id"] == payloads.BOT_USER


def test_history_pages_newest_first_without_replies(slack: StandInSlack, client: WebClient) -> None:
    now = time.time()
    written = [slack.say(HERE, str(number), at=now - 100 + number)["ts"] for number in range(7)]
    slack.say(HERE, "reply", thread_ts=written[0])

    seen = []
    for page in client.conversations_history(channel=HERE, oldest=written[1], latest=written[6], limit=2):
        seen += [message["ts"] for message in page["messages"]]

    assert seen == [written[5], written[4], written[3], written[2]]
    inclusive = client.conversations_history(channel=HERE, oldest=written[5], inclusive=True)
    assert [message["text"] for message in inclusive["messages"]] == ["6", "5"]


def test_metadata_is_shown_when_asked_for(client: WebClient) -> None:
    metadata = {"event_type": "notice", "event_payload": {"id": 1}}
    ts = client.chat_postMessage(channel=HERE, text="parent")["ts"]
    client.chat_postMessage(channel=HERE, text="reply", thread_ts=ts, metadata=metadata)

    bare = client.conversations_replies(channel=HERE, ts=ts)
    full = client.conversations_replies(channel=HERE, ts=ts, include_all_metadata=True)

    assert "metadata" not in bare["messages"][1]
    assert full["messages"][1]["metadata"] == metadata


@pytest.mark.parametrize(
    ("text", "blocks", "error"),
    [
        ("", None, "no_text"),
        ("x" * 40_001, None, "msg_too_long"),
        ("x", [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}], "invalid_blocks"),
        ("x", [{"type": "divider"}] * 51, "invalid_blocks"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_slack_would_refuse_is_refused(client: WebClient, text: str, blocks: object, error: str) -> None:
    with pytest.raises(SlackApiError) as refusal:
        client.chat_postMessage(channel=HERE, text=text, blocks=blocks)  # type: ignore[arg-type]

    assert error_of(refusal) == error


def test_a_refusal_counts_its_hits_and_ends(slack: StandInSlack, client: WebClient) -> None:
    fault = slack.refuse("chat.postMessage", "channel_not_found", channel=HERE, times=1)

    with pytest.raises(SlackApiError) as refusal:
        client.chat_postMessage(channel=HERE, text="x")
    client.chat_postMessage(channel="C0OTHER", text="x")
    client.chat_postMessage(channel=HERE, text="x")

    assert error_of(refusal) == "channel_not_found"
    assert fault.hits == 1
    assert len(slack.calls_of("chat.postMessage")) == 3


def test_a_rate_limit_says_how_long(slack: StandInSlack, client: WebClient) -> None:
    slack.rate_limit("chat.postMessage", seconds=2)

    with pytest.raises(SlackApiError) as refusal:
        client.chat_postMessage(channel=HERE, text="x")

    assert refusal.value.response.status_code == 429
    assert refusal.value.response.headers["Retry-After"] == "2"


def test_a_second_message_within_a_second_is_too_fast(slack: StandInSlack, client: WebClient) -> None:
    slack.one_message_a_second()
    client.chat_postMessage(channel=HERE, text="x")
    client.chat_postMessage(channel="C0OTHER", text="x")

    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel=HERE, text="x")

    assert slack.too_fast == 1


def test_a_lie_did_the_work(slack: StandInSlack, client: WebClient) -> None:
    slack.lie("chat.postMessage")

    with pytest.raises(SlackApiError) as refusal:
        client.chat_postMessage(channel=HERE, text="x")

    assert error_of(refusal) == "fatal_error"
    assert len(slack.posted(HERE)) == 1


@pytest.mark.parametrize(("drop", "posted"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_may_or_may_not_have_done_the_work(
    slack: StandInSlack, client: WebClient, drop: str, posted: int
) -> None:
    getattr(slack, drop)("chat.postMessage")

    with pytest.raises((HTTPException, OSError)):
        client.chat_postMessage(channel=HERE, text="x")

    assert len(slack.posted(HERE)) == posted


def test_a_stall_works_late(slack: StandInSlack, client: WebClient) -> None:
    slack.stall("chat.postMessage", 0.3)
    started = time.monotonic()

    client.chat_postMessage(channel=HERE, text="x")

    assert time.monotonic() - started >= 0.3


def test_a_server_error_and_a_page_of_html_are_no_answers(slack: StandInSlack, client: WebClient) -> None:
    slack.fail("chat.postMessage", 503, times=1)
    slack.answer_html("auth.test")

    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel=HERE, text="x")
    with pytest.raises(SlackApiError):
        client.auth_test()


def test_user_groups_are_read_and_rewritten(slack: StandInSlack, client: WebClient) -> None:
    slack.add_user_group("S1", "group-support", ["U1"])
    for user in ("U2", "U3"):
        slack.add_user(user, user)

    client.usergroups_users_update(usergroup="S1", users=["U2", "U3"])

    assert client.usergroups_users_list(usergroup="S1")["users"] == ["U2", "U3"]
    assert client.usergroups_list(include_users=True)["usergroups"][0]["users"] == ["U2", "U3"]


def test_user_groups_that_are_switched_off_are_left_out_unless_asked_for(
    slack: StandInSlack, client: WebClient
) -> None:
    slack.add_user_group("S1", "group-support", ["U1"])
    slack.user_groups["S1"]["date_delete"] = 1_773_824_400

    assert client.usergroups_list()["usergroups"] == []
    assert len(client.usergroups_list(include_disabled=True)["usergroups"]) == 1


def test_a_trigger_opens_one_modal_and_grows_old(slack: StandInSlack, client: WebClient) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Set up"}, "blocks": []}
    trigger = payloads.new_trigger_id()
    client.views_open(trigger_id=trigger, view=view)

    with pytest.raises(SlackApiError) as used:
        client.views_open(trigger_id=trigger, view=view)
    with pytest.raises(SlackApiError) as old:
        client.views_open(trigger_id=f"1.{int(time.time() * 1000) - 3_500}.standin", view=view)

    assert error_of(used) == "exchanged_trigger_id"
    assert error_of(old) == "expired_trigger_id"


def test_links_are_unfurled_below_the_message_that_has_them(slack: StandInSlack, client: WebClient) -> None:
    ts = slack.say(HERE, "look: https://a.example/1/")["ts"]
    card = {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "One"}}]}

    client.chat_unfurl(channel=HERE, ts=ts, unfurls={"https://a.example/1/": card})
    with pytest.raises(SlackApiError) as another:
        client.chat_unfurl(channel=HERE, ts=ts, unfurls={"https://a.example/2/": card})
    with pytest.raises(SlackApiError) as gone:
        client.chat_unfurl(channel=HERE, ts="1.1", unfurls={"https://a.example/1/": card})

    assert slack.messages(HERE)[0]["unfurls"] == {"https://a.example/1/": card}
    assert (error_of(another), error_of(gone)) == ("cannot_unfurl_url", "cannot_find_message")


def test_other_methods_answer_slacks_client(slack: StandInSlack, client: WebClient) -> None:
    slack.add_user("U1", "ada", email="ada@example.com")
    ts = client.chat_postMessage(channel="U1", text="direct")["ts"]

    client.chat_update(channel="D1", ts=ts, text="changed")
    client.chat_postEphemeral(channel=HERE, user="U1", text="only you")
    client.conversations_setTopic(channel=HERE, topic="on shift: Ada")
    client.views_publish(user_id="U1", view={"type": "home", "blocks": [{"type": "divider"}]})

    assert slack.messages("D1")[0]["text"] == "changed"
    assert slack.ephemerals[0]["user"] == "U1"
    assert client.conversations_list()["channels"][0]["topic"]["value"] == "on shift: Ada"
    assert client.conversations_open(users="U1")["channel"]["id"] == "D1"
    assert client.users_info(user="U1")["user"]["profile"]["email"] == "ada@example.com"
    assert [user["id"] for page in client.users_list(limit=1) for user in page["members"]] == ["U0BOT", "U1"]
    assert "U1" in slack.homes


def test_a_wrong_token_is_refused(slack: StandInSlack, client: WebClient) -> None:
    slack.accept_only("xoxb-another")

    with pytest.raises(SlackApiError) as refusal:
        client.auth_test()

    assert error_of(refusal) == "invalid_auth"


@pytest.mark.parametrize(
    "body",
    [
        payloads.event_callback(payloads.bot_message(HERE, "1.0", attachments=payloads.ticket_lines("4711"))),
        payloads.url_verification(),
        payloads.slash_command("/sla-setup", user="U1", channel=HERE),
        payloads.block_actions("snooze", user="U1", channel=HERE, message_ts="1.0"),
        payloads.view_submission("setup", {"b": {"a": payloads.typed("10 min")}}, user="U1"),
    ],
)
def test_payloads_are_signed_as_slack_signs(body: str) -> None:
    assert SignatureVerifier("s3cret").is_valid_request(body, signed(body, "s3cret"))
