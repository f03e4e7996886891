"""Channels of single incidents: made once, and whoever is concerned is invited once."""

from __future__ import annotations

from typing import Any

import pytest

from apps.incidents import services
from apps.incidents.errors import IllegalStep
from apps.incidents.models import Incident
from apps.integrations.slack.gateway import Gateway
from apps.integrations.slack.incident_rooms import Round, name_of
from apps.notices.models import Notice
from apps.people.models import Agent
from apps.rfhs.models import Desk
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE, NOW
from tests.rotations.handing import a_handover, the_set
from tests.standins.slack import StandInSlack

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(standin: StandInSlack) -> dict[str, Agent]:
    found = {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem")}
    for agent in found.values():
        standin.add_user(str(agent.slack_id), agent.first_name.lower())
    return found


def look(minutes: int = 0) -> Round:
    around = Round(Gateway(), clock=lambda: NOW + minutes * MINUTE)
    around.everything()
    return around


def asked(made: Incident, by: Agent) -> None:
    services.open_channel(made, by=make.acting(by), now=NOW)


def test_whoever_asks_gets_a_channel_and_those_concerned_are_in_it(
    standin: StandInSlack, cast: dict[str, Agent], settings: Any
) -> None:
    settings.INCIDENTS_CHANNEL = "C0CRASH"
    made = make.incident(title="Login für alle is down!", point=cast["ana"], contact=cast["ben"])
    asked(made, cast["cem"])

    look()

    made.refresh_from_db()
    channel = standin.channels[made.slack_channel]
    assert channel.name == f"inc-{made.pk}-login-fur-alle-is-down"
    assert {"UANA", "UBEN"} <= set(channel.members)
    # It begins with the incident as it is, and #crash and who asked hear where it is.
    assert Notice.objects.get(recipient=channel.id).blocks[0]["block_id"] == "incident"
    assert f"You asked for a channel: it is spoken of in <#{channel.id}>" in Notice.objects.get(recipient="UCEM").text

    standin.calls.clear()
    look(1)
    assert standin.calls == []

    services.change(made, {"lead": cast["cem"]}, by=make.acting(), now=NOW)
    look(2)
    assert "UCEM" in channel.members


def test_it_is_asked_for_once_and_only_while_the_incident_is_open(cast: dict[str, Agent]) -> None:
    made = make.incident()
    assert services.open_channel(made, by=make.acting(cast["ana"]), now=NOW)
    assert not services.open_channel(made, by=make.acting(cast["ben"]), now=NOW)

    services.close(made, by=make.acting(), now=NOW)
    with pytest.raises(IllegalStep):
        services.open_channel(made, by=make.acting(), now=NOW)


def test_a_channel_that_slack_made_unseen_is_found_and_not_made_again(
    standin: StandInSlack, cast: dict[str, Agent]
) -> None:
    made = make.incident()
    asked(made, cast["ana"])
    standin.drop_after("conversations.create")
    look()
    assert not Incident.objects.get().slack_channel

    look(2)

    made.refresh_from_db()
    assert standin.channels[made.slack_channel].name == name_of(made.number, made.title)
    assert len([each for each in standin.channels.values() if each.creator]) == 1


def test_a_name_that_is_taken_gets_a_number(standin: StandInSlack, cast: dict[str, Agent]) -> None:
    made = make.incident()
    standin.add_channel("C0OTHER", name_of(made.number, made.title))
    asked(made, cast["ana"])

    look()

    made.refresh_from_db()
    assert standin.channels[made.slack_channel].name == f"{name_of(made.number, made.title)}-2"


def test_where_slack_makes_none_whoever_asked_hears_why_and_may_ask_again(
    standin: StandInSlack, cast: dict[str, Agent]
) -> None:
    made = make.incident()
    asked(made, cast["ana"])
    standin.refuse("conversations.create", "missing_scope", times=1)

    look()

    assert "channels:manage" in str(Notice.objects.get(recipient="UANA").blocks)
    assert services.open_channel(made, by=make.acting(cast["ana"]), now=NOW)


def test_of_many_that_are_invited_one_whom_slack_does_not_take_holds_up_nobody(
    standin: StandInSlack, cast: dict[str, Agent]
) -> None:
    made = make.incident(point=cast["ana"], contact=make.agent("Zoe"))
    asked(made, cast["ana"])

    look()

    made.refresh_from_db()
    assert "UANA" in standin.channels[made.slack_channel].members
    told = StoredEvent.objects.get(type="InvitedToChannel")
    assert told.payload["left_out"] == ["Zoe (user_not_found)"]
    assert f"incident:{made.pk}" in told.about


def test_the_team_that_comes_on_duty_is_invited_to_where_incidents_are_spoken_of(
    standin: StandInSlack, settings: Any
) -> None:
    the_set()
    handover = a_handover()
    Desk.objects.create(team=handover.rotation.team, is_set=True)
    made = make.incident()
    services.note_thread(made, channel="C0CRASH", thread_ts="1.2")
    coming = [row.agent for row in handover.people.filter(side="incoming")]
    for agent in coming:
        standin.add_user(str(agent.slack_id), agent.first_name)

    look()

    assert coming
    assert set(standin.channels["C0CRASH"].members) == {agent.slack_id for agent in coming}


def test_the_worst_get_one_without_being_asked(settings: Any) -> None:
    settings.INCIDENT_CHANNEL_LEVELS = frozenset({"L1"})

    worst, other = make.incident(severity="sev-1"), make.incident(severity="sev-3")

    worst.refresh_from_db()
    other.refresh_from_db()
    assert worst.channel_asked_at == NOW
    assert other.channel_asked_at is None
