"""The Home tab: the guide for everybody, shifts and tickets for agents."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from apps.integrations.slack.models import SlackEvent
from tests import make
from tests.slack.inbound import heard
from tests.slack.incidents import reporter
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]


def opened(slack: StandInSlack, user: str, tab: str = "home") -> str:
    heard(payloads.event_callback(payloads.app_home_opened(user, tab)))
    return json.dumps(slack.homes.get(user, {}), ensure_ascii=False)


def test_an_agent_sees_the_guide_who_is_on_shift_and_what_is_next(standin: StandInSlack) -> None:
    now = datetime.now(UTC)
    make.shift(make.agent("Ana"), start=now - timedelta(hours=1))
    make.shift(make.agent("Ben"), kind="embedded", product="Auth <x>", start=now - timedelta(hours=1))
    make.shift(make.agent("Cleo"), start=now - timedelta(hours=9))
    make.policy()
    make.ticket("4711", opened_at=now, customer=make.customer("acme"))

    shown = opened(standin, "UANA")

    assert "Only that stops the clock" in shown
    assert "<@UANA>, support" in shown
    assert "<@UBEN>, embedded in Auth &lt;x&gt;" in shown
    assert "UCLEO" not in shown
    assert "Ticket 4711> of Acme" in shown


def test_what_is_broken_is_shown_to_who_may_see_it(standin: StandInSlack) -> None:
    make.agent("Eve")
    made = make.incident("Logins <fail>", point=reporter())

    shown, hidden = opened(standin, "UANA"), opened(standin, "UEVE")

    assert f"/incidents/{made.pk}/|{made}> Logins &lt;fail&gt;: investigating" in shown
    assert ["point <@UANA>" in shown, "_nobody has acknowledged it_" in shown] == [True, True]
    assert "fail" not in hidden


def test_with_nothing_going_on_the_tab_says_so(standin: StandInSlack) -> None:
    make.agent("Ana")

    shown = opened(standin, "UANA")

    assert "Nobody is on shift." in shown
    assert "No ticket is waiting" in shown


def test_a_stranger_sees_the_guide_and_no_tickets(standin: StandInSlack) -> None:
    make.policy()
    make.ticket("4711", opened_at=datetime.now(UTC))

    shown = opened(standin, "USTRANGER")

    assert "Only that stops the clock" in shown
    assert "4711" not in shown


def test_the_messages_tab_needs_nothing(standin: StandInSlack) -> None:
    opened(standin, "UANA", "messages")

    assert standin.homes == {}
    assert SlackEvent.objects.get().state == "done"


def test_a_home_slack_refuses_for_good_is_a_failure_on_record(standin: StandInSlack) -> None:
    standin.refuse("views.publish", "not_enabled")

    opened(standin, "UANA")

    event = SlackEvent.objects.get()
    assert (event.state, "not_enabled" in event.error) == ("failed", True)
