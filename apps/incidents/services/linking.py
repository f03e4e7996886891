"""Which tickets and requests an incident is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.incidents.events import IncidentLinked
from apps.incidents.models import Incident
from apps.incidents.services.requested import hold_requests, tell_the_channel
from apps.incidents.services.writing import locked, record, refresh, told, write
from apps.people.acting import Acting
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket


@transaction.atomic
def link(
    incident: Incident,
    *,
    by: Acting,
    now: datetime,
    tickets: Sequence[Ticket] = (),
    rfhs: Sequence[RFH] = (),
    tickets_removed: Sequence[Ticket] = (),
    rfhs_removed: Sequence[RFH] = (),
) -> bool:
    """It is about these from now on, and about those no longer; whether that was another before."""
    hold_requests(incident, [*rfhs, *rfhs_removed])
    row = locked(incident)
    of_tickets = set(row.tickets.values_list("pk", flat=True))
    of_rfhs = set(row.rfhs.values_list("pk", flat=True))
    fresh_tickets = [each for each in tickets if each.pk not in of_tickets]
    fresh_rfhs = [each for each in rfhs if each.pk not in of_rfhs]
    gone_tickets = [each for each in tickets_removed if each.pk in of_tickets]
    gone_rfhs = [each for each in rfhs_removed if each.pk in of_rfhs]
    if not (fresh_tickets or fresh_rfhs or gone_tickets or gone_rfhs):
        return False
    event = IncidentLinked(
        **told(row, by),
        tickets=[each.number for each in fresh_tickets],
        rfhs=[each.pk for each in fresh_rfhs],
        tickets_removed=[each.number for each in gone_tickets],
        rfhs_removed=[each.pk for each in gone_rfhs],
    )
    # What is not linked any more hears of it too: its stream is left before or joined after the event.
    row.tickets.add(*fresh_tickets)
    row.rfhs.add(*fresh_rfhs)
    write(row, {}, by=by, now=now)
    record(row, event, now=now)
    row.tickets.remove(*gone_tickets)
    row.rfhs.remove(*gone_rfhs)
    tell_the_channel(row, by=by, now=now)
    refresh(incident, row)
    return True
