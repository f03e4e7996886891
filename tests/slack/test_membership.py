"""Who is in the channels of a hand-over."""

from __future__ import annotations

import pytest

from apps.integrations.slack import membership
from apps.integrations.slack.gateway import Gateway
from apps.integrations.slack.models import ChannelMembers
from tests import make
from tests.rotations.handing import CHANGE, a_handover, the_set
from tests.standins.slack import StandInSlack

pytestmark = pytest.mark.django_db

MANY = [f"U{number:05}" for number in range(450)]


def read(channels: list[str]) -> int:
    return membership.read(channels, Gateway(), clock=lambda: make.NOW)


def test_all_pages_of_a_channel_s_members_are_read(standin: StandInSlack) -> None:
    standin.add_channel("C0SET", "set", members=MANY)

    assert read(["C0SET"]) == 1

    assert membership.known(["C0SET"])["C0SET"].member_ids == frozenset(MANY)


def test_what_cannot_be_read_says_why_and_keeps_the_last_good_copy(standin: StandInSlack) -> None:
    standin.add_channel("C0SET", "set", members=["U1"])
    read(["C0SET"])
    standin.refuse("conversations.members", "channel_not_found")

    assert read(["C0SET", "C0NEW"]) == 0

    known = membership.known(["C0SET", "C0NEW", "C0NEVER"])
    assert (known["C0SET"].member_ids, known["C0SET"].problem) == ({"U1"}, "The bot is not in it: invite it there.")
    assert (known["C0NEW"].read_at, "C0NEVER" in known) == (None, False)


def test_the_channels_of_hand_overs_to_come_are_asked_for_the_longest_unread_first() -> None:
    the_set()
    handover = a_handover()
    handover.rotation.channel = make.channel("C0ONCALL", "on-call")
    handover.rotation.save()
    ChannelMembers.objects.create(slack_id="C0ONCALL", asked_at=make.NOW)

    assert membership.wanted(now=make.NOW) == ["C0SET", "C0ONCALL"]
    assert membership.wanted(now=CHANGE) == []
