"""Where an incident is spoken of."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.incidents import states
from apps.incidents.events import IncidentChannelAsked, IncidentChannelOpened, IncidentChannelRefused
from apps.incidents.models import Incident
from apps.incidents.services.requested import hold_requests, tell_the_channel
from apps.incidents.services.writing import locked, record, refresh, told, write
from apps.incidents.states import Step
from apps.people.acting import Acting


def note_thread(incident: Incident, *, channel: str, thread_ts: str) -> None:
    """Where Slack has the message that shows it, in the channel of all incidents.

    Nothing that anybody decided, so neither an event nor another version: the message's own event tells of it.
    """
    Incident.objects.filter(pk=incident.pk).update(thread_channel=channel, thread_ts=thread_ts)


@transaction.atomic
def open_channel(incident: Incident, *, by: Acting, now: datetime) -> bool:
    """It gets a channel of its own as soon as Slack has made one; False if it has one, or will. Raises IllegalStep."""
    row = locked(incident)
    states.check(Step.OPEN_CHANNEL, row.at)
    if row.slack_channel or row.channel_asked_at:
        return False
    write(row, {"channel_asked_at": now}, by=by, now=now)
    record(row, IncidentChannelAsked(**told(row, by)), now=now)
    refresh(incident, row)
    return True


@transaction.atomic
def note_channel(incident: Incident, *, channel: str, name: str, by: Acting, now: datetime) -> None:
    """The channel is there: it is spoken of in it from now on, and its requests say so. `by`: who asked for it."""
    hold_requests(incident)
    row = locked(incident)
    if row.slack_channel:
        return
    write(row, {"slack_channel": channel}, by=by, now=now)
    record(row, IncidentChannelOpened(**told(row, by), channel=channel, channel_name=name), now=now)
    tell_the_channel(row, by=by, now=now)
    refresh(incident, row)


@transaction.atomic
def refuse_channel(incident: Incident, *, because: str, by: Acting, now: datetime) -> None:
    """Slack makes none, and why; whoever mends that asks again. `by`: who asked for it."""
    row = locked(incident)
    if row.slack_channel or row.channel_asked_at is None:
        return
    write(row, {"channel_asked_at": None}, by=by, now=now)
    record(row, IncidentChannelRefused(**told(row, by), because=because), now=now)
    refresh(incident, row)
