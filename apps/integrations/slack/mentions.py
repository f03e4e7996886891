"""Somebody mentions the bot, or presses Snooze: the next check waits, once, and only a reply ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.escalations import services as escalations
from apps.escalations.errors import EscalationError
from apps.escalations.models import Snooze
from apps.integrations.slack import selectors
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.incoming import word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import date, escape
from apps.tickets.models import Ticket

HALF_AN_HOUR = timedelta(minutes=30)
MAY = "tickets.change_ticket"

ENCOURAGEMENTS = (
    "Thank you for looking after this one!",
    "You have got this.",
    "Good to know it is in your hands.",
    "Take a breath: half an hour is yours.",
    "Nice, somebody is on it.",
    "One step after the other; you are doing fine.",
    "Thanks for raising your hand.",
    "Glad you are here.",
)
ONLY_A_REPLY = "Only a reply in the ticket stops the clock: even a triage note that says what happens next will do."


def on_mention(event: SlackEvent, now: datetime) -> None:
    """Work a mention of the bot."""
    mention = event.payload["event"]
    if mention.get("bot_id"):
        # Two bots that answer each other never end.
        return
    channel, ts, thread_ts = word(mention.get("channel")), word(mention.get("ts")), word(mention.get("thread_ts"))
    asked = Asked("a mention", user=word(mention.get("user")), channel=channel, thread_ts=thread_ts or ts)
    if not thread_ts:
        answer(
            asked,
            "I am here. Mention me *in a ticket's thread* and I will snooze its next check for 30 minutes. "
            f"{ONLY_A_REPLY}",
            now=now,
        )
        return
    snooze(
        asked,
        selectors.ticket_in_thread(channel, thread_ts),
        key=f"slack:{channel}:{ts}",
        choice=ts,
        now=now,
    )


def snooze(
    asked: Asked,
    ticket: Ticket | None,
    *,
    key: str,
    choice: str,
    now: datetime,
    again: Callable[[Ticket], bool] = lambda ticket: False,
) -> None:
    """The ticket's waiting checks move by half an hour, once for a `key`, and the thread is told.

    Whoever is no agent, or may not change tickets, is answered, and nothing moves; neither does it where `again` finds,
    with the ticket locked, that the same was asked before.
    """
    agent = selectors.agent_of(asked.user)
    if agent is None:
        answer(
            asked,
            "Sorry, only support agents can snooze, and I do not know you as one, so nothing has moved. "
            f"{escape(selectors.managers())} can add you with `/add-support-engineer`.",
            now=now,
            ticket=ticket,
        )
        return
    # Who has no role is an agent all the same: a manager who adds somebody cannot give out roles.
    if not agent.has_perm(MAY) and agent.groups.exists():
        answer(
            asked,
            "Sorry, snoozing is for those who may change tickets, and your role may not, so nothing has moved. "
            "Somebody in the role Agent can snooze for you; an administrator of the portal gives out roles.",
            now=now,
            ticket=ticket,
        )
        return
    if ticket is None:
        answer(
            asked,
            "I know of no ticket in this thread, so there is nothing to snooze. "
            "Mention me in the thread under a ticket's own message.",
            now=now,
        )
        return
    # The ticket is locked first, as everywhere; whoever brings the same mention again waits here.
    Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    if Snooze.objects.filter(key=key).exists() or again(ticket):
        return
    try:
        next_at = escalations.snooze(ticket, by=HALF_AN_HOUR, key=key, now=now)
    except EscalationError:
        answer(
            asked,
            f"Nothing is running for ticket {escape(ticket.number)} any more: {_why_not(ticket)}. "
            "There is nothing to snooze.",
            now=now,
            ticket=ticket,
        )
        return
    answer(asked, f"{_encouragement(choice)} {_what_follows(next_at)}", now=now, ticket=ticket)


def _why_not(ticket: Ticket) -> str:
    if not ticket.is_open:
        return f"it is {ticket.status}"
    if ticket.first_response_at is not None:
        return "it was answered"
    return "nothing is promised to it"


def _what_follows(next_at: datetime | None) -> str:
    if next_at is None:
        return f"Everybody has been told already, so no check is left to move. {ONLY_A_REPLY}"
    return f"The next check is at {date(next_at)}, 30 minutes later than before. {ONLY_A_REPLY}"


def _encouragement(choice: str) -> str:
    # By the moment of the mention, so that the same mention always gets the same words.
    digits = "".join(character for character in choice if character.isdecimal())
    return ENCOURAGEMENTS[int(digits or 0) % len(ENCOURAGEMENTS)]
