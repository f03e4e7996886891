"""What is said when an incident moves: one sentence each, with what was written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.incidents.events import (
    IncidentAcknowledged,
    IncidentChanged,
    IncidentChannelOpened,
    IncidentChannelRefused,
    IncidentLinked,
    IncidentPublished,
    IncidentUnpublished,
    IncidentUpdated,
    IncidentUpdateEdited,
    PublicationDeclined,
    PublicationWanted,
    RCALinked,
)
from apps.incidents.models import Component, Incident, Update
from apps.incidents.states import NAMES, OVER, State
from apps.integrations.slack.incident_messages import Word, when
from apps.integrations.slack.text import channel_link, escape, link
from apps.trail.reacting import Recorded

PUBLIC, WAITING, OURS = "For the public", "For the public, once it is approved", "Among ourselves"
LONGEST_VALUE = 200
TIMES = {"reported_at": "when it began", "closed_at": "when it ended"}


def word_of(entry: Recorded[Any], incident: Incident) -> Word | None:
    """What its event says to everybody who follows the incident; None where another event of the action says it."""
    event = entry.event
    match event:
        case IncidentAcknowledged():
            return Word(":eyes:", "acknowledged it.", "acknowledged")
        case IncidentChanged():
            changes = [_changed(name, *values) for name, values in event.changes.items()]
            return Word(":pencil2:", f"changed {'; '.join(changes)}.", "changed")
        case IncidentUpdated():
            return _update(event)
        case IncidentPublished():
            return _published(event, incident, at=entry.occurred_at)
        case IncidentUnpublished():
            return Word(":no_entry_sign:", "took it off the public page.", "unpublished", [("", event.because)])
        case PublicationWanted() if not event.public_text:
            return Word(
                ":hourglass:", "asks that what is new be published; it waits for approval.", "waits for approval"
            )
        case PublicationDeclined():
            return Word(":no_entry_sign:", "declined to publish what waited.", "not published", [("", event.because)])
        case IncidentLinked():
            return _linked(event)
        case IncidentChannelOpened():
            did = f"asked for a channel: it is spoken of in {channel_link(event.channel)} now."
            return Word(":speech_balloon:", did, "it has a channel")
        case IncidentChannelRefused():
            return Word(
                ":no_entry_sign:", "asked for a channel, which Slack did not make.", "no channel", [("", event.because)]
            )
        case RCALinked():
            return Word(":mag:", f"linked {link(event.url, 'its RCA')}: why it happened.", "its RCA")
        case IncidentUpdateEdited():
            said = {"public_text": PUBLIC, "internal_note": OURS}
            quotes = [(said.get(name, name), str(values[1])) for name, values in event.changes.items()]
            return Word(":pencil2:", f"corrected update {event.update}.", "corrected", quotes)
        case _:
            return None


def _update(event: IncidentUpdated) -> Word | None:
    before, after = State(event.before), State(event.status)
    public = (WAITING if event.awaiting else PUBLIC) if event.public_text else ""
    quotes = [(title, text) for title, text in ((public, event.public_text), (OURS, event.internal_note)) if text]
    parts = _components(event.components)
    beside = f" {' · '.join(parts)}." if parts else ""
    waits = " It waits for approval." if event.awaiting and not event.public_text else ""
    if after == State.INVALID:
        return Word(":no_entry_sign:", f"marked it as no incident.{beside}", "invalid", quotes)
    if before in OVER and after not in OVER:
        return Word(":arrows_counterclockwise:", f"reopened it.{beside}{waits}", "reopened", quotes)
    if after == State.RESOLVED and before != after:
        return Word(":white_check_mark:", f"closed it.{beside}{waits}", "closed", quotes)
    if before != after:
        did = f"moved it from {NAMES[before].lower()} to *{NAMES[after].lower()}*.{beside}{waits}"
        return Word(":memo:", did, NAMES[after].lower(), quotes)
    if not (quotes or parts):
        # What was changed with it is said by its own event.
        return None
    return Word(":memo:", f"updated it.{beside}{waits}", "an update", quotes)


def _published(event: IncidentPublished, incident: Incident, *, at: datetime) -> Word | None:
    if event.first:
        return Word(":bell:", "published it: the public reads of it.", "published")
    said_now = Update.objects.filter(incident=incident, position__in=event.updates, at=at).exists()
    if said_now:
        # The update's own word says that it is for the public.
        return None
    return Word(":bell:", "published what is new of it.", "published")


def _linked(event: IncidentLinked) -> Word:
    fresh = [*(f"ticket {number}" for number in event.tickets), *(f"RFH-{number}" for number in event.rfhs)]
    gone = [f"ticket {number}" for number in event.tickets_removed]
    gone += [f"RFH-{number}" for number in event.rfhs_removed]
    said = [f"linked {escape(', '.join(fresh))}"] if fresh else []
    said += [f"removed {escape(', '.join(gone))}"] if gone else []
    return Word(":link:", f"{' and '.join(said)}.", "linked")


def _components(changes: Sequence[dict[str, Any]]) -> list[str]:
    names = dict(Component.Status.choices)
    return [f"*{escape(str(each['name']))}*: {names.get(each['new'], each['new'])}" for each in changes]


def _changed(name: str, before: Any, after: Any) -> str:
    called = TIMES.get(name) or f"the {name.replace('_', ' ')}"
    if name == "description":
        return called
    return f"{called} from {_value(name, before)} to *{_value(name, after)}*"


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return "nobody" if name in ("point", "contact", "lead") else "nothing"
    if name in TIMES:
        return when(datetime.fromisoformat(str(value)))
    said = str(value)
    return escape(said if len(said) <= LONGEST_VALUE else f"{said[: LONGEST_VALUE - 1]}…")
