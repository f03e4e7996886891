"""Where an incident is spoken of."""

from __future__ import annotations

from apps.incidents.models import Incident


def note_thread(incident: Incident, *, channel: str, thread_ts: str) -> None:
    """Where Slack has the message that shows it, in the channel of all incidents.

    Nothing that anybody decided, so neither an event nor another version: the message's own event tells of it.
    """
    Incident.objects.filter(pk=incident.pk).update(thread_channel=channel, thread_ts=thread_ts)
