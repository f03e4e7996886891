"""What waits for somebody who may publish: they are asked, and whoever wrote it hears what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.incidents.events import PublicationWanted
from apps.incidents.models import Incident, Update
from apps.incidents.selectors import publishers, read_by_the_public
from apps.integrations.slack import incident_buttons, incident_messages
from apps.integrations.slack.incident_messages import ASK, Word
from apps.integrations.slack.text import escape
from apps.notices import incident_routing, services
from apps.notices.incident_owing import owe
from apps.notices.incident_routing import Message
from apps.notices.incident_spoken import Spoken, spoken_of
from apps.notices.incident_words import PUBLIC, word_of
from apps.notices.models import Notice
from apps.notices.places import Place
from apps.notices.replacing import in_place_of
from apps.notices.shifts import did_it, reachable
from apps.trail.models import Link
from apps.trail.reacting import Recorded

Entries = Sequence[Recorded[Any]]
SETTLES = ("IncidentPublished", "PublicationDeclined", "IncidentUnpublished", "IncidentInvalidated")


def ask_for_approval(entries: Sequence[Recorded[PublicationWanted]]) -> None:
    """Everybody who may publish hears that something waits, in person."""
    found = spoken_of({entry.event.incident for entry in entries})
    for entry in entries:
        spoken, event = found[entry.event.incident], entry.event
        quotes = [(PUBLIC, event.public_text)] if event.public_text else []
        word = Word(":hourglass:", "asks you to publish what is new of it.", "waits for your approval", quotes)
        buttons = incident_buttons.approval(spoken.incident.pk, read_by_the_public(spoken.incident))
        said = word.said(escape(event.by))
        message = incident_messages.word(spoken.shown, said, word, buttons=buttons, mark=ASK)
        owe(
            entry,
            [
                incident_routing.to(Place(agent.slack_id or ""), spoken.shown, message, word.what)
                for agent in publishers()
                if agent.slack_id and not did_it(entry.actor, agent)
            ],
        )


def show_what_was_decided(entries: Entries) -> None:
    """Those who were asked to publish see that nobody needs to any more."""
    found = spoken_of({entry.event.incident for entry in entries})
    for entry in entries:
        spoken = found[entry.event.incident]
        if spoken.incident.awaiting_since is not None:
            continue
        message = decided(spoken, word_of(entry, spoken.incident), entry.event.by)
        asked = Notice.objects.filter(
            about=spoken.incident.stream,
            kind=Notice.Kind.MESSAGE,
            state=Notice.State.SENT,
            slack_ts__gt="",
            blocks__0__block_id=ASK,
            replaced_by=None,
        )
        services.owe([(entry, in_place_of(notice, *message)) for notice in asked])


def tell_who_asked(entries: Entries) -> None:
    """Whoever wrote what waited hears what became of it, unless they decided it themselves."""
    found = spoken_of({entry.event.incident for entry in entries})
    for entry in entries:
        spoken = found[entry.event.incident]
        word = word_of(entry, spoken.incident)
        if word is None:
            continue
        message = incident_messages.word(spoken.shown, word.said(escape(entry.event.by)), word)
        owe(
            entry,
            [
                incident_routing.to(Place(agent.slack_id or ""), spoken.shown, message, word.what)
                for agent in reachable(_who_asked(entry, spoken.incident)).values()
                if not did_it(entry.actor, agent) and agent.email != entry.event.email
            ],
        )


def decided(spoken: Spoken, word: Word | None = None, by: str = "Somebody") -> Message:
    """In the place of a question that nobody needs to answer any more."""
    word = word or Word(":information_source:", "decided it meanwhile.", "decided")
    return incident_messages.word(spoken.shown, word.said(escape(by)), word)


def _who_asked(entry: Recorded[Any], incident: Incident) -> list[str]:
    """The emails of those whose words waited until this event."""
    positions = getattr(entry.event, "updates", ())
    authors = Update.objects.filter(incident=incident, position__in=positions).exclude(at=entry.occurred_at)
    asked = [str(email) for email in authors.values_list("by_agent__email", flat=True) if email]
    if incident.awaiting_since is not None:
        return asked
    links = Link.objects.filter(stream=incident.stream, event__position__lt=entry.position)
    kinds = ("PublicationWanted", *SETTLES)
    for link in links.filter(event__type__in=kinds).select_related("event").order_by("-event__position")[:50]:
        if link.event.type != "PublicationWanted":
            break
        asked.append(str(link.event.payload.get("email") or ""))
    return list(dict.fromkeys(email for email in asked if email))
