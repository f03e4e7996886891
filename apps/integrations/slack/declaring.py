"""/create-incident, and the shortcut of a message: saying that something is broken, in a modal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.incidents import rights, services
from apps.incidents.errors import IncidentError
from apps.incidents.models import Incident
from apps.integrations.slack import incident_modals, inputs
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.asking import place
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.candidates import instant
from apps.integrations.slack.chosen_message import WHICH, chosen
from apps.integrations.slack.incident_forms import Said, at_blocks, severities, who_declares
from apps.integrations.slack.incident_lines import linked
from apps.integrations.slack.incident_modals import LONGEST_DESCRIPTION, LONGEST_TITLE, Known
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.setup import Errors
from apps.integrations.slack.text import escape, link
from apps.people.acting import Acting
from apps.people.models import Agent

COMMAND = "/create-incident"
SHORTCUT = "incident_from_message"
WHAT = "Declare an incident"
_BLOCKS = frozenset(
    {
        "severity",
        "reported_at",
        "point",
        "contact",
        "title",
        "description",
        "public_text",
        "components",
        "about",
    }
)


def on_command(event: SlackEvent, now: datetime) -> Call | None:
    """Open the form for whoever may declare, with the words after the command as its title."""
    payload = event.payload
    asked = Asked(COMMAND, user=user_of(payload), channel=place(word(payload.get("channel_id"))))
    said = " ".join(word(payload.get("text")).split())
    try:
        agent = who_declares(asked.user)
    except IncidentError as refusal:
        typed = escape(said[:500]) or "nothing"
        answer(asked, f"{escape(str(refusal))} You typed: {typed}", now=now, private=True)
        return None
    # What does not fit into a title is not lost by it.
    more = said if len(said) > LONGEST_TITLE else ""
    known = Known(title=said[:LONGEST_TITLE], description=more[:LONGEST_DESCRIPTION], reported_at=now)
    return OpenModal(asked, word(payload.get("trigger_id")), form(agent, known, {}))


def on_shortcut(event: SlackEvent, now: datetime) -> Call | None:
    """Open the form with what the message says; of a message that was declared already, say which it is."""
    message = chosen(event.payload)
    where, asked = message.where, message.where.asked(WHAT, message.user)
    try:
        agent = who_declares(asked.user)
        if not where.is_known:
            raise IncidentError(WHICH)
    except IncidentError as refusal:
        answer(asked, escape(str(refusal)), now=now, private=True)
        return None
    key = f"slack:{where.key}"
    if known := Incident.objects.filter(source_key=key).first():
        answer(asked, _is_already(known), now=now, private=True)
        return None
    begun = Known(
        title=message.first_line[:LONGEST_TITLE],
        description=f"{where.url}\n{message.quoted}"[:LONGEST_DESCRIPTION],
        about=message.ticket.number if message.ticket else "",
        reported_at=min(instant(where.ts) or now, now),
        remarks=[f"Of {link(where.url, f'the message of {message.author}' if message.author else 'the message')}"],
    )
    return OpenModal(asked, word(event.payload.get("trigger_id")), form(agent, begun, {"source_key": key}))


def form(agent: Agent, known: Known, metadata: Mapping[str, Any]) -> inputs.View:
    """The form as this agent fills it in."""
    return incident_modals.declare(known, severities(), publishes=rights.may_publish(Acting(agent)), metadata=metadata)


def submit(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """The incident is declared; else what is wrong, by block, and nothing is."""
    said = Said.of(payload)
    try:
        agent = who_declares(user_of(payload))
        point, contact = said.person("point"), said.person("contact")
        tickets, rfhs = said.about()
        components = said.components()
        said.at_most("title", LONGEST_TITLE)
        said.at_most("description", LONGEST_DESCRIPTION)
        if said.errors:
            return said.errors
        with transaction.atomic():
            incident, fresh = services.declare(
                title=said.text("title"),
                by=Acting(agent),
                now=now,
                severity=said.text("severity"),
                description=said.text("description"),
                public_text=said.text("public_text"),
                components=components,
                tickets=tickets,
                rfhs=rfhs,
                reported_at=said.moment("reported_at"),
                published=said.published,
                source=Incident.Source.SLACK,
                # Two who declare of one message declare one incident; a form that is sent twice does so once.
                source_key=word(said.opened.get("source_key")) or said.key,
                point=point,
                contact=contact,
            )
            if not fresh and incident.declared_by != str(agent):
                answer(Asked(WHAT, agent.slack_id or "", ""), _is_already(incident), now=now, private=True)
    except IncidentError as refusal:
        return at_blocks(refusal, _BLOCKS, "title")
    return {}


def _is_already(incident: Incident) -> str:
    who = escape(incident.declared_by)
    return f"This message is {linked(incident)} already, declared by {who}. No second was made."
