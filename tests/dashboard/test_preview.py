"""The Slack preview: what it shows, and that it goes through the handlers of the real thing."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import uuid_utils.compat as uuids
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from apps.dashboard import preview, slack_payloads
from apps.escalations.jobs import Sweep
from apps.escalations.models import Clock
from apps.integrations.slack.models import SlackEvent, SlackMessage, WatchedChannel
from apps.integrations.slack.parsing import TicketMessage, parse
from apps.notices.models import Notice
from apps.people.models import Agent
from apps.rotations.models import Rotation
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import work_everything

pytestmark = pytest.mark.django_db
HERE = "C100"
QUIETLY = {"X-Requested-With": "fetch"}


@pytest.fixture
def ana(settings: Any) -> Agent:
    settings.DEMO = True
    settings.SLACK_BOT_TOKEN = ""
    WatchedChannel.objects.create(channel=make.channel(HERE))
    make.policy()
    agent = make.agent("Ana")
    agent.user_permissions.add(Permission.objects.get(codename="change_ticket"))
    return agent


@pytest.fixture
def page(ana: Agent) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def posted(client: Client, **more: str) -> Any:
    fields = {"channel": HERE, "number": "4711", "priority": "urgent", "type": "problem", "form": "lines"}
    response = client.post("/preview/post/", {**fields, **more}, headers=QUIETLY)
    work_everything()
    return response


def reached(ticket: Ticket) -> None:
    """Its first tier is due now, and spoken."""
    early = timezone.now() - timedelta(minutes=15)
    Clock.objects.filter(ticket=ticket).update(next_at=early)
    ticket.clocks.get().checks.filter(tier=1).update(due_at=early)
    Sweep(clock=timezone.now, source=None).batch()


def channel(client: Client) -> str:
    return client.get(f"/preview/fragment/?channel={HERE}").content.decode()


def button(text: str, action: str) -> dict[str, str]:
    """What the form around a button would send."""
    for form in re.findall(r"<form.*?</form>", text, re.DOTALL):
        if f'data-action="{action}"' in form:
            return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    raise AssertionError(f"There is no button {action}.")


# --- where it is


@pytest.mark.parametrize("path", ["", "fragment/"])
def test_outside_the_demo_there_is_no_preview(page: Client, settings: Any, path: str) -> None:
    settings.DEMO = False

    assert page.get(f"/preview/{path}").status_code == 404


@pytest.mark.parametrize("path", ["become/", "post/", "mention/", "press/", "answer/"])
def test_outside_the_demo_nothing_can_be_done_in_others_names(page: Client, settings: Any, path: str) -> None:
    settings.DEMO = False

    assert page.post(f"/preview/{path}").status_code == 404


def test_a_visitor_is_asked_to_sign_in(ana: Agent) -> None:
    assert Client().get("/preview/").status_code == 302
    assert Client().post("/preview/post/").status_code == 302


@pytest.mark.parametrize("path", ["post", "mention", "press", "answer"])
def test_who_may_only_look_posts_nothing(ana: Agent, path: str) -> None:
    auditor = Client()
    auditor.force_login(make.agent("Ove"))

    answer = auditor.post(f"/preview/{path}/", {"channel": HERE, "number": "4711"}, headers=QUIETLY)

    assert (answer.status_code, answer.json()["error"]) == (403, True)
    assert "You may look" in answer.json()["said"]
    assert not SlackEvent.objects.exists()


def test_who_may_only_look_is_told_so_without_a_script_too(ana: Agent) -> None:
    auditor = Client()
    auditor.force_login(make.agent("Ove"))

    answer = auditor.post("/preview/post/", {"channel": HERE})

    assert (answer.status_code, "You may look" in answer.content.decode()) == (403, True)


def test_who_may_only_look_is_offered_nothing_to_post(page: Client, ana: Agent) -> None:
    make.shift(ana, start=timezone.now() - timedelta(hours=1))
    posted(page)
    reached(Ticket.objects.get())
    auditor = Client()
    auditor.force_login(make.agent("Ove"))

    text = auditor.get(f"/preview/?channel={HERE}").content.decode()

    assert "You may look" in text
    assert re.findall(r'action="/preview/(\w+)/"', text) == ["become"]
    assert "Why me?" in text


def test_the_page_opens_on_a_channel_that_reads_the_usual_forms(page: Client) -> None:
    own = WatchedChannel.objects.create(channel=make.channel("C050", "aaa-own"), pattern="#(?P<number>[0-9]+)")

    first = page.get("/preview/").content.decode()
    other = page.get(f"/preview/?channel={own.channel.slack_id}").content.decode()

    assert '<h2 id="channel-name">#support-enterprise</h2>' in first
    assert "reads its own pattern" not in first
    assert "This channel reads its own pattern" in other


def test_without_a_watched_channel_the_page_says_what_to_do(page: Client) -> None:
    WatchedChannel.objects.all().delete()

    assert "No channel is watched yet" in page.get("/preview/").content.decode()


# --- doing things


@pytest.mark.parametrize("form", ["lines", "fields"])
def test_a_posted_ticket_is_opened_by_the_handler_of_slacks_events(page: Client, form: str) -> None:
    response = posted(page, form=form, subject="It <burns> & smokes")

    ticket = Ticket.objects.get(number="4711")
    assert response.json() == {"said": "Ticket 4711 was posted.", "error": False, "fields": {"number": "4712"}}
    assert (ticket.origin, ticket.severity, ticket.type) == ("slack", "urgent", "problem")
    assert ticket.subject == "It <burns> & smokes"
    assert SlackMessage.objects.get().outcome == SlackMessage.Outcome.TICKET
    assert 'data-ticket="4711"' in channel(page)


@pytest.mark.parametrize("wrong", [{"number": ""}, {"priority": "huge"}, {"channel": "#x"}, {"form": "verse"}])
def test_a_ticket_message_that_makes_no_sense_is_refused(page: Client, wrong: dict[str, str]) -> None:
    response = posted(page, **wrong)

    assert response.status_code == 400
    assert response.json()["error"]
    assert not SlackEvent.objects.exists()


def test_without_a_script_the_page_comes_back_with_a_message(page: Client) -> None:
    fields = {"channel": HERE, "number": "1", "priority": "low", "type": "task", "form": "lines"}

    response = page.post("/preview/post/", fields, follow=True)

    assert "Ticket 1 was posted." in response.content.decode()


def test_a_reached_tier_is_shown_with_its_buttons_as_not_sent(page: Client, ana: Agent) -> None:
    make.shift(ana, start=timezone.now() - timedelta(hours=1))
    posted(page)

    reached(Ticket.objects.get())

    text = channel(page)
    assert '<span class="slack-mention">@Ana</span>' in text
    assert "not configured: would be sent" in text
    assert button(text, "snooze_30")["value"] == "4711"
    assert "Why me?" in text


def test_a_mention_snoozes_as_in_slack(page: Client) -> None:
    posted(page)
    ticket = Ticket.objects.get()

    page.post("/preview/mention/", {"channel": HERE, "thread_ts": ticket.thread_ts}, headers=QUIETLY)
    work_everything()

    text = channel(page)
    assert ticket.clocks.get().snoozed == timedelta(minutes=30)
    assert "on it" in text
    assert "30 minutes later than before" in text


def test_somebody_the_portal_does_not_know_moves_nothing(page: Client) -> None:
    posted(page)
    ticket = Ticket.objects.get()
    page.post("/preview/become/", {"slack_id": preview.STRANGER}, headers=QUIETLY)

    page.post("/preview/mention/", {"channel": HERE, "thread_ts": ticket.thread_ts}, headers=QUIETLY)
    work_everything()

    assert ticket.clocks.get().snoozed == timedelta(0)
    assert "nothing has moved" in channel(page).lower()


def test_the_snooze_button_works_through_slacks_own_payload(page: Client, ana: Agent) -> None:
    make.shift(ana, start=timezone.now() - timedelta(hours=1))
    posted(page)
    reached(Ticket.objects.get())

    page.post("/preview/press/", button(channel(page), "snooze_30"), headers=QUIETLY)
    work_everything()

    snoozed = StoredEvent.objects.get(type="ChecksSnoozed")
    assert (snoozed.actor_kind, snoozed.actor_id) == ("slack", "UANA")


def test_a_private_answer_is_seen_by_the_asker_alone(page: Client, ana: Agent) -> None:
    make.agent("Ben")
    make.shift(ana, start=timezone.now() - timedelta(hours=1))
    posted(page)
    reached(Ticket.objects.get())
    page.post("/preview/press/", button(channel(page), "why_me"), headers=QUIETLY)
    work_everything()

    mine = channel(page)
    page.post("/preview/become/", {"slack_id": "UBEN"}, headers=QUIETLY)
    bens = channel(page)

    assert "Only visible to you" in mine
    assert "You were chosen because" in mine
    assert "You were chosen because" not in bens


def test_an_answer_in_the_help_desk_stops_the_clock(page: Client) -> None:
    posted(page)

    page.post("/preview/answer/", {"number": "4711"}, headers=QUIETLY)

    assert Ticket.objects.get().clocks.get().state == Clock.State.MET
    assert StoredEvent.objects.get(type="ReplyRecorded").actor_kind == "integration"


def test_an_answer_to_a_ticket_nobody_knows_is_refused(page: Client) -> None:
    response = page.post("/preview/answer/", {"number": "9"}, headers=QUIETLY)

    assert (response.status_code, response.json()["said"]) == (400, "There is no ticket 9.")


def test_one_cannot_become_somebody_who_is_not_there(page: Client) -> None:
    response = page.post("/preview/become/", {"slack_id": "UNOBODY"}, headers=QUIETLY)

    assert response.status_code == 400


def test_acting_needs_a_form_of_ours(ana: Agent) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)

    assert client.post("/preview/answer/", {"number": "4711"}).status_code == 403


# --- showing things


def test_a_message_that_was_not_understood_says_why(page: Client, now: datetime) -> None:
    SlackMessage.objects.create(
        channel=HERE,
        ts="1773824400.000100",
        payload={"text": "hello *you*", "username": "Zendesk"},
        outcome=SlackMessage.Outcome.UNPARSED,
        reason="No ticket number in this message.",
        seen_at=now,
    )

    text = channel(page)

    assert "hello <b>you</b>" in text
    assert "Not understood: No ticket number in this message." in text


def test_a_thread_whose_beginning_was_never_seen_is_shown_all_the_same(page: Client, now: datetime) -> None:
    Notice.objects.create(
        event_id=uuids.uuid7(),
        recipient=f"{HERE}/1.1",
        about="ticket:1",
        summary="Tier 1",
        channel=HERE,
        thread_ts="1773824400.000100",
        text="*Somebody* must look",
        correlation_id=uuids.uuid7(),
        created_at=now,
        ready_at=now,
    )

    text = channel(page)

    assert "whose first message was not seen here" in text
    assert "<b>Somebody</b> must look" in text


def test_what_is_posted_is_what_the_parser_reads() -> None:
    for form in ("lines", "fields"):
        raw, _ = slack_payloads.ticket(
            HERE, "1773824400.000100", form=form, number="A-1", priority="low", type="task", customer="A & B"
        )

        read = parse(json.loads(raw)["event"])

        assert read == TicketMessage(number="A-1", severity="low", type="task", customer="A & B")


def test_the_suggested_number_is_free(ana: Agent) -> None:
    make.ticket("4711")
    make.ticket("4712")
    make.ticket("ABC")

    assert preview.next_number() == "4713"


def test_direct_messages_are_called_that_and_take_no_ticket(page: Client, ana: Agent, now: datetime) -> None:
    assert ana.slack_id
    Notice.objects.create(
        event_id=uuids.uuid7(),
        recipient=ana.slack_id,
        about="ticket:4711",
        summary="Tier 1",
        channel=ana.slack_id,
        text="Tier 1",
        correlation_id=uuids.uuid7(),
        created_at=now,
        ready_at=now,
    )

    shown = page.get(f"/preview/?channel={ana.slack_id}").content.decode()

    assert "Direct messages to you" in shown
    assert "#direct" not in shown
    assert "Post it in" not in shown


def test_a_page_is_typed_shown_and_taken_in_the_channel_and_its_message_follows(ana: Agent, page: Client) -> None:
    # Pages ask for their own right, and not for that of tickets.
    ana.user_permissions.set(Permission.objects.filter(codename="add_page"))
    team = make.team("set", ana)
    team.channel = make.channel("C0SET", "set")
    team.save()
    make.rotation(make.layer(ana), team_of=team)
    Rotation.objects.update(channel=team.channel)

    said = page.post(
        "/preview/page/", {"channel": HERE, "team": "set", "message": "Nobody can sign in"}, headers=QUIETLY
    )
    work_everything()
    before = page.get("/preview/fragment/?channel=C0SET").content.decode()
    page.post("/preview/press/", button(before, "page_acknowledge"), headers=QUIETLY)
    work_everything()
    after = page.get("/preview/fragment/?channel=C0SET").content.decode()

    assert said.status_code == 200
    assert "SET: primary Ana" in page.get("/preview/?channel=C0SET").content.decode()
    assert "Nobody can sign in" in before
    assert "nobody has acknowledged it yet" in before
    assert "nobody has acknowledged it yet" not in after
    assert "<b>Acknowledged</b> by Ana" in after
    assert 'data-action="page_acknowledge"' not in after
