"""Requests for help in Slack: who hears what, where, and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.integrations.slack.rfh_messages import Shown, team_post
from apps.notices.delivery import Delivery
from apps.notices.events import NoticeSent
from apps.notices.models import Notice
from apps.notices.outdated import drop_reasons
from apps.people.models import Agent, Team, UserGroup
from apps.rfhs import services
from apps.rfhs.models import RFH, Area, Issue
from apps.rfhs.services import issues
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from tests import make
from tests.rotations.threads import in_a_thread
from tests.standins.slack import StandInSlack

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ana() -> Agent:
    return make.agent()


@pytest.fixture
def farid() -> Agent:
    return make.agent("Farid")


@pytest.fixture
def delivery_team(farid: Agent) -> Team:
    team = make.team("delivery", farid)
    team.channel = make.channel("CDELIVERY", "delivery")
    team.save()
    return team


def as_(who: Agent) -> acting:
    return acting(actor=Actor("user", str(who.pk), str(who)))


def filed(ana: Agent, team: Team, **fields: object) -> RFH:
    """Not engineering's, so that no issue is waited for."""
    Team.objects.filter(pk=team.pk).update(kind="support")
    team.refresh_from_db()
    with as_(ana):
        return make.filed_rfh(timezone.now(), team_of=team, by=make.acting(ana), **fields)


def told(place: str) -> list[str]:
    said = Notice.objects.filter(recipient=place, kind=Notice.Kind.MESSAGE).order_by("pk")
    return list(said.values_list("text", flat=True))


def test_teammates_are_asked_in_their_own_teams_channel(ana: Agent) -> None:
    support = make.team("support", ana, kind="support")
    support.channel = make.channel("CINTERNAL", "customer-support-internal")
    support.save()
    rfh = make.rfh(timezone.now(), by=make.acting(ana), description="> It fails with <b> & 413")

    services.ask_teammates(rfh, by=make.acting(ana), now=timezone.now())

    [notice] = Notice.objects.all()
    assert notice.recipient == "CINTERNAL"
    assert "*Ana asks teammates*" in notice.text
    assert any("> It fails with &lt;b&gt; &amp; 413" in str(block) for block in notice.blocks)
    assert "rfh_solved" in str(notice.blocks)


def test_nowhere_to_ask_is_said_and_not_swallowed(ana: Agent) -> None:
    services.ask_teammates(make.rfh(timezone.now(), by=make.acting(ana)), by=make.acting(ana), now=timezone.now())

    notice = Notice.objects.get()
    assert notice.state == Notice.State.FAILED
    assert "RFH_TEAMMATES_CHANNEL" in notice.error


def test_the_team_hears_need_timeline_and_who_is_accountable(ana: Agent, delivery_team: Team) -> None:
    filed(ana, delivery_team, timeline="Tomorrow is fine", context={"urgency": "low"})

    [text] = told("CDELIVERY")
    assert "Help (P2)" in text
    assert "*How does one move a board to another server?*" in text
    assert "*Timeline:* Tomorrow is fine" in text
    assert "*Accountable to the customer:* Ana" in text
    assert "rfh_acknowledge" in str(Notice.objects.get().blocks)


def test_each_hears_how_it_goes_but_not_of_what_they_did(ana: Agent, farid: Agent, delivery_team: Team) -> None:
    rfh, now = filed(ana, delivery_team), timezone.now()

    with as_(farid):
        services.acknowledge(rfh, by=make.acting(farid), now=now)
        services.answer(rfh, answer="Raise the limit.", by=make.acting(farid), now=now)
    with as_(ana):
        services.resolve(rfh, learned="Proxies cut uploads.", by=make.acting(ana), now=now)

    assert [text.splitlines()[0] for text in told("UANA")] == [
        ":eyes: Farid has taken it.",
        ":bulb: Farid answered. It stays yours until the customer is served.",
    ]
    [resolved] = told("UFARID")
    assert "Proxies cut uploads." in resolved


def test_a_nudge_goes_to_who_has_it_else_to_the_whole_team(ana: Agent, farid: Agent, delivery_team: Team) -> None:
    rfh, now = filed(ana, delivery_team), timezone.now()

    with as_(ana):
        services.nudge(rfh, by=make.acting(ana), now=now)
        services.assign(rfh, to=farid, by=make.acting(ana), now=now, because="on shift")
        services.nudge(rfh, text="Any news?", by=make.acting(ana), now=now)

    assert "Ana asks how it stands" in told("CDELIVERY")[-1]
    assert [text.splitlines()[0] for text in told("UFARID")] == [
        ":point_right: It is yours now (on shift).",
        ":hourglass: Ana asks how it stands.",
    ]


def test_a_hand_over_tells_the_new_team_with_the_note(ana: Agent, delivery_team: Team) -> None:
    rfh = filed(ana, delivery_team)
    search = make.team("search")
    search.channel = make.channel("CSEARCH", "search")
    search.save()

    with as_(ana):
        services.hand_over(rfh, team=search, note="It is the index.", by=make.acting(ana), now=timezone.now())

    notice = Notice.objects.get(recipient="CSEARCH")
    assert "> It is the index." in str(notice.blocks)


@pytest.mark.django_db(transaction=True)
def test_the_post_follows_the_request_and_words_go_to_its_thread(
    ana: Agent, farid: Agent, delivery_team: Team, slack: StandInSlack, delivery: Delivery, run: Callable[..., bool]
) -> None:
    rfh = filed(ana, delivery_team)
    assert run(lambda: RFH.objects.get().team_thread_ts != "")
    rfh.refresh_from_db()

    with as_(farid):
        services.acknowledge(rfh, by=make.acting(farid), now=timezone.now())
        services.post_update(rfh, text="It is the proxy.", by=make.acting(farid), now=timezone.now())

    update = Notice.objects.filter(kind=Notice.Kind.UPDATE, channel="CDELIVERY").latest("pk")
    assert "*Acknowledged*, Farid has it." in update.text
    assert "rfh_acknowledge" not in str(update.blocks)
    assert "It is the proxy." in told(f"CDELIVERY/{rfh.team_thread_ts}")[0]


@pytest.mark.django_db(transaction=True)
def test_a_team_with_a_handle_alone_is_asked_in_the_default_channel_and_can_take_it_there(
    ana: Agent, slack: StandInSlack, delivery: Delivery, run: Callable[..., bool], settings: Any
) -> None:
    settings.SLACK_DEFAULT_CHANNEL = "CDEFAULT"
    UserGroup.objects.create(slack_id="S1", handle="delivery-help")
    team = make.team("delivery", kind="support")
    team.user_group = "@delivery-help"
    team.save()
    with as_(ana):
        rfh = make.rfh(timezone.now(), by=make.acting(ana))
        services.file(rfh, team=team, by=make.acting(ana), now=timezone.now(), skip_teammates_because="x")

    assert run(lambda: RFH.objects.get().team_thread_ts != "")

    assert [notice.channel for notice in Notice.objects.all()] == ["CDEFAULT"]
    assert "rfh_acknowledge" in str(Notice.objects.get().blocks)


@pytest.mark.django_db(transaction=True)
def test_a_step_that_is_taken_while_slack_takes_the_post_is_shown_in_it(
    ana: Agent, farid: Agent, delivery_team: Team
) -> None:
    rfh, now = filed(ana, delivery_team), timezone.now()
    post = Notice.objects.get()

    def sent() -> None:
        event = NoticeSent(notice=post.pk, summary=post.summary, channel=post.channel, thread_ts="", ts="1.1")
        with transaction.atomic():
            Notice.objects.filter(pk=post.pk).update(state=Notice.State.SENT, slack_ts="1.1")
            trail.record(event, about=[post.about], now=now)

    with transaction.atomic():
        services.acknowledge(rfh, by=make.acting(farid), now=now)
        thread, _ = in_a_thread(sent)
        make.until_somebody_waits()
    thread.join()

    assert "*Acknowledged*, Farid has it." in Notice.objects.get(kind=Notice.Kind.UPDATE, replaces=post).text


def test_another_priority_is_said_and_shown_but_what_is_typed_into_a_draft_is_not(
    ana: Agent, farid: Agent, delivery_team: Team
) -> None:
    draft, now = make.rfh(timezone.now(), by=make.acting(ana)), timezone.now()
    services.change(draft, {"priority": "p1"}, by=make.acting(ana), now=now)
    rfh = filed(ana, delivery_team)
    Notice.objects.update(state="sent", slack_ts="1.1")
    before = Notice.objects.count()

    with as_(ana):
        services.change(rfh, {"timeline": "Tomorrow"}, by=make.acting(ana), now=now)
        services.nudge(rfh, by=make.acting(ana), now=now)
        services.change(rfh, {"priority": "p1", "priority_because": "They leave"}, by=make.acting(ana), now=now)

    said = [(each.kind, each.text) for each in Notice.objects.order_by("pk")[before:]]
    assert [kind for kind, _ in said] == ["update", "message", "message", "update"]
    assert "*Timeline:* Tomorrow" in said[0][1]
    assert "Ana made it P1." in said[2][1]
    assert "(P1)" in said[3][1]


def test_who_starts_what_nobody_has_taken_is_told_of_once(ana: Agent, farid: Agent, delivery_team: Team) -> None:
    rfh = filed(ana, delivery_team)

    with as_(farid):
        services.start(rfh, by=make.acting(farid), now=timezone.now())

    assert [text.splitlines()[0] for text in told("UANA")] == [":eyes: Farid has taken it."]


def test_an_answer_for_nobody_is_told_to_all_of_support(farid: Agent, delivery_team: Team, settings: Any) -> None:
    settings.RFH_TEAMMATES_CHANNEL = "CINTERNAL"
    Team.objects.filter(pk=delivery_team.pk).update(kind="support")
    rfh = make.filed_rfh(timezone.now(), team_of=delivery_team, by=make.acting(name="An integration"))

    with as_(farid):
        services.answer(rfh, answer="Raise the limit.", by=make.acting(farid), now=timezone.now())

    [text] = told("CINTERNAL")
    assert "It stays support's until the customer is served." in text
    assert "Raise the limit." in text


def test_who_joins_the_customer_is_mentioned_there_and_nothing_else_is_said(
    ana: Agent, farid: Agent, delivery_team: Team
) -> None:
    ticket = make.ticket(origin="slack", channel="CCUSTOMER", thread_ts="1.5")
    rfh = filed(ana, delivery_team, ticket=ticket)

    with as_(farid):
        services.join_customer(rfh, engineer=farid, by=make.acting(farid), now=timezone.now())

    notice = Notice.objects.get(channel="CCUSTOMER", about=rfh.stream)
    assert notice.text == ":wave: <@UFARID> joins us here and helps with this one."
    assert rfh.summary not in notice.summary
    assert str(rfh) not in notice.summary


def test_who_goes_on_telling_hears_so(ana: Agent, farid: Agent, delivery_team: Team) -> None:
    rfh, now = filed(ana, delivery_team, set_item=True), timezone.now()
    greta = make.agent("Greta")
    with as_(ana):
        services.assign(rfh, to=greta, by=make.acting(ana), now=now)
        services.hand_over(rfh, team=make.team("core"), note="Look.", by=make.acting(ana), now=now)
        services.assign_telling(rfh, to=farid, by=make.acting(ana), now=now)

    for place in ("UGRETA", "UFARID"):
        assert ":memo: For Delivery you tell everybody from now on" in told(place)[-1]


def test_whose_it_was_hears_who_took_it_over(ana: Agent, farid: Agent, delivery_team: Team) -> None:
    rfh, now = filed(ana, delivery_team), timezone.now()
    greta = make.agent("Greta")
    with as_(greta):
        services.assign(rfh, to=farid, by=make.acting(greta), now=now)
        services.assign(rfh, to=greta, by=make.acting(greta), now=now, because="taken over")

    assert told("UFARID")[-1].splitlines()[0] == ":point_right: Greta has it now (taken over). It is yours no more."
    assert told("UGRETA") == []


def test_that_an_issue_is_given_up_reaches_who_is_accountable(ana: Agent, delivery_team: Team) -> None:
    make.filed_rfh(timezone.now(), team_of=delivery_team, by=make.acting(ana))
    issue = Issue.objects.get()

    issues.issue_delayed(issue, "It is unreachable.", now=timezone.now())
    issues.issue_delayed(issue, "It is archived.", now=timezone.now(), given_up=True)

    assert len(told("CDELIVERY")) == 1
    [text] = told("UANA")
    assert "Its issue could not be made" in text
    assert "It is archived." in text


def test_a_post_without_an_issue_says_why() -> None:
    shown = Shown(
        number=7, summary="Slow", description="", kind="Help", priority="p1", state="filed", state_name="Filed",
        issue_note="none yet: GitHub is not set up", missing=("Urgency",), url="https://x.example/7",
    )  # fmt: skip

    text, blocks = team_post(shown, whom="<!subteam^S1>")

    assert "<!subteam^S1>" in text
    assert "*Issue:* none yet: GitHub is not set up" in text
    assert "Not known yet: Urgency." in str(blocks[-1])


def test_what_asks_for_help_with_something_over_is_not_said_any_more(ana: Agent, delivery_team: Team) -> None:
    rfh = filed(ana, delivery_team)
    asked = Notice.objects.get()

    with as_(ana):
        services.withdraw(rfh, because="Solved itself", by=make.acting(ana), now=timezone.now())

    told_of = list(Notice.objects.all())
    assert drop_reasons(told_of) == {asked.pk: "it was settled meanwhile"}


def test_a_question_of_contracts_names_the_account_manager(ana: Agent, delivery_team: Team) -> None:
    ben = make.agent("Ben")
    area = Area.objects.create(
        slug="contracts", name="Contract renewal", team=delivery_team, engineering=False, note="the assigned sales rep"
    )
    rfh = make.rfh(timezone.now(), by=make.acting(ana), customer=make.customer(account_manager=ben))

    services.file(
        rfh, team=delivery_team, area=area, by=make.acting(ana), now=timezone.now(), skip_teammates_because="x"
    )

    [text] = told("CDELIVERY")
    assert "*Concerns also:* the assigned sales rep. Account manager: <@UBEN>." in text
