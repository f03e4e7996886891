"""What the page of the first step shows. Part of a door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.people.models import Agent, Customer
from apps.rfhs import rights
from apps.rfhs.context import DETAILS
from apps.rfhs.files import SHOWN
from apps.rfhs.form import showing
from apps.rfhs.form.doors import above, address, readable_by
from apps.rfhs.form.keeping import Kept
from apps.rfhs.form.showing import Fields
from apps.rfhs.form.steps import FormStep
from apps.rfhs.models import RFH
from apps.rfhs.selectors import suggested_priority
from apps.tickets.models import Ticket
from apps.trail.selectors import story


def show(
    request: HttpRequest,
    agent: Agent,
    rfh: RFH | None,
    kept: Kept | None = None,
    typed: Mapping[str, str] | None = None,
    *,
    ticket: Ticket | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    fields = Fields(rfh, kept, typed)
    ticket = rfh.ticket if rfh else ticket
    customer = rfh.customer if rfh else ticket.customer if ticket else None
    details = rfh.details if rfh else DETAILS
    given = {detail.name: fields.detail(detail).value for detail in details}
    summary, description = fields.make("summary", "").value, fields.make("description", "").value
    may_write = rights.may_change(agent, rfh) if rfh else True
    context = {
        **admin.site.each_context(request),
        **showing.step_context(rfh, FormStep.CONTEXT),
        "title": "Ask for help" if rfh is None else f"{rfh}: Context",
        "above": above(ticket),
        "action": address(rfh, FormStep.CONTEXT) if rfh else reverse("rfhs:new"),
        "key": request.POST.get("key") or uuid4(),
        "may_write": may_write,
        "errors": fields.errors,
        "fields": {
            "summary": fields.make("summary", "What do you need, in a line?", longest=200),
            "kind": fields.make("kind", "What is it?", choices=RFH.Kind.choices),
            "description": fields.make("description", "What happens, and what did you try?", rows=6),
            "ticket": fields.make("ticket", "Ticket", longest=64),
            "customer": fields.make("customer", "Customer", choices=_customers(rfh)),
            "priority": fields.make("priority", "Priority", choices=RFH.Priority.choices),
            "priority_because": fields.make("priority_because", "Why this priority?", longest=300),
        },
        "suggested": suggested_priority(
            rfh or RFH(ticket=ticket, customer=customer, kind=fields.make("kind", "").value)
        ),
        "details": [fields.detail(detail) for detail in details],
        **showing.completeness(details, given),
        "ticket": ticket,
        "customer": customer,
        "others": showing.of_ticket(ticket, besides=rfh) if ticket else [],
        "similar": showing.similar_answers(f"{summary} {description}", besides=rfh),
        "files": rfh.attachments.defer("content") if rfh else [],
        "shown_types": SHOWN,
        "events": showing.attached_events(rfh, readable_by(agent)) if rfh else [],
        "lines": _lines(agent, ticket, rfh),
        **(more or {}),
    }
    return render(request, "rfhs/form/context.html", context)


def _customers(rfh: RFH | None) -> list[tuple[str, str]]:
    if rfh and rfh.ticket:
        return []
    return [("", "None, or not known"), *Customer.objects.values_list("slug", "name")]


def _lines(agent: Agent, ticket: Ticket | None, rfh: RFH | None) -> list[Any]:
    """What happened to the ticket, newest first, to choose from."""
    if ticket is None:
        return []
    chosen = set(rfh.attached_events.values_list("event", flat=True)) if rfh else set()
    lines = story(ticket.stream, newest_first=True, limit=showing.MOST_STORY, readable=readable_by(agent))
    return [line for line in lines if line.id not in chosen]
