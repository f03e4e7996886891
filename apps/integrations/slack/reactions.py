"""What Slack is asked because of what happens to incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from apps.incidents import services
from apps.incidents.events import (
    IncidentChanged,
    IncidentChannelAsked,
    IncidentChannelOpened,
    IncidentClosed,
    IncidentDeclared,
    IncidentInvalidated,
    IncidentReopened,
)
from apps.incidents.models import Incident
from apps.integrations.slack.following import FOLLOW
from apps.integrations.slack.gateway import configured
from apps.integrations.slack.incident_rooms import LOOK_AFTER
from apps.integrations.slack.models import IncidentRoom
from apps.integrations.slack.selectors import incidents_channel
from apps.people.acting import Acting
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, following, on


@on(IncidentDeclared, IncidentChanged, IncidentClosed, IncidentReopened, IncidentInvalidated)
def show_what_is_broken(entries: Sequence[Recorded[Any]]) -> None:
    """The topic of the channel of all incidents follows at once, and not only with the next minute."""
    if configured() and incidents_channel():
        enqueue(FOLLOW)


@on(IncidentDeclared, IncidentChanged)
def ask_for_channels_of_the_worst(entries: Sequence[Recorded[Any]]) -> None:
    """Incidents of the levels that INCIDENT_CHANNEL_LEVELS names get a channel without being asked."""
    for entry in entries:
        if entry.event.level not in settings.INCIDENT_CHANNEL_LEVELS:
            continue
        incident = Incident.objects.get(pk=entry.event.incident)
        if not incident.is_over:
            with following(entry):
                services.open_channel(incident, by=Acting(None, "SupportOps"), now=entry.occurred_at)


@on(IncidentChannelAsked)
def have_the_channel_made(entries: Sequence[Recorded[IncidentChannelAsked]]) -> None:
    """By a worker, which asks Slack."""
    for entry in entries:
        IncidentRoom.objects.get_or_create(
            incident_id=entry.event.incident,
            defaults={"asked_by": entry.event.by, "asked_agent": entry.event.email},
        )
    enqueue(LOOK_AFTER)


@on(IncidentChannelOpened, IncidentChanged)
def invite_whoever_is_concerned(entries: Sequence[Recorded[Any]]) -> None:
    """At once, and not only with the next minute."""
    if configured() and Incident.objects.filter(pk__in={e.event.incident for e in entries}, slack_channel__gt=""):
        enqueue(LOOK_AFTER)
