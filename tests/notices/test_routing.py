"""Where notices go."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from apps.integrations.slack.events import SlackAnswered
from apps.integrations.slack.messages import Places, permalink
from apps.notices import routing
from apps.notices.routing import Owed
from tests.notices.reached import ANA, BEN, THREAD, reached

EVENT = UUID("01890000-0000-7000-8000-000000000001")


def owed(now: datetime, default_channel: str = "", **fields: Any) -> list[Owed]:
    return routing.for_escalation(
        reached(at=now, **fields),
        event_id=EVENT,
        at=now,
        about="ticket:4711",
        places=Places(),
        default_channel=default_channel,
    )


def answered(**fields: Any) -> SlackAnswered:
    defaults = {"asked": "why", "channel": "C100", "thread_ts": THREAD, "user": "UANA", "private": False}
    return SlackAnswered(**{**defaults, "text": "Because.", "number": "4711", **fields})


def test_a_tier_speaks_in_the_tickets_thread(now: datetime) -> None:
    [one] = owed(now)

    assert (one.channel, one.thread_ts, one.recipient) == ("C100", THREAD, f"C100/{THREAD}")
    assert not one.error


def test_a_ticket_without_a_thread_speaks_in_its_channel(now: datetime) -> None:
    [one] = owed(now, thread_ts="")

    assert (one.channel, one.thread_ts, one.recipient) == ("C100", "", "C100")


def test_a_ticket_of_no_channel_speaks_in_the_default_channel(now: datetime) -> None:
    [one] = owed(now, "C0DEFAULT", channel="", thread_ts="")

    assert one.recipient == "C0DEFAULT"


@pytest.mark.parametrize("name", ["#support", "support", "C" + "0" * 20])
def test_a_default_channel_that_is_no_id_is_none(now: datetime, name: str) -> None:
    [one] = owed(now, name, channel="", thread_ts="", people=[])

    assert one.error.startswith("Nowhere to send it:")


def test_without_any_channel_everybody_meant_hears_in_person(now: datetime) -> None:
    cleo = {**ANA, "name": "Cleo", "slack_id": "UCLEO"}

    messages = owed(now, channel="", thread_ts="", people=[ANA, BEN, cleo])

    assert [one.channel for one in messages] == ["UANA", "UCLEO"]


def test_when_nobody_can_be_told_the_notice_says_so(now: datetime) -> None:
    [one] = owed(now, channel="", thread_ts="", people=[BEN])

    assert one.error.startswith("Nowhere to send it:")
    assert one.recipient == "nobody"


def test_a_channel_as_audience_hears_as_well_with_a_link_to_the_thread(now: datetime) -> None:
    thread, channel = owed(now, people=[], channels=["C0LEADS"])

    link = permalink("C100", THREAD)
    assert thread.recipient == f"C100/{THREAD}"
    assert link not in str(thread.blocks)
    assert channel.recipient == "C0LEADS"
    assert link in str(channel.blocks)


def test_the_tickets_own_channel_as_audience_hears_once(now: datetime) -> None:
    assert len(owed(now, thread_ts="", people=[], channels=["C100"])) == 1


def test_an_audience_channel_is_enough(now: datetime) -> None:
    [one] = owed(now, channel="", thread_ts="", people=[], channels=["C0LEADS"])

    assert one.recipient == "C0LEADS"


def test_an_answer_goes_where_it_was_asked() -> None:
    [one] = routing.for_answer(answered(), about="ticket:4711")

    assert (one.recipient, one.kind, one.user) == (f"C100/{THREAD}", "message", "")


def test_an_answers_summary_is_plain() -> None:
    text = "<@UANA> waits until <!date^1773824400^{time}|09:00 UTC> &amp; no longer"

    [one] = routing.for_answer(answered(text=text), about="ticket:4711")

    assert one.summary == "Answer to “why”: @UANA waits until 09:00 UTC & no longer"


def test_a_private_answer_is_for_the_asker_alone() -> None:
    [one] = routing.for_answer(answered(private=True), about="ticket:4711")

    assert (one.recipient, one.kind, one.user) == (f"C100/{THREAD}/UANA", "private", "UANA")


def test_an_answer_to_somebody_in_no_channel_is_a_direct_message() -> None:
    [one] = routing.for_answer(answered(private=True, channel="", thread_ts=""), about="")

    assert (one.channel, one.kind) == ("UANA", "message")
