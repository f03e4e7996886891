"""/page, and the buttons under a page's message."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from apps.integrations.slack import page_messages, selectors
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.buttons import asked_by, pressed
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import escape, link
from apps.pages import rights, services
from apps.pages.errors import PageError, UnknownTeam
from apps.pages.models import Page
from apps.pages.selectors import find, team_called, teams_to_page
from apps.people.acting import Acting
from apps.people.models import Agent

COMMAND = "/page"
BUTTONS = page_messages.BUTTONS
# /page set low: the nightly build is red
_URGENCY = re.compile(r"(low|high)\s*:\s*", re.IGNORECASE)
USAGE = (
    "Type `/page team what is wrong`, such as `/page set nobody can sign in`. With `low:` before the text only the "
    "first who is on duty is told: `/page set low: the nightly build is red`."
)


def on_command(event: SlackEvent, now: datetime) -> None:
    """Page the team that is named; whatever is amiss is answered to who typed, with their text, so nothing is lost."""
    payload = event.payload
    asked = Asked(COMMAND, user=user_of(payload), channel=word(payload.get("channel_id")))
    typed = word(payload.get("text")).strip()
    agent = selectors.agent_of(asked.user)
    if agent is None or not rights.may_send(agent):
        who = "Your role may not page a team." if agent else "I do not know you, so I cannot page anybody for you."
        text = f"{who} Ask {escape(selectors.managers())}. Nobody was paged; you typed: {escape(typed) or 'nothing'}"
        answer(asked, text, now=now, private=True)
        return
    name, _, rest = typed.partition(" ")
    found = _URGENCY.match(rest.strip())
    message = rest.strip()[found.end() :] if found else rest.strip()
    try:
        if not name:
            raise UnknownTeam("team", "Say which team, and what is wrong.")
        team = team_called(name)
        page, _ = services.open_page(
            team=team,
            message=message,
            urgency=found[1].lower() if found else Page.Urgency.HIGH,
            origin=Page.Origin.SLACK,
            by=str(agent),
            key=f"slack:{event.event_id}",
            now=now,
        )
    except PageError as refusal:
        text = f"Nobody was paged: {escape(str(refusal))} {USAGE}"
        if isinstance(refusal, UnknownTeam) and not name:
            text = f"{text} {escape(teams_to_page())}"
        if typed:
            text = f"{text}\nYou typed: {escape(typed)}"
        answer(asked, text, now=now, private=True)
        return
    url = selectors.portal("admin:pages_page_change", page.pk)
    answer(asked, f"{escape(team.name)} is paged: {link(url, str(page))}.", now=now, private=True)


def on_button(event: SlackEvent, now: datetime) -> None:
    """Do what the button says for whoever pressed it; the messages of the page follow by themselves."""
    button = pressed(event.payload)
    action = word(button.get("action_id"))
    asked = asked_by(event, WORDS.get(action, "a button"))
    agent = selectors.agent_of(asked.user)
    if agent is None:
        text = "I do not know you, so nothing was changed. "
        answer(asked, f"{text}{escape(selectors.managers())} can add you as an agent.", now=now, private=True)
        return
    try:
        page = find(word(button.get("value")))
        # In a savepoint: a refusal leaves the event itself workable.
        with transaction.atomic():
            said = DEEDS[action](page, agent, now)
    except PageError as refusal:
        said = escape(str(refusal))
    answer(asked, said, now=now, private=True)


def _acknowledge(page: Page, agent: Agent, now: datetime) -> str:
    services.acknowledge(page, by=Acting(agent), now=now)
    return f"{page} is yours. Thank you!"


def _next(page: Page, agent: Agent, now: datetime) -> str:
    services.pass_on(page, by=Acting(agent), now=now)
    return f"{page}: the next is told now."


def _join(page: Page, agent: Agent, now: datetime) -> str:
    names = services.ask_to_join(page, by=Acting(agent), now=now)
    return f"{page}: {escape(', '.join(names))} was asked to join. It stays {escape(_owner(page))}."


def _resolve(page: Page, agent: Agent, now: datetime) -> str:
    services.resolve(page, by=Acting(agent), now=now)
    return f"{page} is resolved."


def _owner(page: Page) -> str:
    return f"with {page.owner}" if page.owner else "as it is"


DEEDS: dict[str, Callable[[Page, Agent, datetime], str]] = {
    page_messages.ACKNOWLEDGE: _acknowledge,
    page_messages.NEXT: _next,
    page_messages.JOIN: _join,
    page_messages.RESOLVE: _resolve,
}
WORDS = {
    page_messages.ACKNOWLEDGE: "Acknowledge",
    page_messages.NEXT: "Not mine, next please",
    page_messages.JOIN: "Ask the backup to join",
    page_messages.RESOLVE: "Resolved",
}
