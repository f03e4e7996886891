"""A page in Slack: /page, its messages, its buttons, and that they follow its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.escalations.sweeping import Sweep
from apps.integrations.slack.gateway import Gateway
from apps.notices.delivery import Delivery
from apps.notices.models import Lane, Notice
from apps.pages.models import Page
from apps.people.models import Agent
from tests import make
from tests.notices.conftest import Clock, clock, run  # noqa: F401
from tests.pages.duty import empty_set, fresh, happened, the_set
from tests.slack.conftest import signing_secret  # noqa: F401
from tests.slack.inbound import answers, heard, post
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_secret")]
Run = Callable[..., bool]


@pytest.fixture
def slack(settings: Any) -> Iterator[StandInSlack]:
    settings.BASE_URL = "https://support.example.com"
    with StandInSlack() as standin:
        for name in ("Ana", "Ben", "Lea"):
            standin.add_user(f"U{name.upper()}", name.lower())
        yield standin


@pytest.fixture
def delivery(slack: StandInSlack, clock: Clock) -> Iterator[Delivery]:  # noqa: F811
    made = Delivery(gateway=Gateway("xoxb-standin", slack.api_url, timeout=2), clock=clock)
    yield made
    made.finish()


def sender(name: str = "Sam") -> Agent:
    agent = make.agent(name)
    agent.user_permissions.add(Permission.objects.get(codename="add_page"))
    return agent


def command(text: str, user: str = "USAM") -> str:
    return payloads.slash_command("/page", user=user, channel="C0SUPPORT", text=text)


def press(action: str, page: Page | str, user: str) -> None:
    value = str(page.pk) if isinstance(page, Page) else page
    heard(payloads.block_actions(action, user=user, channel="C0SET", message_ts="1773824400.000100", value=value))


def nothing_open() -> bool:
    # A channel is spoken to once a second; here nobody waits for that.
    Lane.objects.update(next_at=timezone.now())
    return not Notice.objects.filter(state__in=Notice.OPEN).exists()


def sweep_now() -> None:
    running = Sweep(clock=timezone.now, source=None)
    while running.batch():
        pass


def text_of(message: dict[str, Any]) -> str:
    return str(message["blocks"])


def test_a_command_pages_the_team_and_says_so_to_who_typed_it() -> None:
    the_set()
    sender()

    heard(command("set nobody can sign in"))

    page = Page.objects.get()
    assert (page.team.slug, page.message, page.urgency, page.opened_by) == ("set", "nobody can sign in", "high", "Sam")
    assert "Set is paged" in answers()[-1].text


def test_a_command_that_slack_sends_twice_pages_once() -> None:
    the_set()
    sender()
    body = command("set nobody can sign in")

    post(body)
    heard(body)

    assert Page.objects.count() == 1


def test_low_before_the_text_is_the_urgency() -> None:
    the_set()
    sender()

    heard(command("set low: the nightly build is red"))

    page = Page.objects.get()
    assert (page.urgency, page.message) == ("low", "the nightly build is red")


@pytest.mark.parametrize("text", ["sett nobody can sign in", "set", ""])
def test_an_unknown_team_or_no_text_pages_nobody_and_gives_the_text_back(text: str) -> None:
    the_set()
    sender()

    heard(command(text))

    said = answers()[-1]
    assert not Page.objects.exists()
    assert said.private
    assert "Nobody was paged" in said.text
    assert text in said.text


def test_who_may_not_send_pages_nobody_and_learns_who_can() -> None:
    the_set()
    make.agent("Eve")

    heard(command("set help", user="UEVE"))
    heard(command("set help", user="UNOBODY"))

    assert not Page.objects.exists()
    assert ["role may not" in answers()[0].text, "do not know you" in answers()[1].text] == [True, True]


def test_the_channel_sees_it_and_the_primary_hears_in_person(slack: StandInSlack, run: Run) -> None:  # noqa: F811
    the_set()
    page = make.page(now=timezone.now())
    sweep_now()

    assert run(nothing_open)

    [direct] = slack.posted("DANA")
    [shared] = slack.posted("C0SET")
    assert "you are told because you are primary of SET" in text_of(direct)
    assert "step 2 (backup) is next" in text_of(direct)
    assert "https://support.example.com/pages/take/" in text_of(direct)
    assert "Acknowledge without Slack" not in text_of(shared)
    assert "told Ana" in text_of(shared)
    assert page.state == "open"


def test_acknowledged_by_its_button_every_message_says_by_whom(slack: StandInSlack, run: Run) -> None:  # noqa: F811
    the_set()
    page = make.page(now=timezone.now())
    sweep_now()
    assert run(nothing_open)

    press("page_acknowledge", page, "UANA")
    assert run(nothing_open)

    assert fresh(page).state == "acknowledged"
    for place in ("DANA", "C0SET"):
        [message] = slack.posted(place)
        assert "*Acknowledged* by Ana" in text_of(message)
        assert "page_acknowledge" not in text_of(message)
        assert "page_join" in text_of(message)
    assert "is yours" in answers()[-1].text


def test_a_page_that_was_taken_while_its_message_was_on_the_way_is_shown_as_taken(
    slack: StandInSlack,
    run: Run,  # noqa: F811
) -> None:
    ana = the_set()["primary"]
    page = make.page(now=timezone.now())
    sweep_now()
    slack.stall("chat.postMessage", 0.7, channel="C0SET", times=1)

    def taken() -> bool:
        if slack.calls_of("chat.postMessage") and fresh(page).state == "open":
            press("page_acknowledge", page, ana.slack_id or "")
        return fresh(page).state == "acknowledged" and nothing_open()

    assert run(taken)

    [shared] = slack.posted("C0SET")
    assert "*Acknowledged* by Ana" in text_of(shared)


def test_not_mine_and_ask_the_backup_and_resolved_are_buttons_too(now: datetime) -> None:
    the_set()
    first, second = make.page(), make.page()

    press("page_next", first, "UANA")
    press("page_join", second, "UANA")
    press("page_resolve", second, "UBEN")

    assert [event["by"] for event in happened("PagePassedOn")] == ["Ana"]
    assert happened("HelpAsked")[0]["people"][0]["name"] == "Ben"
    assert fresh(second).state == "resolved"


def test_the_second_who_presses_is_told_who_was_first(now: datetime) -> None:
    the_set()
    page = make.page()

    press("page_acknowledge", page, "UBEN")
    press("page_acknowledge", page, "UANA")

    assert "was acknowledged by Ben before you" in answers()[-1].text


@pytest.mark.parametrize("value", ["", "x", "999999", "99999999999999999999999"])
def test_a_button_of_a_page_that_is_not_there_says_so(value: str) -> None:
    the_set()

    press("page_acknowledge", value, "UANA")

    assert "There is no page" in answers()[-1].text


def test_with_nobody_on_the_channel_is_called_and_told_why(slack: StandInSlack, run: Run) -> None:  # noqa: F811
    make.page(to=empty_set(), now=timezone.now())
    sweep_now()

    assert run(nothing_open)

    called = slack.posted("C0SET")[-1]
    assert "Nobody of Set could be told" in text_of(called)
    assert "Nobody is on as primary." in text_of(called)


def test_with_nobody_on_and_no_channel_a_person_must_know(settings: Any, now: datetime) -> None:
    settings.SLACK_DEFAULT_CHANNEL = ""
    make.page(to=empty_set(channel=False))
    running = Sweep(clock=lambda: now, source=None)
    running.batch()

    notice = Notice.objects.get(state="failed")
    assert "the team has no Slack channel" in notice.error


def test_a_step_that_waited_until_the_page_was_taken_is_not_said(slack: StandInSlack, run: Run) -> None:  # noqa: F811
    the_set()
    page = make.page(now=timezone.now())
    sweep_now()
    press("page_acknowledge", page, "UANA")

    assert run(nothing_open)

    assert slack.posted("DANA") == []
    assert Notice.objects.get(channel="UANA", kind="message").state == "outdated"


def test_one_notice_a_step_and_person(now: datetime) -> None:
    the_set()
    make.page()
    for _ in range(2):
        Sweep(clock=lambda: now, source=None).batch()

    assert Notice.objects.filter(channel="UANA").count() == 1
