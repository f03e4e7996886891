"""@mention and the Snooze button: agents move the next check, once, and everybody is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from apps.escalations.models import Check, Snooze
from apps.integrations.slack.mentions import ENCOURAGEMENTS
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make
from tests.slack.inbound import HERE, ago, answers, heard, supporter
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]

THREAD = "1773824400.000100"
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def ticket() -> Ticket:
    """A ticket that runs, five minutes old."""
    make.policy()
    opened = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    return make.ticket("4711", opened_at=opened)


def mention(user: str = "UANA", *, thread: str | None = THREAD, ts: str | None = None, channel: str = HERE) -> str:
    return payloads.event_callback(payloads.app_mention(channel, ts or ago(), user=user, thread_ts=thread))


def waiting() -> list[datetime]:
    return list(Check.objects.filter(state="waiting").order_by("tier").values_list("due_at", flat=True))


def test_an_agents_mention_moves_every_check_by_half_an_hour(ticket: Ticket) -> None:
    supporter()
    before = waiting()

    heard(mention())

    assert waiting() == [due + HALF_AN_HOUR for due in before]


def test_the_answer_encourages_and_says_the_new_time_and_that_only_a_reply_counts(ticket: Ticket) -> None:
    supporter()

    heard(mention())

    [answer] = answers()
    assert answer.text.startswith(ENCOURAGEMENTS)
    assert f"<!date^{int(waiting()[0].timestamp())}^" in answer.text
    assert "Only a reply in the ticket" in answer.text
    assert (answer.channel, answer.thread_ts, answer.private) == (HERE, THREAD, False)


def test_the_same_mention_gets_the_same_words_and_others_vary(ticket: Ticket) -> None:
    supporter()

    for number in range(12):
        heard(mention(ts=f"1773824500.{number:06d}"))

    openings = {next(words for words in ENCOURAGEMENTS if answer.text.startswith(words)) for answer in answers()}
    assert len(openings) == len(ENCOURAGEMENTS)


def test_a_mention_delivered_twice_counts_once(ticket: Ticket) -> None:
    supporter()
    before, ts = waiting(), ago()

    heard(mention(ts=ts))
    heard(mention(ts=ts))

    assert waiting() == [due + HALF_AN_HOUR for due in before]
    assert len(answers()) == 1


def test_two_mentions_count_twice(ticket: Ticket) -> None:
    supporter()
    before = waiting()

    heard(mention(ts=ago(seconds=2)))
    heard(mention(ts=ago(seconds=1)))

    assert waiting() == [due + 2 * HALF_AN_HOUR for due in before]


def test_the_snooze_is_the_agents_on_the_trail(ticket: Ticket) -> None:
    supporter()

    heard(mention())

    stored = StoredEvent.objects.get(type="ChecksSnoozed")
    assert (stored.actor_kind, stored.actor_id, stored.actor_label) == ("slack", "UANA", "Ana")
    answered = StoredEvent.objects.get(type="SlackAnswered")
    assert answered.correlation_id == stored.correlation_id
    assert ticket.stream in answered.about


@pytest.mark.parametrize("known", [None, {"is_active": False}])
def test_whoever_is_no_agent_is_answered_and_nothing_moves(ticket: Ticket, known: dict[str, bool] | None) -> None:
    if known is not None:
        make.agent("Ana", **known)
    before = waiting()

    heard(mention())

    assert waiting() == before
    assert not Snooze.objects.exists()
    assert "only support agents" in answers()[0].text


@pytest.mark.parametrize("role", [*roles.ROLES, None])
@pytest.mark.parametrize("by", ["mention", "button"])
def test_no_role_that_may_not_change_tickets_may_snooze_them(ticket: Ticket, role: str | None, by: str) -> None:
    roles.sync(datetime.now(UTC))
    make.agent("Ana").groups.set(Group.objects.filter(name=role))
    before = waiting()

    heard(mention() if by == "mention" else press())

    if role in (roles.MANAGER, roles.AGENT, None):
        assert waiting() == [due + HALF_AN_HOUR for due in before]
    else:
        assert waiting() == before
        assert not Snooze.objects.exists()
        assert "your role may not" in answers()[0].text


def test_outside_a_thread_the_bot_says_how_it_works(ticket: Ticket) -> None:
    supporter()
    before, ts = waiting(), ago()

    heard(mention(thread=None, ts=ts))

    assert waiting() == before
    assert "thread" in answers()[0].text
    assert answers()[0].thread_ts == ts


def test_in_another_thread_the_bot_says_that_it_knows_no_ticket(ticket: Ticket) -> None:
    supporter()

    heard(mention(thread="1700000000.000001"))

    assert "no ticket in this thread" in answers()[0].text


def test_the_same_ts_in_another_channel_is_another_thread(ticket: Ticket) -> None:
    supporter()

    heard(mention(channel="C999"))

    assert "no ticket" in answers()[0].text


@pytest.mark.parametrize(("end", "reason"), [("reply", "it was answered"), ("solved", "it is solved")])
def test_when_nothing_runs_the_bot_says_why(ticket: Ticket, end: str, reason: str) -> None:
    supporter()
    now = datetime.now(UTC)
    if end == "reply":
        tickets.record_reply(ticket, author="agent", at=now, now=now)
    else:
        tickets.move(ticket, end, now=now)

    heard(mention())

    assert reason in answers()[0].text


def test_a_ticket_without_a_promise_has_nothing_to_snooze() -> None:
    supporter()
    make.ticket("4711")

    heard(mention())

    assert "nothing is promised" in answers()[0].text


def test_with_every_tier_told_the_bot_says_that_only_a_reply_is_left(ticket: Ticket) -> None:
    supporter()
    Check.objects.update(state="reached")

    heard(mention())

    assert "no check is left to move" in answers()[0].text


def test_bots_that_mention_the_bot_are_not_answered(ticket: Ticket) -> None:
    event = payloads.app_mention(HERE, ago(), user="U0OTHERBOT", thread_ts=THREAD)

    heard(payloads.event_callback(event | {"bot_id": "B0OTHER"}))

    assert answers() == []


def press(user: str = "UANA", *, value: str = "4711", message: str | None = None, at: str | None = None) -> str:
    return payloads.block_actions(
        "snooze_30",
        user=user,
        channel=HERE,
        message_ts=message or ago(),
        thread_ts=THREAD,
        value=value,
        action_ts=at,
    )


def test_the_snooze_button_does_what_a_mention_does(ticket: Ticket) -> None:
    supporter()
    before = waiting()

    heard(press())

    assert waiting() == [due + HALF_AN_HOUR for due in before]
    [answer] = answers()
    assert (answer.thread_ts, answer.private, answer.asked) == (THREAD, False, "Snooze 30 min")


def test_one_press_sent_twice_counts_once(ticket: Ticket) -> None:
    supporter()
    before, body = waiting(), press()

    heard(body)
    heard(body)

    assert waiting() == [due + HALF_AN_HOUR for due in before]
    assert len(answers()) == 1


@pytest.mark.parametrize("second", ["1773824500.010000", "1773824504.900000"])
def test_a_double_click_counts_once(ticket: Ticket, second: str) -> None:
    make.agent("Ana")
    before, message = waiting(), ago()

    heard(press(message=message, at="1773824500.000000"))
    heard(press(message=message, at=second))

    assert waiting() == [due + HALF_AN_HOUR for due in before]
    assert len(answers()) == 1


def test_a_press_some_seconds_later_another_message_and_another_person_each_count(ticket: Ticket) -> None:
    make.agent("Ana")
    make.agent("Ben")
    before, message = waiting(), ago()

    heard(press(message=message, at="1773824500.000000"))
    heard(press(message=message, at="1773824505.000000"))
    heard(press(message=f"{message}1", at="1773824505.000000"))
    heard(press("UBEN", message=message, at="1773824505.000000"))

    assert waiting() == [due + 4 * HALF_AN_HOUR for due in before]


def test_a_strangers_press_moves_nothing(ticket: Ticket) -> None:
    before = waiting()

    heard(press("USTRANGER"))

    assert waiting() == before
    assert "only support agents" in answers()[0].text


def test_a_button_of_a_ticket_that_is_gone_is_answered() -> None:
    supporter()

    heard(press(value="nothing"))

    assert "no ticket" in answers()[0].text
