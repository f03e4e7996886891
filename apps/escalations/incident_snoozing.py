"""Whoever would be reminded of an incident is left alone for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, F, Min, Value

from apps.escalations import aligning, clocks
from apps.escalations.errors import BadSnooze, NothingToSnooze
from apps.escalations.incident_events import IncidentSnoozed
from apps.escalations.models import Check, Clock, Snooze
from apps.incidents.models import Incident
from apps.people.acting import Acting
from apps.trail import services as trail

LONGEST = timedelta(days=7)
LONGEST_REASON = 300


@transaction.atomic
def snooze(
    incident: Incident, *, for_: timedelta, because: str, by: Acting, key: str, now: datetime
) -> datetime | None:
    """Every waiting check of the incident is pushed, once for a `key`; when the next one is due (None: none waits).

    What is owed stays due when it was: only an update is an update. Raises NothingToSnooze when nothing is owed,
    BadSnooze without a reason or for a length that makes no sense.
    """
    if not timedelta(minutes=1) <= for_ <= LONGEST:
        raise BadSnooze("Snooze for at least a minute and at most 7 days.")
    reason = " ".join(because.replace("\x00", "").split())
    if not reason:
        raise BadSnooze("Say in a line why nobody needs to be reminded: whoever looks next reads it.")
    if len(reason) > LONGEST_REASON:
        raise BadSnooze(f"A reason has at most {LONGEST_REASON} characters; these are {len(reason)}.")
    # The incident before its clocks, as everywhere.
    row = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    running = aligning.locked(row)
    if not running:
        raise NothingToSnooze(f"Nothing is owed of {row} now, so there is nothing to snooze.")
    wanted = {"incident": row, "by": for_, "because": reason, "who": by.label, "at": now}
    _, fresh = Snooze.objects.get_or_create(key=key, defaults=wanted)
    keys = [clock.pk for clock in running]
    waiting = Check.objects.filter(clock__in=keys, state=Check.State.WAITING)
    if fresh:
        further = Value(for_, output_field=DurationField())
        Clock.objects.filter(pk__in=keys).update(snoozed=F("snoozed") + further)
        waiting.update(due_at=F("due_at") + further)
        clocks.set_next(keys, now=now)
    first: datetime | None = waiting.aggregate(first=Min("due_at"))["first"]
    if fresh:
        event = IncidentSnoozed(
            incident=row.pk,
            number=row.number,
            title=row.title,
            by=by.label,
            email=by.email,
            because=reason,
            how_long=for_,
            next_at=first,
        )
        trail.record(event, about=row.streams, now=now)
    return first
