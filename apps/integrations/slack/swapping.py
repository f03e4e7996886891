"""The buttons under a shift that somebody is asked to take."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.integrations.slack import selectors, swap_messages
from apps.integrations.slack.answering import answer
from apps.integrations.slack.buttons import asked_by, pressed
from apps.integrations.slack.incoming import word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import escape
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import RotationError, SwapIsOver
from apps.rotations.models import SwapRequest

BUTTONS = swap_messages.BUTTONS
WORDS = {swap_messages.TAKE: "Take it", swap_messages.DECLINE: "Decline"}


def on_button(event: SlackEvent, now: datetime) -> None:
    """Do what the button says for whoever pressed it; whatever is amiss is said to them."""
    button = pressed(event.payload)
    action = word(button.get("action_id"))
    asked = asked_by(event, WORDS.get(action, "a button"))
    agent = selectors.agent_of(asked.user)
    if agent is None:
        who = escape(selectors.managers())
        answer(
            asked, f"I do not know you, so nothing was changed. {who} can add you as an agent.", now=now, private=True
        )
        return
    try:
        # In a savepoint: a refusal leaves the event itself workable.
        with transaction.atomic():
            said = _done(action, _request(word(button.get("value"))), agent, now)
    except RotationError as refusal:
        said = escape(str(refusal))
    answer(asked, said, now=now, private=True)


def _done(action: str, request: SwapRequest, agent: Agent, now: datetime) -> str:
    if action == swap_messages.TAKE:
        services.take_swap(request, by=agent, now=now)
        return f"You take {escape(str(request))}. {escape(str(request.person))} is told. Thank you!"
    services.decline_swap(request, by=agent, now=now)
    return f"You do not take {escape(str(request))}."


def _request(key: str) -> SwapRequest:
    related = SwapRequest.objects.select_related("rotation", "role", "person")
    request = related.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 18 else None
    if request is None:
        raise SwapIsOver("This request is gone: the role it was about is no more.")
    return request
