"""/rfh: what one asked for, and asking for more; and where the Home tab shows it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse

from apps.integrations.slack.models import SlackEvent
from apps.people.models import Agent
from apps.rfhs.models import RFH, Area
from tests import make
from tests.slack.inbound import HERE, answers, heard, post
from tests.slack.requests import engineer, errors, supporter
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import picked, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
HOSTILE = "<!channel> *now* & <https://evil.example|here>"


def command(text: str = "", user: str = "UANA", **more: Any) -> str:
    return payloads.slash_command("/rfh", user=user, channel=HERE, text=text, **more)


def submit(user: str = "UANA", view_id: str = "V1", **said: str) -> HttpResponse:
    """The modal as it could be sent; `said` names blocks."""
    filled = {
        "ticket": "",
        "summary": "How does one move a board?",
        "kind": "help",
        "priority": "p2",
        "next": "draft",
        **said,
    }
    chosen = {"kind", "priority", "next"}
    values = {block: {"value": (picked if block in chosen else typed)(value)} for block, value in filled.items()}
    return post(payloads.view_submission("rfh_ask", values, user=user, view_id=view_id))


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


@pytest.fixture
def ana() -> Agent:
    make.channel(HERE)
    return supporter()


def test_a_ticket_s_number_and_words_are_filled_in(standin: StandInSlack, ana: Agent) -> None:
    make.ticket("4711", subject="Boards", severity="urgent", customer=make.customer("acme"))

    heard(command("4711 How does one <move> a board?"))

    [view] = standin.views
    shown = fields(view)
    assert shown["ticket"]["initial_value"] == "4711"
    assert shown["summary"]["initial_value"] == "How does one <move> a board?"
    assert "*Ticket 4711* of Acme: Boards" in json.dumps(view["blocks"][0])
    assert "*P1* (urgent ticket" in json.dumps(view["blocks"][1])
    assert shown["priority"]["initial_option"]["value"] == "p1"
    assert {"environment", "steps_to_reproduce", "recent_changes", "affected", "not_affected", "urgency"} <= set(shown)
    assert len(view["blocks"]) <= 100


def test_words_that_begin_with_a_number_are_words(standin: StandInSlack, ana: Agent) -> None:
    heard(command("500 errors " + "x" * 400))

    shown = fields(standin.views[0])
    assert "initial_value" not in shown["ticket"]
    assert len(shown["summary"]["initial_value"]) == 200
    assert shown["description"]["initial_value"].endswith("xxx")


def test_what_is_sent_is_a_draft_and_the_answer_says_what_is_missing_and_where_it_is(ana: Agent) -> None:
    make.ticket("4711", customer=make.customer("acme"))

    response = submit(ticket="#4711", urgency="A demo on Friday", timeline="this week", kind="question", priority="p1")

    rfh = RFH.objects.get()
    assert response.content == b""
    assert (rfh.state, rfh.source, rfh.kind, rfh.priority, rfh.timeline) == (
        "draft",
        "slack",
        "question",
        "p1",
        "this week",
    )
    assert (rfh.accountable, rfh.ticket.number if rfh.ticket else "", str(rfh.customer)) == (ana, "4711", "Acme")
    assert rfh.context == {"urgency": "A demo on Friday"}
    said = answers()[-1]
    assert (said.user, said.channel) == ("UANA", "")
    assert f"/admin/rfhs/rfh/{rfh.pk}/change/" in said.text
    assert f"/rfhs/{rfh.pk}/form/|Go on in the form>" in said.text
    assert "Still missing, 5 of 6: Customer&#x27;s environment" in said.text.replace("'", "&#x27;")


def test_the_answer_proposes_teams_with_the_words_that_matched(ana: Agent) -> None:
    Area.objects.create(slug="deploy", name="Deployment", team=make.team("delivery"), keywords=["helm", "kubernetes"])

    submit(summary="Helm upgrade fails", description="on Kubernetes")
    submit(summary="Something else", view_id="V2")

    assert "*Delivery*, Deployment (helm, kubernetes)" in answers()[0].text
    assert "proposes no team" in answers()[1].text


def test_teammates_are_asked_at_once_but_not_of_a_defect(ana: Agent) -> None:
    submit(next="teammates")
    submit(next="teammates", kind="defect", view_id="V2")

    assert list(RFH.objects.order_by("pk").values_list("state", flat=True)) == ["asked_teammates", "draft"]
    assert ["teammates are asked" in answers()[0].text, "a defect is not asked" in answers()[1].text] == [True, True]


def test_a_modal_that_is_sent_twice_begins_one_request(ana: Agent) -> None:
    submit(next="teammates")
    submit(next="teammates")

    assert (RFH.objects.count(), len(answers())) == (1, 1)


@pytest.mark.parametrize(
    ("said", "block"),
    [
        ({"ticket": "9999"}, "ticket"),
        ({"summary": "  "}, "summary"),
        ({"summary": "x" * 201}, "summary"),
        ({"kind": "feature", "priority": "p1"}, "priority"),
        ({"kind": "'; DROP TABLE"}, "kind"),
        ({"description": "x" * 20_001}, "description"),
        ({"timeline": "x" * 301}, "timeline"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_begun(
    ana: Agent, said: dict[str, str], block: str
) -> None:
    assert block in errors(submit(**said))
    assert not RFH.objects.exists()


def test_hostile_words_are_kept_and_shown_as_they_are(ana: Agent) -> None:
    submit(summary=HOSTILE, description="a\x00b")

    heard(command())

    assert RFH.objects.get().description == "a\N{REPLACEMENT CHARACTER}b"
    for said in answers():
        assert "<!channel>" not in said.text + json.dumps(said.blocks)
        assert "&lt;!channel&gt;" in said.text


def test_alone_it_lists_one_s_open_requests_and_offers_a_new_one(standin: StandInSlack, ana: Agent) -> None:
    by = make.acting(ana)
    make.filed_rfh(by=by, summary="Move a board")
    make.rfh(by=make.acting(supporter("Ben")), summary="Of somebody else")

    heard(command())
    said = answers()[-1]
    heard(payloads.block_actions("rfh_new", user="UANA", channel=HERE, message_ts="1773824400.000100"))

    assert (said.private, said.channel) == (True, HERE)
    assert "Move a board: *Filed* with Delivery, P2, yours" in said.text
    assert "somebody else" not in said.text
    assert "rfh_new" in json.dumps(said.blocks)
    assert [view["callback_id"] for view in standin.views] == ["rfh_ask"]


def test_one_request_is_shown_by_its_number(ana: Agent) -> None:
    rfh = make.rfh()

    heard(command(f"rfh-{rfh.pk}"))
    heard(command("RFH-999"))

    assert ["*Draft*" in answers()[0].text, "no request for help RFH-999" in answers()[1].text] == [True, True]


def test_strangers_and_those_who_may_not_get_a_sentence_with_their_words(standin: StandInSlack) -> None:
    make.agent("Eve")
    make.agent("Old", is_active=False)

    for user in ("USTRANGER", "UEVE", "UOLD"):
        heard(command("help <me>", user=user))
    refused = errors(submit(user="UEVE"))

    assert standin.views == []
    assert ["do not know you" in said.text for said in answers()] == [True, False, True]
    assert all("You typed: help &lt;me&gt;" in said.text and said.channel == "" for said in answers())
    assert "may not ask for help" in refused["summary"]
    assert not RFH.objects.exists()


def test_a_command_sent_again_opens_one_modal(standin: StandInSlack, ana: Agent) -> None:
    body = command("new")

    heard(body)
    heard(body)

    assert (len(standin.views), SlackEvent.objects.count()) == (1, 1)


def test_the_home_tab_shows_one_s_requests(standin: StandInSlack, ana: Agent) -> None:
    farid = engineer("Farid")
    rfh = make.filed_rfh(by=make.acting(ana), now=datetime.now(UTC))
    RFH.objects.filter(pk=rfh.pk).update(owner=farid)

    for user in ("UANA", "UFARID"):
        heard(payloads.event_callback(payloads.app_home_opened(user)))

    shown = [json.dumps(standin.homes[user]) for user in ("UANA", "UFARID")]
    assert all("Your requests for help" in home and f"|RFH-{rfh.pk}>" in home for home in shown)
    assert ["yours to work on" in home for home in shown] == [False, True]
