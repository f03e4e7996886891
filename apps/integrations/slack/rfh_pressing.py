"""The buttons under what Slack hears of a request for help, and the modals two of them open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.integrations.slack import inputs, rfh_buttons, rfh_modals, selectors
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.asking import at_blocks
from apps.integrations.slack.buttons import asked_by, pressed
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.setup import Errors, modals_view
from apps.integrations.slack.text import escape
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs import rights, services, states
from apps.rfhs.errors import NotYours, RFHError
from apps.rfhs.models import RFH
from apps.rfhs.selectors import find
from apps.rfhs.states import State, Step

BUTTONS = rfh_buttons.BUTTONS
# What a modal's button will do, so that nobody types what could not be taken.
STEPS = {rfh_buttons.ANSWER: Step.ANSWER, rfh_buttons.SOLVED: Step.SOLVE_BY_TEAMMATE}
_FIELDS = frozenset({"answer"})


def on_button(event: SlackEvent, now: datetime) -> Call | None:
    """Do what the button says for whoever pressed it, or open its modal; whatever is amiss is said to them alone."""
    button = pressed(event.payload)
    action = word(button.get("action_id"))
    asked = asked_by(event, rfh_buttons.WORDS.get(action, "a button").rstrip("…"))
    try:
        agent, rfh = _allowed(asked.user, word(button.get("value")))
        if action in STEPS:
            states.check(STEPS[action], rfh.at)
            return OpenModal(asked, word(event.payload.get("trigger_id")), _modal(action, rfh, asked))
        # In a savepoint: a refusal leaves the event itself workable.
        with transaction.atomic():
            said = DEEDS[action](rfh, agent, now)
    except RFHError as refusal:
        said = escape(str(refusal))
    answer(asked, said, now=now, private=True)
    return None


def submit_answer(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """The team's answer is given; else what is wrong, beside the field."""

    def give(rfh: RFH, agent: Agent, typed: Mapping[str, str]) -> str:
        services.answer(rfh, answer=typed.get("answer", ""), by=Acting(agent), now=now)
        return f"{rfh} is answered. Thank you!"

    return _submitted(payload, "Answer", give, now=now)


def submit_solved(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """A teammate solved it; else what is wrong, beside the field."""

    def solve(rfh: RFH, agent: Agent, typed: Mapping[str, str]) -> str:
        knew = selectors.agent_of(typed.get("who", "")) or agent
        answered = typed.get("answer", "")
        services.solved_by_teammate(rfh, answer=answered, answered_by=str(knew), by=Acting(agent), now=now)
        return f"{rfh} is solved by {escape(str(knew))}: engineering was not needed. Thank you!"

    return _submitted(payload, "Solved by a teammate", solve, now=now)


def _submitted(
    payload: Mapping[str, Any], what: str, do: Callable[[RFH, Agent, Mapping[str, str]], str], *, now: datetime
) -> Errors:
    view = modals_view(payload)
    opened = inputs.metadata(view)
    typed = inputs.values(view)
    asked = Asked(what, user_of(payload), word(opened.get("channel")), word(opened.get("thread_ts")))
    try:
        agent, rfh = _allowed(asked.user, word(opened.get("rfh")))
        # Sent twice, it is done once, and the second is no news.
        if rfh.answer and rfh.answer == typed.get("answer", "") and rfh.at in {State.ANSWERED, *states.OVER}:
            return {}
        with transaction.atomic():
            said = do(rfh, agent, typed)
            answer(asked, said, now=now, private=True)
    except RFHError as refusal:
        return at_blocks(refusal, _FIELDS, "answer")
    return {}


def _allowed(user: str, number: str) -> tuple[Agent, RFH]:
    """Who pressed, and the request as they may change it. Raises NotYours, UnknownRFH."""
    agent = selectors.agent_of(user)
    if agent is None:
        raise NotYours(f"I do not know you, so nothing was changed. {selectors.managers()} can add you as an agent.")
    rfh = find(number)
    if not rights.may_change(agent, rfh):
        whose = f"those of {rfh.team} and support" if rfh.team else "support"
        raise NotYours(f"{rfh} is for {whose} to move, so nothing was changed.")
    return agent, rfh


def _modal(action: str, rfh: RFH, asked: Asked) -> inputs.View:
    opened = {"rfh": str(rfh.pk), "channel": asked.channel, "thread_ts": asked.thread_ts}
    if action == rfh_buttons.ANSWER:
        return rfh_modals.answer(rfh=str(rfh), summary=rfh.summary, metadata=opened)
    return rfh_modals.solved(rfh=str(rfh), summary=rfh.summary, user=asked.user, metadata=opened)


def _acknowledge(rfh: RFH, agent: Agent, now: datetime) -> str:
    if rfh.owner_id == agent.pk and rfh.at in {State.ACKNOWLEDGED, State.IN_PROGRESS}:
        return f"{rfh} is yours already."
    services.acknowledge(rfh, by=Acting(agent), now=now)
    return f"{rfh} is yours. Thank you!"


def _start(rfh: RFH, agent: Agent, now: datetime) -> str:
    if rfh.owner_id == agent.pk and rfh.at == State.IN_PROGRESS:
        return f"You work on {rfh} already."
    services.start(rfh, by=Acting(agent), now=now)
    whose = "you work on it" if rfh.owner_id == agent.pk else f"it stays with {escape(str(rfh.owner))}"
    return f"{rfh} is in progress: {whose}."


def _take(rfh: RFH, agent: Agent, now: datetime) -> str:
    if rfh.at in {State.FILED, State.HANDED_OVER}:
        return _acknowledge(rfh, agent, now)
    if rfh.owner_id == agent.pk:
        return f"{rfh} is yours already."
    before = f" from {escape(str(rfh.owner))}" if rfh.owner else ""
    services.assign(rfh, to=agent, by=Acting(agent), now=now, because="taken over")
    return f"You took {rfh}{before}."


def _join(rfh: RFH, agent: Agent, now: datetime) -> str:
    if rfh.works_with_customer == RFH.WorksWithCustomer.YES and rfh.owner_id != agent.pk:
        return f"{escape(str(rfh.owner or 'Somebody'))} works with the customer on {rfh} already."
    sentence = services.join_customer(rfh, engineer=agent, by=Acting(agent), now=now)
    return f"You work with the customer on {rfh}. {escape(sentence)}"


def _stay(rfh: RFH, agent: Agent, now: datetime) -> str:
    services.stay_behind(rfh, by=Acting(agent), now=now)
    return f"{rfh}: support goes on talking with the customer."


DEEDS: dict[str, Callable[[RFH, Agent, datetime], str]] = {
    rfh_buttons.ACKNOWLEDGE: _acknowledge,
    rfh_buttons.START: _start,
    rfh_buttons.TAKE: _take,
    rfh_buttons.JOIN_YES: _join,
    rfh_buttons.JOIN_NO: _stay,
}
