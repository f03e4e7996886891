"""The topic of the channel of all incidents: Crashbot's form, within Slack's limit, told only when it changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.incidents import services
from apps.integrations.slack.following import Round
from apps.integrations.slack.gateway import Gateway
from apps.integrations.slack.topics import ALL_WELL, LONGEST, Broken, Duty, Part, incidents
from apps.rotations.models import Rotation
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE, NOW
from tests.standins.slack import StandInSlack

CRASH = "C0CRASH"
ON_DUTY = Part("SET", (Duty("primary", ("Ana",)),))


def broken(number: int, title: str = "Login is down", description: str = "", severity: str = "sev-1") -> Broken:
    return Broken(severity, f"INC-{number}", title, description)


def test_each_open_incident_is_a_line_with_its_severity() -> None:
    said = incidents([broken(7, description="Nobody\ngets in"), broken(3, "Search is slow", severity="sev-3")])

    assert said == "1️⃣ INC-7 Login is down ~ Nobody gets in\n3️⃣ INC-3 Search is slow"


def test_each_is_cut_as_crashbot_cuts_it() -> None:
    said = incidents([broken(7, description="x" * 300), broken(8, description="y" * 300)])

    first, second = said.split("\n")
    assert len(first) == len(second) == 250 // 2 - 2
    assert first.endswith("x ...")


def test_while_all_is_well_it_says_so() -> None:
    assert incidents([]) == ":white_check_mark: All systems operational. Please use one thread per incident"
    assert incidents([], [ON_DUTY]) == f"{ALL_WELL} | SET: primary Ana"


def test_of_more_than_have_room_it_says_how_many() -> None:
    said = incidents([broken(number) for number in range(1, 61)])

    assert said.startswith("1️⃣ INC-1\n1️⃣ INC-2\n")
    assert said.endswith("more")


@given(st.lists(st.text(max_size=80), max_size=120), st.booleans())
@settings(max_examples=60, deadline=None)
def test_it_is_never_longer_than_slack_takes(titles: list[str], on_duty: bool) -> None:
    found = incidents(
        [broken(number, title) for number, title in enumerate(titles, start=1)], [ON_DUTY] if on_duty else ()
    )

    assert 0 < len(found) <= LONGEST


def look(minutes: int = 0) -> Round:
    around = Round(Gateway(), clock=lambda: NOW + minutes * MINUTE)
    around.everything()
    return around


@pytest.mark.django_db
def test_the_channels_topic_follows_what_is_open_and_slack_is_asked_nothing_meanwhile(
    standin: StandInSlack, settings: Any
) -> None:
    settings.INCIDENTS_CHANNEL = "#crash"
    make.channel(CRASH, "crash")
    standin.add_channel(CRASH, "crash").topic = "Old words"
    made = make.incident(title="Login <!channel> is down")

    look()
    assert standin.channels[CRASH].topic == f"1️⃣ {made.number} Login ‹!channel› is down"
    # What people had written is not lost.
    assert StoredEvent.objects.get(type="TopicSet").payload["replaced"] == "Old words"

    # Slack tells emoji by their names; that is no change.
    standin.channels[CRASH].topic = standin.channels[CRASH].topic.replace("1️⃣", ":one:")
    look(61)
    assert len(standin.calls_of("conversations.setTopic")) == 1
    standin.calls.clear()
    services.post_update(made, by=make.acting(), now=NOW, internal_note="We look")
    look(62)
    assert standin.calls == []

    services.close(made, by=make.acting(), now=NOW)
    look(63)
    assert standin.channels[CRASH].topic == ALL_WELL


@pytest.mark.django_db
def test_who_is_on_duty_there_stands_behind_what_is_broken(standin: StandInSlack, settings: Any) -> None:
    settings.INCIDENTS_CHANNEL = CRASH
    rotation = make.rotation(make.layer(make.agent()))
    Rotation.objects.filter(pk=rotation.pk).update(channel=make.channel(CRASH, "crash"))

    look()

    assert standin.channels[CRASH].topic == f"{ALL_WELL} | SET: primary Ana"
