"""The buttons under a tier's message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.escalations.events import PROMISES, EscalationReached
from apps.integrations.slack import mentions
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import date, escape
from apps.sla.durations import spell
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent

SNOOZE, WHY_ME, OPEN_TICKET = "snooze_30", "why_me", "open_ticket"
# Two clicks nearer to each other than this, in seconds, are a hand that slipped.
ONE_PRESS = 5
WHEN = "{date_short_pretty} at {time}"
ASKED = {SNOOZE: "Snooze 30 min", WHY_ME: "Why me?"}


def pressed(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The button's own part of the payload; empty when there is none."""
    actions = payload.get("actions")
    return mapping(actions[0]) if isinstance(actions, list) and actions else {}


def on_snooze(event: SlackEvent, now: datetime) -> None:
    """Snooze the ticket the button names; each press counts, as each mention does, but a double-click is one press."""
    button, asked = pressed(event.payload), _asked(event)
    number = word(button.get("value"))
    ticket = Ticket.objects.select_related("customer", "plan").filter(number=number).first()
    action_ts = word(button.get("action_ts"))
    presses = f"slack:{asked.channel}:{_pressed_message(event.payload)}:{asked.user}:"
    mentions.snooze(
        asked,
        ticket,
        key=f"{presses}{action_ts}",
        choice=action_ts,
        now=now,
        again=lambda ticket: _pressed_just_now(ticket, presses, action_ts),
    )


def _pressed_just_now(ticket: Ticket, presses: str, action_ts: str) -> bool:
    """Whether this person's press of this message counted within moments of `action_ts`, by Slack's own clock."""
    before = ticket.snoozes.filter(key__startswith=presses).values_list("key", flat=True)
    return any(abs(_seconds(action_ts) - _seconds(key.removeprefix(presses))) < ONE_PRESS for key in before)


def _seconds(ts: str) -> float:
    try:
        return float(ts)
    except ValueError:
        return 0.0


def _pressed_message(payload: Mapping[str, Any]) -> str:
    return word(mapping(payload.get("message")).get("ts")) or word(mapping(payload.get("container")).get("message_ts"))


def on_why_me(event: SlackEvent, now: datetime) -> None:
    """Tell who asks, and nobody else, by which promise, tier, shift or group the people were chosen."""
    reached = _reached(word(pressed(event.payload).get("value")))
    if reached is None:
        answer(_asked(event), "I no longer know what this message was about.", now=now, private=True)
        return
    ticket = Ticket.objects.filter(number=reached.number).first()
    asked = _asked(event)
    answer(asked, why(reached, asked.user), now=now, ticket=ticket, private=True)


def why(reached: EscalationReached, slack_id: str) -> str:
    """Why this person was told, or who was meant instead of them."""
    people = [person for person in reached.people if isinstance(person, dict)]
    mine = [person for person in people if person.get("slack_id") == slack_id]
    whom = str(reached.audience.get("label") or "nobody in particular")
    promise = PROMISES.get(reached.promise, reached.promise)
    lines = [
        f"Ticket {escape(reached.number)} had no reply, and *{escape(reached.policy)}* promises a {promise} "
        f"within {spell(reached.within)}. Its tier {reached.tier} tells “{escape(whom)}”."
    ]
    if mine:
        lines.append(f"You were chosen because you are meant by it: {_reason(mine[0])}.")
    elif people:
        lines.append("You were not meant. These were:")
    else:
        lines.append("Nobody was meant by name.")
    others = [person for person in people if person not in mine]
    if mine and others:
        lines.append("With you:")
    lines += [f"• {escape(str(person.get('name', '')))}: {_reason(person)}" for person in others[:20]]
    lines += [f"_{escape(note)}_" for note in reached.notes]
    if reached.skipped:
        tiers = ", ".join(str(tier) for tier in reached.skipped)
        lines.append(f"Tier {tiers} was due as well and was passed over.")
    return "\n".join(lines)


def _reason(person: Mapping[str, Any]) -> str:
    because = escape(str(person.get("because", "")))
    until = person.get("until")
    return f"{because} until {date(datetime.fromisoformat(until), WHEN)}" if until else because


def _reached(value: str) -> EscalationReached | None:
    try:
        key = UUID(value)
    except ValueError:
        return None
    stored = StoredEvent.objects.filter(event_id=key, type=EscalationReached.__name__).first()
    event = stored.event if stored else None
    return event if isinstance(event, EscalationReached) else None


def _asked(event: SlackEvent) -> Asked:
    return asked_by(event, ASKED.get(word(pressed(event.payload).get("action_id")), "a button"))


def asked_by(event: SlackEvent, what: str) -> Asked:
    """Who pressed `what`, and where the answer belongs."""
    payload = event.payload
    message, container = mapping(payload.get("message")), mapping(payload.get("container"))
    channel = word(mapping(payload.get("channel")).get("id")) or word(container.get("channel_id"))
    thread = (
        word(message.get("thread_ts"))
        or word(container.get("thread_ts"))
        or word(message.get("ts"))
        or word(container.get("message_ts"))
    )
    return Asked(what, user=word(mapping(payload.get("user")).get("id")), channel=channel, thread_ts=thread)
