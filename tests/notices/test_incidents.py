"""Incidents in Slack: who hears what, where, and once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from apps.incidents import services
from apps.incidents.models import Incident
from apps.notices.events import NoticeSent
from apps.notices.models import Notice
from apps.notices.outdated import drop_reasons
from apps.people.models import Agent
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from tests import make
from tests.rotations.threads import in_a_thread
from tests.standins.slack import StandInSlack

pytestmark = pytest.mark.django_db
CRASH = "C0CRASH"


@pytest.fixture(autouse=True)
def crash(settings: Any) -> None:
    make.channel(CRASH, "crash")
    settings.INCIDENTS_CHANNEL = "#crash"


@pytest.fixture
def ana() -> Agent:
    return make.agent()


@pytest.fixture
def mia() -> Agent:
    """She may publish."""
    agent = make.agent("Mia")
    agent.user_permissions.set(Permission.objects.filter(codename__in=["change_incident", "publish_incident"]))
    return agent


def as_(who: Agent) -> acting:
    return acting(actor=Actor("user", str(who.pk), str(who)))


def declared(by: Agent | None = None, **fields: Any) -> Incident:
    if by is None:
        return make.incident(now=timezone.now(), **fields)
    with as_(by):
        return make.incident(by=make.acting(by), now=timezone.now(), **fields)


def told(place: str) -> list[Notice]:
    return list(Notice.objects.filter(recipient=place, kind=Notice.Kind.MESSAGE).order_by("pk"))


def everything(notice: Notice) -> str:
    return f"{notice.text}\n{notice.blocks}"


def test_crash_and_whoever_declared_it_see_the_incident_as_it_is_with_what_can_be_done(ana: Agent) -> None:
    made = declared(ana, title="Login <b> is down", description="Nobody gets in", public_text="We look into it.")

    [post], [mine] = told(CRASH), told("UANA")
    for one in (post, mine):
        assert f"{made.number}" in one.text
        assert "Login &lt;b&gt; is down" in one.text
        assert "Nobody gets in" in str(one.blocks)
        assert "incident_acknowledge" in str(one.blocks)
        # What the same action did later is in it as well.
        assert "something waits for approval" in one.text


def test_a_later_word_belongs_to_the_thread_even_if_it_was_owed_before_slack_took_the_first(
    slack: StandInSlack, run: Callable[..., bool]
) -> None:
    made = declared()
    services.acknowledge(made, by=make.acting(name="Ben"), now=timezone.now())
    services.post_update(made, by=make.acting(name="Ben"), now=timezone.now(), internal_note="It is the cache")

    assert run(lambda: len(slack.posted(CRASH)) == 3)

    first, *words = slack.posted(CRASH)
    made.refresh_from_db()
    assert (made.thread_channel, made.thread_ts) == (CRASH, first["ts"])
    assert [word["thread_ts"] for word in words] == [first["ts"]] * 2
    assert "Ben acknowledged it" in words[0]["text"]
    assert "Among ourselves: It is the cache" in words[1]["text"]
    assert "incident_update" in str(words[1]["blocks"])


def test_what_is_shown_follows_the_incident(slack: StandInSlack, run: Callable[..., bool]) -> None:
    made = declared()
    assert run(lambda: len(slack.posted(CRASH)) == 1)
    made.refresh_from_db()

    services.close(made, by=make.acting(), now=timezone.now(), public_text="All is well.")

    assert run(lambda: "Resolved" in slack.posted(CRASH)[0]["text"])
    assert "incident_close" not in str(slack.posted(CRASH)[0]["blocks"])


def test_one_action_is_one_message_at_each_place(mia: Agent) -> None:
    made = declared()
    Notice.objects.all().delete()
    Incident.objects.filter(pk=made.pk).update(thread_channel=CRASH, thread_ts="1.2")
    made.refresh_from_db()

    with as_(mia):
        services.post_update(
            made,
            by=make.acting(mia),
            now=timezone.now(),
            status="identified",
            public_text="It is the cache.",
            changes={"severity": "sev-2"},
        )

    [word], [mine] = told(f"{CRASH}/1.2"), told("UMIA")
    for said in ("Mia acknowledged it", "the severity from sev-1 to *sev-2*", "to *identified*", "It is the cache."):
        assert said in everything(word)
    assert "You moved it" in mine.text
    assert mine.text.count("Login is down") == 1


def test_an_incident_from_before_there_was_a_channel_is_shown_with_the_next_word(settings: Any) -> None:
    settings.INCIDENTS_CHANNEL = ""
    made = declared()
    [nowhere] = told("nobody")
    assert (nowhere.state, "INCIDENTS_CHANNEL" in nowhere.error) == (Notice.State.FAILED, True)
    settings.INCIDENTS_CHANNEL = "crash"

    services.post_update(made, by=make.acting(), now=timezone.now(), internal_note="It is the cache")

    [post] = told(CRASH)
    assert "incident_update" in str(post.blocks)


def test_who_gets_a_role_hears_of_it_and_who_takes_one_knows(ana: Agent, mia: Agent) -> None:
    made = declared(ana, point=ana, contact=mia)

    assert "You are its *contact*" in told("UMIA")[0].text
    assert not [one for one in told("UANA") if "You are" in one.text]

    services.change(made, {"lead": ana}, by=make.acting(), now=timezone.now())

    assert "You are its *lead*" in told("UANA")[-1].text


def test_who_may_publish_hears_what_waits_and_who_wrote_it_hears_what_became_of_it(ana: Agent, mia: Agent) -> None:
    made = declared(ana, public_text="We look into it.")

    [asked] = told("UMIA")
    assert "Ana asks you to publish" in asked.text
    assert "We look into it." in asked.text
    assert not drop_reasons([asked])

    with as_(mia):
        services.decline(made, because="Too early", by=make.acting(mia), now=timezone.now())

    answer = told("UANA")[-1]
    assert "Mia declined to publish what waited." in answer.text
    assert "Too early" in answer.text
    # Had it not been sent by then, nobody would need to be asked any more.
    assert drop_reasons([asked]) == {asked.pk: "it was settled meanwhile"}


def sent(to: str) -> int:
    """How many messages the outbox knows to be in Slack, which is later than Slack has them."""
    return Notice.objects.filter(recipient=to, kind=Notice.Kind.MESSAGE, state=Notice.State.SENT).count()


def test_who_was_asked_sees_what_another_decided(
    slack: StandInSlack, run: Callable[..., bool], ana: Agent, mia: Agent
) -> None:
    slack.add_user("UMIA", "mia")
    slack.add_user("UANA", "ana")
    made = declared(ana, public_text="We look into it.")
    assert run(lambda: sent("UMIA") == 1)
    assert "incident_publish" in str(slack.posted("DMIA")[0]["blocks"])

    services.publish(made, by=make.acting(name="Noa"), now=timezone.now())

    assert run(lambda: "Noa published it" in slack.posted("DMIA")[0]["text"])
    assert "incident_publish" not in str(slack.posted("DMIA")[0]["blocks"])

    services.post_update(made, by=make.acting(ana), public_text="It is the cache.", now=timezone.now())
    assert run(lambda: sent("UMIA") == 2)
    services.decline(made, by=make.acting(name="Noa"), because="Not yet", now=timezone.now())

    assert run(lambda: "Noa declined" in slack.posted("DMIA")[1]["text"])


def test_a_question_that_slack_had_before_the_outbox_knew_it_is_answered_as_soon_as_it_does(
    slack: StandInSlack, run: Callable[..., bool], ana: Agent, mia: Agent
) -> None:
    slack.add_user("UMIA", "mia")
    slack.drop_after("chat.postMessage", channel="UMIA")
    made = declared(ana, public_text="We look into it.")
    assert run(lambda: len(slack.posted("DMIA")) == 1)
    assert sent("UMIA") == 0

    services.publish(made, by=make.acting(name="Noa"), now=timezone.now())

    assert run(lambda: "Somebody decided it" in slack.posted("DMIA")[0]["text"])
    assert "incident_publish" not in str(slack.posted("DMIA")[0]["blocks"])


@pytest.mark.django_db(transaction=True)
def test_a_message_that_slack_takes_while_a_step_is_not_over_yet_is_shown_as_it_is_then(mia: Agent) -> None:
    made, now = declared(), timezone.now()
    [post] = told(CRASH)
    Notice.objects.filter(pk=post.pk).update(state=Notice.State.SENDING)

    def sent() -> None:
        event = NoticeSent(notice=post.pk, summary=post.summary, channel=post.channel, thread_ts="", ts="1.1")
        with transaction.atomic():
            Notice.objects.filter(pk=post.pk).update(state=Notice.State.SENT, slack_ts="1.1")
            trail.record(event, about=[post.about], now=now)

    with transaction.atomic():
        services.acknowledge(made, by=make.acting(mia), now=now)
        thread, _ = in_a_thread(sent)
        make.until_somebody_waits()
    thread.join()

    assert "acknowledged by Mia" in Notice.objects.get(kind=Notice.Kind.UPDATE, replaces=post).text
    # The word on it was owed to the channel, and has found its thread.
    assert "Mia acknowledged it" in Notice.objects.get(thread_ts="1.1").text
