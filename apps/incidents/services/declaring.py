"""Saying that something is broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from apps.incidents.events import IncidentDeclared
from apps.incidents.models import Incident
from apps.incidents.selectors import lead_on_duty, severity_of_level, severity_row
from apps.incidents.services import impacts
from apps.incidents.services.saying import audience, publish_or_ask, say
from apps.incidents.services.texts import line, paragraph, past
from apps.incidents.services.writing import record, told
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket


@transaction.atomic
def declare(
    *,
    title: str,
    by: Acting,
    now: datetime,
    severity: str = "",
    level: str = "",
    description: str = "",
    public_text: str = "",
    internal_note: str = "",
    components: Sequence[Mapping[str, str]] = (),
    tickets: Sequence[Ticket] = (),
    rfhs: Sequence[RFH] = (),
    point: Agent | None = None,
    contact: Agent | None = None,
    lead: Agent | None = None,
    reported_at: datetime | None = None,
    published: bool | None = None,
    source: str = Incident.Source.ADMIN,
    source_key: str = "",
) -> tuple[Incident, bool]:
    """An incident, and whether this call made it; told twice by one `source_key`, it is one.

    Neither severity nor level: sev-1, as Crashbot has it. The lead is whoever is on duty as it, unless `lead` says
    another. `components`: [{"slug", "status"}]. A `public_text` of somebody who may publish is on the page at once
    unless `published` is False; of somebody else it waits for approval. Raises BadIncident.
    """
    title = line("title", title, "Say in a line what is broken.")
    row = severity_row(severity or "sev-1") if severity or not level else severity_of_level(level)
    if source_key and (known := Incident.objects.filter(source_key=source_key[:200]).first()):
        return known, False
    public_text, note = paragraph("public_text", public_text), paragraph("internal_note", internal_note)
    wanted = impacts.wanted_of(components, row)
    fields = {
        "title": title,
        "description": paragraph("description", description),
        "severity": row.severity,
        "level": row.level,
        "impact": row.impact,
        "source": source,
        "point": point,
        "contact": contact,
        "lead": lead or lead_on_duty(at=now),
        "declared_by": by.label,
        "reported_at": past("reported_at", reported_at or now, now=now),
        "declared_at": now,
        "modified_at": now,
        "modified_by": by.label,
        "updated_at": now,
    }
    if source_key:
        incident, fresh = Incident.objects.get_or_create(source_key=source_key[:200], defaults=fields)
        if not fresh:
            return incident, False
    else:
        incident = Incident.objects.create(**fields)
    incident.tickets.set(tickets)
    incident.rfhs.set(rfhs)
    event = IncidentDeclared(
        **told(incident, by),
        description=incident.description,
        reported_at=incident.reported_at,
        source=incident.source,
        point=point.email if point else "",
        contact=contact.email if contact else "",
        lead=incident.lead.email if incident.lead else "",
        tickets=[ticket.number for ticket in tickets],
        rfhs=[rfh.pk for rfh in rfhs],
    )
    record(incident, event, now=now)
    who = audience(incident, by=by, public_text=public_text, published=published)
    changed = impacts.apply(incident, wanted, since=incident.reported_at, public=who.published)
    said = say(
        incident,
        who,
        public_text=public_text,
        internal_note=note,
        components=changed,
        by=by,
        now=now,
        silent=not (public_text or note or changed),
    )
    publish_or_ask(incident, who, said, by=by, now=now, title=True)
    return incident, True
