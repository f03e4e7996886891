"""Who hears of a hand-over in Slack."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.notices.models import Notice
from apps.pages import services as pages
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rotations import services
from tests import make
from tests.rotations.handing import CHANGE, DUE, a_handover, of, the_set

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def base(settings: Any) -> None:
    settings.BASE_URL = "https://support.example.com"


def owed() -> list[tuple[str, str]]:
    return list(Notice.objects.filter(about__startswith="handover:").order_by("pk").values_list("channel", "text"))


def left_behind(people: dict[str, Agent]) -> None:
    page = make.page("The login is <down>")
    pages.acknowledge(page, by=Acting(people["ana"]), now=make.NOW)
    handover = a_handover()
    services.close_when_changed(handover, now=CHANGE)
    services.settle(handover, now=CHANGE)


def test_the_incoming_lead_hears_in_person_what_was_left_to_them() -> None:
    left_behind(the_set())

    [(channel, text)] = owed()
    assert channel == "UMAX"
    assert text.startswith(":warning: *Nobody took one item in the hand-over of SET.* <@UMAX>, what was left is yours")
    assert "The login is &lt;down&gt;>, until now Ana's" in text
    assert "https://support.example.com/rotations/handovers/" in text


def test_of_a_lead_without_a_slack_id_the_channel_hears() -> None:
    left_behind(the_set(max=make.agent("Max", slack_id=None)))

    [(channel, text)] = owed()
    assert channel == "C0SET"
    assert "It is Max's now" in text


def test_where_nothing_was_left_nobody_hears() -> None:
    the_set()
    handover = a_handover()
    services.close_when_changed(handover, now=CHANGE)

    services.settle(handover, now=CHANGE)

    assert owed() == []


def test_both_leads_are_reminded_once_a_day_until_they_confirm() -> None:
    people = the_set()
    handover = a_handover()

    services.nag(handover, now=DUE)
    services.nag(handover, now=DUE + timedelta(hours=3))
    services.confirm(handover, of(handover, "Lea"), by=people["lea"], now=DUE + timedelta(hours=4))
    services.nag(handover, now=DUE + timedelta(days=1))

    assert [channel for channel, _ in owed()] == ["ULEA", "UMAX", "UMAX"]
    assert "You have not confirmed it yet (outgoing)." in owed()[0][1]


def test_the_channel_hears_of_what_could_be_given_to_nobody(settings: Any) -> None:
    the_set()
    handover = a_handover()
    settings.HANDOVER_PROVIDERS = ["tests.rotations.failing_items"]

    services.look_after_handovers(now=CHANGE + timedelta(hours=1))

    [(channel, text)] = owed()
    assert (channel, "Incidents could not be read" in text) == ("C0SET", True)
    assert Notice.objects.filter(about=handover.stream).count() == 1
