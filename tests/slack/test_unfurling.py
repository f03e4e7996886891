"""An event's address in Slack: what is shown below it, to whom, and where never."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from apps.integrations.slack.models import SlackEvent
from apps.people.models import Agent
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, heard, post, work_everything
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack
from tests.trail.lamps import DoorOpened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
PORTAL = "https://support.example.com"


@pytest.fixture(autouse=True)
def portal(settings: Any) -> None:
    settings.BASE_URL = PORTAL


def reader(name: str, *rights: str) -> Agent:
    """An agent with these rights alone."""
    made = make.agent(name)
    made.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return made


def of_a_ticket() -> str:
    """The address of an event that whoever sees tickets may read."""
    make.ticket("4711", customer=make.customer("acme", name="Acme & <@UBEN>"))
    return f"{PORTAL}/trail/{StoredEvent.objects.get(type='TicketOpened').position}/"


def of_a_door(now: datetime) -> str:
    """The address of an event that only whoever may read the whole trail may read."""
    with acting(actor=Actor("user", "7", "Mara <!here>")):
        opened = trail.record(DoorOpened(door="front"), about=["house"], now=now)
    return f"{PORTAL}/trail/{opened.position}/"


def shared(slack: StandInSlack, *urls: str, user: str, said: str = "", **more: Any) -> dict[str, Any]:
    """Somebody posts links; what is shown below the message after a worker had its turn."""
    message = slack.say(HERE, said or " ".join(urls), user=user)
    external = more.pop("external", False)
    body = payloads.link_shared(HERE, message["ts"], *urls, user=user, **more)
    assert heard(payloads.event_callback(body, external=external)).status_code == 200
    [now] = [each for each in slack.messages(HERE) if each["ts"] == message["ts"]]
    unfurls: dict[str, Any] = now.get("unfurls", {})
    return unfurls


def test_an_events_address_shows_what_happened_when_and_who_did_it_and_no_more(
    standin: StandInSlack, now: datetime
) -> None:
    reader("Ana", "view_storedevent")
    url = of_a_door(now)

    unfurls = shared(standin, url, user="UANA")

    when = f"<!date^{int(now.timestamp())}^{{date_short_pretty}} at {{time}}|18 Mar 2026 09:00 UTC>"
    assert unfurls == {
        url: {
            "blocks": [
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "The front door was opened", "verbatim": True},
                },
                {
                    "type": "context",
                    "elements": [{"type": "mrkdwn", "text": f"{when}, by Mara &lt;!here&gt;", "verbatim": True}],
                },
            ]
        }
    }


def test_what_people_wrote_mentions_nobody(standin: StandInSlack) -> None:
    reader("Ana", "view_ticket")

    shown = json.dumps(shared(standin, of_a_ticket(), user="UANA"))

    assert "by Acme &amp; &lt;@UBEN&gt;" in shown


def test_whoever_may_read_the_one_and_not_the_other_shows_the_one(standin: StandInSlack, now: datetime) -> None:
    reader("Ana", "view_ticket")
    ticket, door = of_a_ticket(), of_a_door(now)

    assert set(shared(standin, ticket, door, user="UANA")) == {ticket}


def test_an_agent_without_rights_a_former_one_and_a_stranger_show_nothing(standin: StandInSlack) -> None:
    make.agent("Ana")
    former = reader("Ben", "view_storedevent")
    Agent.objects.filter(pk=former.pk).update(is_active=False)
    url = of_a_ticket()

    for user in ("UANA", "UBEN", "USTRANGER", ""):
        assert shared(standin, url, user=user) == {}
    assert standin.calls_of("chat.unfurl") == []


@pytest.mark.parametrize("external", [True, None])
def test_where_outsiders_are_or_may_be_nothing_is_shown_or_kept(standin: StandInSlack, external: bool | None) -> None:
    reader("Ana", "view_storedevent")

    assert shared(standin, of_a_ticket(), user="UANA", external=external) == {}
    assert not SlackEvent.objects.exists()


def test_while_somebody_still_types_nothing_is_shown_or_kept(standin: StandInSlack) -> None:
    reader("Ana", "view_storedevent")

    assert shared(standin, of_a_ticket(), user="UANA", source="composer") == {}
    assert not SlackEvent.objects.exists()


@pytest.mark.parametrize("rest", ["", "/", "/?from=mail", "/#causes"])
def test_an_address_is_known_however_it_ends(standin: StandInSlack, rest: str) -> None:
    reader("Ana", "view_storedevent")
    url = of_a_ticket().rstrip("/") + rest

    assert set(shared(standin, url, user="UANA")) == {url}


@pytest.mark.parametrize(
    "url",
    [
        f"{PORTAL}/trail/",
        f"{PORTAL}/trail/999999999/",
        f"{PORTAL}/trail/{'9' * 30}/",
        f"{PORTAL}/admin/tickets/ticket/1/change/",
        "https://support.example.com.evil.example/trail/1/",
        "https://elsewhere.example/https://support.example.com/trail/1/",
    ],
)
def test_any_other_address_shows_nothing(standin: StandInSlack, url: str) -> None:
    reader("Ana", "view_storedevent")
    of_a_ticket()

    assert shared(standin, url, user="UANA") == {}
    assert standin.calls_of("chat.unfurl") == []


@pytest.mark.parametrize("links", [None, "x", [None], [{}], [{"url": 7}]])
def test_links_of_another_shape_are_taken_and_forgotten(standin: StandInSlack, links: Any) -> None:
    body = {**payloads.link_shared(HERE, "1.1", user="UANA"), "links": links}

    assert heard(payloads.event_callback(body)).status_code == 200
    assert not SlackEvent.objects.exists()


def test_the_request_itself_asks_nothing_of_slack(standin: StandInSlack) -> None:
    reader("Ana", "view_storedevent")
    url = of_a_ticket()
    ts = standin.say(HERE, url, user="UANA")["ts"]

    post(payloads.event_callback(payloads.link_shared(HERE, ts, url, user="UANA")))

    assert (standin.calls, SlackEvent.objects.get().state) == ([], "waiting")
    work_everything()
    assert len(standin.calls_of("chat.unfurl")) == 1


def test_a_message_deleted_meanwhile_is_no_failure(standin: StandInSlack) -> None:
    reader("Ana", "view_storedevent")

    heard(payloads.event_callback(payloads.link_shared(HERE, "1.1", of_a_ticket(), user="UANA")))

    event = SlackEvent.objects.get()
    assert (event.state, event.error) == ("done", "The message is gone, or no longer has the link.")


def test_a_scope_that_is_missing_is_a_failure_on_record(standin: StandInSlack) -> None:
    reader("Ana", "view_storedevent")
    standin.refuse("chat.unfurl", "missing_scope")

    shared(standin, of_a_ticket(), user="UANA")

    event = SlackEvent.objects.get()
    assert (event.state, "missing_scope" in event.error) == ("failed", True)


def test_when_slack_was_busy_the_next_attempt_shows_it(standin: StandInSlack) -> None:
    reader("Ana", "view_storedevent")
    standin.rate_limit("chat.unfurl", 1)
    url = of_a_ticket()
    first = shared(standin, url, user="UANA")

    work_everything()

    assert first == {}
    assert set(standin.messages(HERE)[-1]["unfurls"]) == {url}


def test_a_request_for_help_shows_what_is_needed_and_whose_it_is(standin: StandInSlack, now: datetime) -> None:
    reader("Ana", "view_rfh")
    reader("Stranger", "view_ticket")
    rfh = make.filed_rfh(now, summary="Uploads <!here> are cut")
    url = f"{PORTAL}/admin/rfhs/rfh/{rfh.pk}/change/"

    shown = json.dumps(shared(standin, url, user="UANA")[url])

    assert f"RFH-{rfh.pk}: Uploads &lt;!here&gt; are cut" in shown
    assert "Filed, P2, with Delivery, nobody is accountable" in shown
    assert shared(standin, url, user="USTRANGER") == {}
