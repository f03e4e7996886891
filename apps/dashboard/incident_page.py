"""What an incident's page says around its form: how it stands, what was said to whom, what it hit, its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, reverse

from apps.escalations.incident_selectors import promises_of
from apps.incidents.affecting import spans
from apps.incidents.models import Incident, Update
from apps.incidents.rights import may_declare, may_see
from apps.incidents.selectors import affected, severity_row
from apps.integrations.slack.messages import permalink
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket
from apps.trail.access import may_read
from apps.trail.selectors import story

STORY_LENGTH = 200
SLACK_CHANNEL = "https://slack.com/app_redirect?channel="


@dataclass(frozen=True)
class Said:
    """An update, and who reads its text to the public: everybody, nobody yet, or it waits."""

    update: Update
    tone: str
    word: str


def page_of(incident: Incident, reader: Agent | AnonymousUser, *, newest_first: bool, now: datetime) -> dict[str, Any]:
    """What the incident's page shows `reader`."""
    readable = partial(may_read, reader)
    lines = story(incident.stream, newest_first=newest_first, limit=STORY_LENGTH, readable=readable)
    updates = [_said(update) for update in incident.updates.order_by("-position")]
    return {
        "shown": incident,
        "meaning": severity_row(incident.severity),
        "now_with": affected(incident),
        "spans": spans(incident),
        "updates": updates,
        "waiting": [each for each in updates if each.update.awaiting],
        "behind": _behind(incident),
        "acknowledged_after": _between(incident.reported_at, incident.acknowledged_at),
        "took": _between(incident.reported_at, incident.closed_at),
        "tickets": list(incident.tickets.select_related("customer").defer("search").order_by("-opened_at")),
        "rfhs": list(incident.rfhs.select_related("team", "owner").defer("search").order_by("-opened_at")),
        "promises": promises_of([incident], now=now, people=True)[incident.pk],
        "places": _places(incident),
        "pages": _pages(incident),
        "story": lines,
        "story_is_cut": len(lines) == STORY_LENGTH,
        "story_limit": STORY_LENGTH,
        "newest_first": newest_first,
        "title": f"{incident}: {incident.title}",
        "subtitle": None,
    }


def incidents_about(subject: Ticket | RFH, reader: Agent | AnonymousUser) -> dict[str, Any]:
    """For the page of a ticket or request: the incidents about it, the newest first, and whether one may be declared.

    None where the reader may see none.
    """
    if not isinstance(reader, Agent) or not may_see(reader):
        return {"incidents": None, "may_declare": False}
    rows = subject.incidents.select_related("point", "contact", "lead").defer("search").order_by("-reported_at", "-pk")
    return {"incidents": list(rows), "may_declare": may_declare(reader)}


def _said(update: Update) -> Said:
    if update.published_at is not None:
        return Said(update, "good", "Public")
    if update.awaiting:
        return Said(update, "warn", "Waits for approval")
    return Said(update, "", "Among ourselves")


def _behind(incident: Incident) -> list[tuple[str, str]]:
    """Of a published incident, what the public reads that we know better."""
    if not incident.is_public:
        return []
    pairs = [
        ("title", incident.public_title, incident.title),
        ("status", incident.get_public_status_display(), incident.get_status_display()),
        ("impact", incident.get_public_impact_display(), incident.get_impact_display()),
        ("severity", incident.public_severity, incident.severity),
    ]
    return [(name, public) for name, public, known in pairs if public != known]


def _between(start: datetime, end: datetime | None) -> timedelta | None:
    return end - start if end is not None else None


def _places(incident: Incident) -> Sequence[tuple[str, str]]:
    """Where in Slack it is spoken of."""
    found = []
    if incident.slack_channel:
        found.append(("Its channel in Slack", f"{SLACK_CHANNEL}{incident.slack_channel}"))
    elif incident.channel_asked_at:
        found.append(("Its channel in Slack is being made", ""))
    if incident.thread_channel and incident.thread_ts:
        found.append(("Its thread in Slack", permalink(incident.thread_channel, incident.thread_ts)))
    return found


def _pages(incident: Incident) -> list[tuple[str, str, str]]:
    """Its own pages beside this one, each with an icon: only those the portal has."""
    wanted: list[tuple[str, str, str, int | str]] = [
        ("The timeline", "incidents:story", "timeline", incident.pk),
        ("The RCA", "incidents:rca", "lab_profile", incident.pk),
    ]
    if incident.is_public:
        wanted.append(("On the status page", "statuspage:incident", "public", incident.public_id))
    found = []
    for words, name, icon, key in wanted:
        try:
            found.append((words, reverse(name, args=[key]), icon))
        except NoReverseMatch:
            continue
    return found
