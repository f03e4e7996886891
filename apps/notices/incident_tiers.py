"""What is owed because a promise to an incident is in danger: its contact hears, then its lead."""

from __future__ import annotations

from collections.abc import Sequence

from apps.escalations.incident_events import IncidentTierReached
from apps.incidents.models import Incident
from apps.integrations.slack import incident_buttons, incident_tier_messages
from apps.notices import services, tier_routing
from apps.notices.incident_spoken import crash_channel, page_address
from apps.notices.routing import Owed
from apps.trail.reacting import Recorded

NOWHERE = (
    "Nowhere to send it: nobody it means has a Slack id, and neither INCIDENTS_CHANNEL nor SLACK_DEFAULT_CHANNEL is "
    "set to a channel the portal knows, or to a channel's id."
)


def tell(entries: Sequence[Recorded[IncidentTierReached]]) -> None:
    """Those whom the tiers mean hear, in person. The number of statements does not depend on the number of events."""
    incidents = Incident.objects.in_bulk({entry.event.incident for entry in entries})
    crash = crash_channel()
    services.owe(
        [
            (entry, owed)
            for entry in entries
            if entry.event.incident in incidents
            for owed in _for_tier(entry, incidents[entry.event.incident], crash)
        ]
    )


def _for_tier(entry: Recorded[IncidentTierReached], incident: Incident, crash: str) -> list[Owed]:
    """Where nobody can be told in person its own channel hears, else that of all incidents."""
    event, at, url = entry.event, entry.occurred_at, page_address("incidents_incident", incident.pk)
    buttons = incident_buttons.rows(
        incident.pk,
        over=incident.is_over,
        acknowledged=incident.acknowledged_at is not None,
        channel=bool(incident.slack_channel or incident.channel_asked_at),
    )
    return tier_routing.everybody(
        event,
        about=incident.stream,
        summary=incident_tier_messages.summary(event, at=at),
        to_person=lambda person: incident_tier_messages.to_person(event, person, at=at, url=url, buttons=buttons),
        to_place=incident_tier_messages.to_place(event, at=at, url=url, buttons=buttons),
        ours=incident.slack_channel or crash,
        nowhere=NOWHERE,
    )
