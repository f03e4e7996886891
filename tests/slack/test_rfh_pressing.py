"""The buttons under what Slack hears of a request for help, and the modals they open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse

from apps.integrations.slack import rfh_buttons
from apps.people.models import Agent
from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, answers, heard, post
from tests.slack.requests import engineer, errors, supporter
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import picked_user, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
TS = "1773824400.000100"


def press(action: str, rfh: RFH | str, user: str = "UFARID", **more: Any) -> str:
    """What was answered to who pressed."""
    value = str(rfh.pk) if isinstance(rfh, RFH) else rfh
    heard(payloads.block_actions(action, user=user, channel=HERE, message_ts=TS, value=value, **more))
    said = answers()
    return said[-1].text if said else ""


def submit(callback: str, view: dict[str, Any], user: str = "UFARID", **said: str) -> HttpResponse:
    """The modal as the stand-in was shown it, filled in."""
    values = {block: {"value": picked_user(value) if block == "who" else typed(value)} for block, value in said.items()}
    return post(payloads.view_submission(callback, values, user=user, private_metadata=view["private_metadata"]))


def fresh(rfh: RFH) -> RFH:
    return RFH.objects.select_related("owner").get(pk=rfh.pk)


def happened(type: str) -> int:
    return StoredEvent.objects.filter(type=type).count()


@pytest.fixture
def farid() -> Agent:
    return engineer()


def test_acknowledged_and_started_by_its_team_in_a_click_each_once(farid: Agent) -> None:
    rfh = make.filed_rfh()

    said = [press(action, rfh) for action in ("rfh_acknowledge", "rfh_acknowledge", "rfh_start", "rfh_start")]

    assert (fresh(rfh).state, fresh(rfh).owner) == ("in_progress", farid)
    assert (happened("RFHAcknowledged"), happened("RFHStarted")) == (1, 1)
    assert ["is yours. Thank you" in said[0], "yours already" in said[1], "already" in said[3]] == [True, True, True]
    assert all(each.private and each.thread_ts == TS for each in answers())


def test_the_second_who_acknowledges_is_told_from_where_it_would_be_legal(farid: Agent) -> None:
    rfh = make.filed_rfh()
    engineer("Greta")
    press("rfh_acknowledge", rfh)

    said = press("rfh_acknowledge", rfh, user="UGRETA")

    assert "not possible while the request is acknowledged: only from filed, handed over" in said
    assert str(fresh(rfh).owner) == "Farid"


def test_taking_it_takes_it_from_who_had_it_and_what_nobody_had_is_acknowledged(farid: Agent) -> None:
    engineer("Greta")
    rfh = make.filed_rfh()
    press("rfh_take", rfh)
    state = fresh(rfh).state

    said = press("rfh_take", rfh, user="UGRETA")

    assert (state, str(fresh(rfh).owner), fresh(rfh).state) == ("acknowledged", "Greta", "acknowledged")
    assert "from Farid" in said


@pytest.mark.parametrize("action", sorted(rfh_buttons.BUTTONS))
def test_who_may_not_and_who_is_not_known_change_nothing(standin: StandInSlack, action: str) -> None:
    engineer("Eve", make.team("elsewhere"))
    rfh = make.filed_rfh()

    theirs = press(action, rfh, user="UEVE")
    strangers = press(action, rfh, user="USTRANGER")

    assert "for those of Delivery and support to move" in theirs
    assert "do not know you" in strangers
    assert (fresh(rfh).state, fresh(rfh).version, standin.views) == ("filed", rfh.version, [])


@pytest.mark.parametrize("value", ["", "x", "999999", "9" * 40, "1; DROP"])
def test_a_button_of_a_request_that_is_not_there_says_so(farid: Agent, value: str) -> None:
    assert "There is no request for help" in press("rfh_acknowledge", value)


def test_answered_in_a_modal_once(standin: StandInSlack, farid: Agent) -> None:
    rfh = make.filed_rfh(summary="Boards & <more>")
    press("rfh_answer", rfh)
    [view] = standin.views

    refused = errors(submit("rfh_give_answer", view, answer="  "))
    for _ in range(2):
        assert submit("rfh_give_answer", view, answer="Use <mmctl>.").content == b""
    again = errors(submit("rfh_give_answer", view, answer="Another."))

    assert "Boards &amp; &lt;more&gt;" in json.dumps(view)
    assert refused == {"answer": "Write the answer."}
    assert "not possible while the request is answered" in again["answer"]
    assert (fresh(rfh).answer, fresh(rfh).answered_by, happened("RFHAnswered")) == ("Use <mmctl>.", "Farid", 1)
    assert "is answered" in answers()[-1].text


def test_no_modal_opens_for_a_step_that_is_not_legal(standin: StandInSlack, farid: Agent) -> None:
    supporter()

    said = [press("rfh_answer", make.rfh(), user="UANA"), press("rfh_solved", make.filed_rfh(), user="UANA")]

    assert all("not possible while" in each for each in said)
    assert standin.views == []


def test_a_teammate_who_knew_ends_it(standin: StandInSlack) -> None:
    supporter()
    supporter("Ben")
    rfh = make.rfh()
    services.ask_teammates(rfh, by=make.acting(), now=make.NOW)
    press("rfh_solved", rfh, user="UANA")
    [view] = standin.views

    submit("rfh_teammate_solved", view, user="UANA", answer="Use mmctl.", who="UBEN")

    assert (fresh(rfh).outcome, fresh(rfh).answered_by, fresh(rfh).answer) == (
        "solved_by_teammate",
        "Ben",
        "Use mmctl.",
    )
    assert "engineering was not needed" in answers()[-1].text


def test_the_engineer_says_whether_they_work_with_the_customer(farid: Agent) -> None:
    engineer("Greta")
    one, other = make.filed_rfh(ticket=make.ticket("4711")), make.filed_rfh()

    said, _ = (press("rfh_join_yes", one) for _ in range(2))
    late = press("rfh_join_yes", one, user="UGRETA")
    stays = press("rfh_join_no", other, user="UGRETA")

    assert (fresh(one).works_with_customer, fresh(one).owner) == ("yes", farid)
    assert "ticket 4711" in said
    assert "Farid works with the customer on" in late
    assert (fresh(other).works_with_customer, "support goes on" in stays) == ("no", True)
    assert happened("EngineerJoinedCustomer") == 1


def test_a_click_that_slack_sends_twice_is_one(farid: Agent) -> None:
    rfh = make.filed_rfh()
    body = payloads.block_actions("rfh_acknowledge", user="UFARID", channel=HERE, message_ts=TS, value=str(rfh.pk))

    heard(body)
    heard(body)

    assert (happened("RFHAcknowledged"), len(answers())) == (1, 1)
