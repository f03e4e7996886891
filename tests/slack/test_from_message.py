"""The shortcut of a message: answered here, or an item of the SET's; once, whoever does it."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from apps.people.models import Team
from apps.rfhs.models import RFH, AnsweredHere, Desk
from tests import make
from tests.slack.inbound import answers, heard, post
from tests.slack.requests import engineer, errors, supporter
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import picked, ticked, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
TS = "1773824400.000100"
SET, ASK, ELSEWHERE = "C0SET", "C0ASK", "C0ELSE"
METADATA = {"channel": ASK, "ts": TS, "thread_ts": ""}


@pytest.fixture
def the_set() -> Team:
    team = make.team("set")
    team.channel = make.channel(SET, "sustained-engineering")
    team.save()
    Desk.objects.create(team=team, is_set=True, ask_channel=make.channel(ASK, "ask-rnd"))
    supporter()
    return team


def choose(text: str = "Boards are slow", user: str = "UANA", channel: str = ASK, **more: Any) -> None:
    heard(payloads.message_action("rfh_from_message", user=user, channel=channel, ts=TS, text=text, **more))


def submit(
    user: str = "UANA", where: dict[str, str] = METADATA, ticks: dict[str, tuple[str, ...]] | None = None, **said: str
) -> HttpResponse:
    filled = {"what": "item", "summary": "Boards are slow", **said}
    chosen = {"what", "level", "bug_class"}
    values = {block: {"value": (picked if block in chosen else typed)(value)} for block, value in filled.items()}
    values |= {block: {"value": ticked(*names)} for block, names in (ticks or {}).items()}
    return post(payloads.view_submission("rfh_message", values, user=user, private_metadata=json.dumps(where)))


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def test_the_modal_knows_what_the_message_says(standin: StandInSlack, the_set: Team) -> None:
    make.ticket("4711", customer=make.customer("acme"))
    make.agent("Ben")

    choose("<@UBEN> Boards are *slow* &amp; stuck,\nsee 9999 and #4711", author="UBEN")

    [view] = standin.views
    shown = fields(view)
    assert shown["summary"]["initial_value"] == "@Ben Boards are slow & stuck,"
    assert shown["description"]["initial_value"] == "> @Ben Boards are slow & stuck,\n> see 9999 and #4711"
    assert (shown["ticket"]["initial_value"], shown["customer"]["initial_value"]) == ("4711", "Acme")
    assert json.loads(view["private_metadata"]) == METADATA
    assert "the message of Ben" in json.dumps(view["blocks"][0])


def test_a_ticket_s_announcement_is_about_what_the_ticket_is_about(standin: StandInSlack, the_set: Team) -> None:
    make.ticket("4711", subject="Boards are slow")

    choose("*Ticket ID*: 4711", bot_id=payloads.TICKET_BOT)

    assert fields(standin.views[0])["summary"]["initial_value"] == "Boards are slow"


def test_a_hostile_message_fits_into_the_modal(standin: StandInSlack, the_set: Team) -> None:
    choose("\x00<!channel> " + "9" * 5_000 + "\n" + "<&" * 20_000)

    shown = fields(standin.views[0])
    assert len(shown["summary"]["initial_value"]) <= 200
    assert len(shown["description"]["initial_value"]) <= 3_000


def test_an_item_is_made_with_everything_and_the_thread_hears(the_set: Team) -> None:
    make.ticket("4711", customer=make.customer("acme"))

    response = submit(
        level="L2",
        bug_class="hotfix",
        ticket="4711",
        ticks={"symptoms": ("slow", "memory"), "production": ("production",)},
        description="> slow",
    )

    rfh = RFH.objects.get()
    assert response.content == b""
    assert (rfh.team, rfh.set_item, rfh.state, rfh.source) == (the_set, True, "filed", "ask_rnd")
    assert (rfh.level, rfh.bug_class, rfh.symptoms, rfh.production) == ("L2", "hotfix", ["memory", "slow"], True)
    assert (rfh.source_key, rfh.source_url) == (f"{ASK}:{TS}", f"https://slack.com/archives/{ASK}/p1773824400000100")
    assert str(rfh.customer) == "Acme"
    [said] = answers()
    assert (said.channel, said.thread_ts, said.private) == (ASK, TS, False)
    assert f"RFH-{rfh.pk}" in said.text
    assert "nobody of Set is on shift" in said.text


def test_in_a_customers_thread_the_maker_alone_hears(the_set: Team) -> None:
    make.ticket("4711", origin="slack", channel=ASK, thread_ts=TS)

    submit()

    [said] = answers()
    assert (said.channel, said.user, said.private) == (ASK, "UANA", True)


@pytest.mark.parametrize(("channel", "source"), [(SET, "channel"), (ASK, "ask_rnd"), (ELSEWHERE, "slack")])
def test_the_source_is_where_it_was_asked(the_set: Team, channel: str, source: str) -> None:
    submit(where={**METADATA, "channel": channel})

    assert RFH.objects.get().source == source
    # Where the bot may not be, whoever made the item hears in person as well.
    assert [said.channel for said in answers()] == ([channel, ""] if channel == ELSEWHERE else [channel])


def test_answered_here_is_on_record_once_and_makes_no_item(the_set: Team) -> None:
    for _ in range(2):
        assert submit(what="answered", answer="Use mmctl.").content == b""

    kept = AnsweredHere.objects.get()
    assert (kept.question, kept.answer, kept.source, kept.team) == ("Boards are slow", "Use mmctl.", "ask_rnd", the_set)
    assert not RFH.objects.exists()
    assert ["no item was made" in answers()[0].text, "recorded already" in answers()[1].text] == [True, True]


def test_the_second_is_told_which_item_it_is(standin: StandInSlack, the_set: Team) -> None:
    engineer("Ben")
    submit()
    number = f"RFH-{RFH.objects.get().pk}"

    submit(user="UBEN")
    choose(user="UBEN")
    submit(user="UBEN", what="answered", answer="Use mmctl.")

    told = [said for said in answers() if said.user == "UBEN"]
    assert len(told) == 3
    assert all(number in said.text and "Ana made it" in said.text and said.private for said in told)
    assert (RFH.objects.count(), AnsweredHere.objects.count(), standin.views) == (1, 0, [])


@pytest.mark.parametrize(
    ("said", "block"),
    [
        ({"summary": ""}, "summary"),
        ({"what": "answered", "answer": ""}, "answer"),
        ({"ticket": "9999"}, "ticket"),
        ({"customer": "Nobody Inc"}, "customer"),
        ({"level": "L9"}, "level"),
        ({"summary": "x" * 201}, "summary"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(the_set: Team, said: dict[str, str], block: str) -> None:
    assert block in errors(submit(**said))
    assert not RFH.objects.exists()
    assert not AnsweredHere.objects.exists()


def test_who_may_not_and_a_portal_without_a_set_get_a_sentence(standin: StandInSlack) -> None:
    make.agent("Eve")
    supporter()

    for user in ("USTRANGER", "UEVE", "UANA"):
        choose(user=user)

    words = ("do not know you", "may not make items", "No team takes such items yet")
    assert [word in said.text for word, said in zip(words, answers(), strict=True)] == [True, True, True]
    assert standin.views == []
    assert "may not make items" in errors(submit(user="UEVE"))["summary"]


def test_a_shortcut_without_its_message_or_name_is_no_crash(the_set: Team) -> None:
    body = payloads.message_action("rfh_from_message", user="UANA", channel=ASK, ts="yesterday")

    assert heard(body).status_code == 200
    assert "which message" in answers()[-1].text
    assert heard(payloads.message_action("", user="UANA", channel=ASK, ts=TS)).status_code == 400
    assert heard(payloads.message_action("other", user="UANA", channel=ASK, ts=TS)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_item(the_set: Team) -> None:
    supporter("Ben")

    def send(user: str) -> None:
        submit(user=user)
        connection.close()

    threads = [threading.Thread(target=send, args=(user,)) for user in ("UANA", "UBEN")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert RFH.objects.count() == 1
    assert sorted(said.private for said in answers()) == [False, True]
