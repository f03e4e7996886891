"""Why me?, answered to whoever pressed, and to nobody else."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from apps.escalations.events import EscalationReached
from apps.integrations.slack.models import SlackEvent
from apps.trail import services as trail
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, ago, answers, heard, post
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]

ANA = {"name": "Ana", "email": "ana@example.com", "slack_id": "UANA", "because": "is on shift (support) until 17:00"}
BEN = {"name": "Ben & co", "email": "ben@example.com", "slack_id": "UBEN", "because": "is a member of “Heads”"}


def reached(**change: Any) -> str:
    """A tier was reached; the id of its event."""
    facts: dict[str, Any] = {
        "check": 1, "clock": 1, "number": "4711", "subject": "", "url": "", "customer": "", "plan": "enterprise",
        "severity": "urgent", "type": "problem", "policy": "Enterprise", "promise": "first_response",
        "within": timedelta(minutes=50), "tier": 2, "audience": {"kind": "on_shift", "label": "Everybody on shift"},
        "people": [ANA, BEN], "mentions": [], "channels": [], "notes": ["Nobody is “X” now, so “Y” hears as well."],
        "message": "", "started_at": make.NOW, "due_at": make.NOW, "check_due_at": make.NOW, "next_tier": None,
        "unknown_since": None, "channel": HERE, "thread_ts": "1.0",
    }  # fmt: skip
    entry = trail.record(EscalationReached(**facts | change), about=["ticket:4711"], now=make.NOW)
    return str(entry.id)


def why_me(value: str, user: str = "UANA") -> str:
    return payloads.block_actions(
        "why_me", user=user, channel=HERE, message_ts=ago(), thread_ts="1773824400.000100", value=value
    )


def test_the_chosen_person_learns_policy_tier_and_shift() -> None:
    heard(why_me(reached()))

    [answer] = answers()
    assert (answer.private, answer.user, answer.thread_ts) == (True, "UANA", "1773824400.000100")
    for words in ("Enterprise", "tier 2", "within 50 min", "on shift (support) until 17:00", "hears as well"):
        assert words in answer.text


def test_a_private_answer_is_one_line_of_the_story() -> None:
    heard(why_me(reached()))

    sentence = StoredEvent.objects.get(type="SlackAnswered").sentence
    assert sentence == "The bot answered “Why me?” to whoever asked alone"


def test_a_shifts_end_is_told_in_the_readers_own_zone() -> None:
    until = make.NOW + timedelta(hours=8)
    person = {**ANA, "because": "is on shift (support)", "until": until.isoformat()}

    heard(why_me(reached(people=[person])))

    date = f"<!date^{int(until.timestamp())}^{{date_short_pretty}} at {{time}}|18 Mar 2026 17:00 UTC>"
    assert f"is on shift (support) until {date}." in answers()[0].text


def test_who_was_not_meant_learns_who_was() -> None:
    heard(why_me(reached(), user="UCLEO"))

    text = answers()[0].text
    assert "You were not meant" in text
    assert "Ana: is on shift" in text
    assert "Ben &amp; co" in text


def test_where_a_group_was_meant_nobody_is_named() -> None:
    heard(why_me(reached(people=[], audience={"kind": "user_group", "label": "@group-support"})))

    assert "@group-support" in answers()[0].text
    assert "Nobody was meant by name" in answers()[0].text


@pytest.mark.parametrize("value", ["", "rubbish", str(uuid.UUID(int=5))])
def test_a_message_nobody_remembers_is_answered(value: str) -> None:
    heard(why_me(value))

    assert answers()[0].private
    assert "no longer know" in answers()[0].text


def test_an_event_of_another_kind_is_not_explained() -> None:
    make.ticket("4711")
    opened = StoredEvent.objects.get(type="TicketOpened")

    heard(why_me(str(opened.event_id)))

    assert "no longer know" in answers()[0].text


def test_open_ticket_is_a_link_and_only_acknowledged() -> None:
    body = payloads.block_actions("open_ticket", user="UANA", channel=HERE, message_ts=ago())

    assert post(body).status_code == 200
    assert not SlackEvent.objects.exists()


@pytest.mark.parametrize("actions", [[], None, "x", [5]])
def test_a_press_without_a_button_is_a_bad_request(actions: Any) -> None:
    body = payloads._interaction({"type": "block_actions", "user": {"id": "U1"}, "actions": actions})

    assert post(body).status_code == 400
    assert not SlackEvent.objects.exists()
