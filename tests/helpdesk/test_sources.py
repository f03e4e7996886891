from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from apps.integrations.helpdesk.sources import MisconfiguredHelpDesk, from_settings
from apps.tickets.replies import Answer, Question, ReplySource, SourceUnreachable
from tests.standins.helpdesk import StandInHelpdesk

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "s3cr3t-t0ken"
KINDS = ("zendesk", "freshdesk", "generic")

Build = Callable[..., ReplySource]


@pytest.fixture
def desk() -> Iterator[StandInHelpdesk]:
    with StandInHelpdesk() as standin:
        yield standin


@pytest.fixture
def source(desk: StandInHelpdesk) -> Build:
    """Builds a source of a kind that asks `desk`."""

    def build(kind: str, *, token: str = SECRET, timeout: float = 1.5) -> ReplySource:
        url = desk.generic_url if kind == "generic" else desk.address
        built = from_settings(kind=kind, url=url, user="agent@acme.example", token=token, timeout=timeout)
        assert built is not None
        return built

    return build


def about(*numbers: str) -> list[Question]:
    return [Question(number, OPENED) for number in numbers]


@pytest.mark.parametrize("kind", KINDS)
def test_answered_unanswered_and_unknown_tickets_are_told_apart(
    kind: str, desk: StandInHelpdesk, source: Build
) -> None:
    desk.ticket("1", opened_at=OPENED)
    desk.ticket("2", opened_at=OPENED)
    desk.reply("2", at=OPENED + timedelta(minutes=7))

    answers = source(kind).replies(about("1", "2", "3"))

    assert answers == {
        "1": Answer("1", replied=False, replied_at=None),
        "2": Answer("2", replied=True, replied_at=OPENED + timedelta(minutes=7)),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_ask_asks_nobody(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    assert source(kind).replies([]) == {}

    assert desk.calls == []


@pytest.mark.parametrize(("kind", "calls"), [("zendesk", 3), ("generic", 1), ("freshdesk", 250)])
def test_a_batch_is_asked_in_as_few_calls_as_the_vendor_allows(
    kind: str, calls: int, desk: StandInHelpdesk, source: Build
) -> None:
    numbers = [str(number) for number in range(1, 251)]
    for number in numbers:
        desk.ticket(number, opened_at=OPENED)

    answers = source(kind, timeout=15).replies(about(*numbers))

    assert set(answers) == set(numbers)
    assert len(desk.calls) == calls


def test_the_generic_endpoint_gets_500_tickets_a_call(desk: StandInHelpdesk, source: Build) -> None:
    source("generic", timeout=15).replies(about(*(str(number) for number in range(1, 1_202))))

    assert sorted(call.tickets for call in desk.calls) == [201, 500, 500]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_ticket_twice_is_asked_once(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED)

    source(kind).replies(about("1", "1"))

    assert [call.tickets for call in desk.calls] == [1]


@pytest.mark.parametrize("kind", ["zendesk", "freshdesk"])
@pytest.mark.parametrize("number", ["ABC-1", "../users/me", "", "0", "-1", "007", "٣", "9" * 19])
def test_a_number_the_vendor_cannot_have_is_not_asked_for(
    kind: str, number: str, desk: StandInHelpdesk, source: Build
) -> None:
    desk.ticket("1", opened_at=OPENED)

    answers = source(kind).replies(about(number, "1"))

    assert set(answers) == {"1"}
    assert [call.tickets for call in desk.calls] == [1]


def test_a_name_is_a_number_to_the_generic_endpoint(desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("ABC-1", opened_at=OPENED)

    assert set(source("generic").replies(about("ABC-1"))) == {"ABC-1"}


@pytest.mark.parametrize("kind", ["zendesk", "generic"])
def test_a_reply_at_a_time_unknown_is_a_reply(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED)
    desk.reply("1", at=None)

    assert source(kind).replies(about("1")) == {"1": Answer("1", replied=True, replied_at=None)}


def test_zendesk_knows_the_minute_of_a_reply(desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED)
    desk.reply("1", at=OPENED + timedelta(minutes=7, seconds=59))

    assert source("zendesk").replies(about("1"))["1"].replied_at == OPENED + timedelta(minutes=7)


def test_zendesk_knows_the_second_of_a_reply_to_a_messaging_ticket(desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED, messaging=True)
    desk.reply("1", at=OPENED + timedelta(minutes=7, seconds=59))

    assert source("zendesk").replies(about("1"))["1"].replied_at == OPENED + timedelta(minutes=7, seconds=59)


def test_a_ticket_merged_in_zendesk_is_gone(desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED, merged=True)
    desk.reply("1", at=OPENED)

    assert source("zendesk").replies(about("1")) == {"1": Answer("1", replied=False, replied_at=None, gone=True)}


@pytest.mark.parametrize("kind", ["zendesk", "freshdesk"])
def test_a_ticket_deleted_in_the_help_desk_is_gone(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED)
    desk.bin("1")

    assert source(kind).replies(about("1")) == {"1": Answer("1", replied=False, replied_at=None, gone=True)}


def test_zendesks_metrics_are_read_inside_the_tickets_too(desk: StandInHelpdesk, source: Build) -> None:
    desk.inline_metrics = True
    desk.ticket("1", opened_at=OPENED)
    desk.reply("1", at=OPENED + timedelta(minutes=1))

    assert source("zendesk").replies(about("1"))["1"].replied


def test_sla_buddys_word_for_replied_is_understood(desk: StandInHelpdesk, source: Build) -> None:
    desk.have_replied = True
    desk.ticket("1", opened_at=OPENED)
    desk.reply("1", at=OPENED)

    assert source("generic").replies(about("1"))["1"] == Answer("1", replied=True, replied_at=OPENED)


def test_zendesk_is_signed_in_to_with_email_and_token(desk: StandInHelpdesk, source: Build) -> None:
    desk.expect_basic("agent@acme.example/token", SECRET)
    desk.ticket("1", opened_at=OPENED)

    assert "1" in source("zendesk").replies(about("1"))


def test_freshdesk_is_signed_in_to_with_the_key_as_user(desk: StandInHelpdesk, source: Build) -> None:
    desk.expect_basic(SECRET, "X")
    desk.ticket("1", opened_at=OPENED)

    assert "1" in source("freshdesk").replies(about("1"))


def test_the_generic_endpoint_gets_a_bearer_token(desk: StandInHelpdesk, source: Build) -> None:
    desk.expect_bearer(SECRET)
    desk.ticket("1", opened_at=OPENED)

    assert "1" in source("generic").replies(about("1"))


def test_without_a_token_the_generic_endpoint_gets_no_credential(desk: StandInHelpdesk, source: Build) -> None:
    source("generic", token="").replies(about("1"))

    assert desk.calls[0].authorization == ""


FAULTS: dict[str, Callable[[StandInHelpdesk], None]] = {
    "status 500": lambda desk: desk.fail(500),
    "slow down": lambda desk: desk.fail(429),
    r"credentials \(401\)": lambda desk: desk.expect_basic("somebody", "else"),
    r"credentials \(403\)": lambda desk: desk.fail(403),
    "status 302": lambda desk: desk.fail(302),
    "not JSON": lambda desk: desk.answer_html(),
    "not understood": lambda desk: desk.answer({"tickets": [{"id": 1}], "stats": 4}),
    "could not be reached": lambda desk: desk.drop(),
    "within 0.4 s": lambda desk: desk.stall(3),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("why", FAULTS)
def test_whatever_goes_wrong_makes_the_source_unreachable(
    kind: str, why: str, desk: StandInHelpdesk, source: Build
) -> None:
    desk.ticket("1", opened_at=OPENED)
    FAULTS[why](desk)

    with pytest.raises(SourceUnreachable, match=why) as caught:
        source(kind, timeout=0.4).replies(about("1"))

    assert SECRET not in str(caught.value)
    assert desk.address not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("zendesk", []),
        ("zendesk", {"tickets": None}),
        ("zendesk", {"tickets": [7]}),
        ("zendesk", {"tickets": [{"id": 1, "created_at": "2026-03-02T09:00:00Z"}], "metric_sets": []}),
        ("zendesk", {"tickets": [{"id": 1, "metric_set": {"replies": "many"}}]}),
        ("zendesk", {"tickets": [{"id": 1, "created_at": "soon", "metric_set": {"replies": 1}}]}),
        ("freshdesk", []),
        ("freshdesk", {}),
        ("freshdesk", {"stats": {"first_responded_at": 1772454600}}),
        ("freshdesk", {"stats": {"first_responded_at": "2026-03-02T09:00:00"}}),
        ("generic", {}),
        ("generic", [1]),
        ("generic", [{"ticket_id": "1"}]),
        ("generic", [{"ticket_id": "1", "replied": "no"}]),
        ("generic", [{"ticket_id": "1", "replied": True, "replied_at": "yesterday"}]),
    ],
)
def test_json_of_another_shape_is_no_answer(kind: str, body: object, desk: StandInHelpdesk, source: Build) -> None:
    desk.answer(body)

    with pytest.raises(SourceUnreachable, match="not understood"):
        source(kind).replies(about("1"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_ticket_nobody_asked_about_is_ignored(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    other = {
        "zendesk": {"tickets": [{"id": 2, "metric_set": {"replies": 0}}]},
        "generic": [{"ticket_id": "2", "replied": False}],
    }
    if kind in other:
        desk.answer(other[kind])

    assert source(kind).replies(about("1")) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slowness", ["stall", "drip", "drip_head"])
def test_a_slow_vendor_holds_nobody_past_the_deadline(
    kind: str, slowness: str, desk: StandInHelpdesk, source: Build
) -> None:
    numbers = [str(number) for number in range(1, 31)]
    for number in numbers:
        desk.ticket(number, opened_at=OPENED)
    asked = source(kind, timeout=0.5)
    if slowness == "stall":
        desk.stall(5)
    else:
        desk.drip(0.05, head=slowness == "drip_head")
    started = time.monotonic()

    with pytest.raises(SourceUnreachable, match="within 0.5 s"):
        asked.replies(about(*numbers))

    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_closed_under_us_is_tried_once_more(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED)
    desk.drop(times=1)

    assert "1" in source(kind).replies(about("1"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_recovers_with_its_vendor(kind: str, desk: StandInHelpdesk, source: Build) -> None:
    desk.ticket("1", opened_at=OPENED)
    asked = source(kind, timeout=0.4)
    desk.stall(2, times=1)
    with pytest.raises(SourceUnreachable):
        asked.replies(about("1"))

    assert "1" in asked.replies(about("1"))


def test_one_bad_page_spoils_the_batch(desk: StandInHelpdesk, source: Build) -> None:
    numbers = [str(number) for number in range(1, 251)]
    for number in numbers:
        desk.ticket(number, opened_at=OPENED)
    desk.fail(500, times=1)

    with pytest.raises(SourceUnreachable):
        source("zendesk").replies(about(*numbers))


def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    source = from_settings(kind="generic", url=f"http://:{SECRET}@127.0.0.1:{port}/x")
    assert source is not None

    with pytest.raises(SourceUnreachable, match="could not be reached") as caught:
        source.replies(about("1"))

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("kind", ["", "none", " None "])
def test_without_a_help_desk_there_is_no_source(kind: str) -> None:
    assert from_settings(kind=kind) is None


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"kind": "jira", "url": "https://x"}, "HELPDESK: zendesk"),
        ({"kind": "generic", "url": ""}, "HELPDESK_URL"),
        ({"kind": "generic", "url": "acme.zendesk.com"}, "HELPDESK_URL"),
        ({"kind": "generic", "url": "ftp://x"}, "HELPDESK_URL"),
        ({"kind": "zendesk", "url": "https://x", "token": "t"}, "HELPDESK_USER"),
        ({"kind": "zendesk", "url": "https://x", "user": "u"}, "HELPDESK_TOKEN"),
        ({"kind": "freshdesk", "url": "https://x"}, "HELPDESK_TOKEN"),
        ({"kind": "generic", "url": "https://x", "token": "ключ"}, "HELPDESK_TOKEN"),
    ],
)
def test_settings_that_name_no_help_desk_say_what_to_set(settings: dict[str, str], names: str) -> None:
    with pytest.raises(MisconfiguredHelpDesk, match=names):
        from_settings(**settings)  # type: ignore[arg-type]
