"""The audit log as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from apps.people.models import Agent, Customer
from apps.people.selectors import actors_of
from apps.trail import reading
from apps.trail.access import EXPORT, READ
from apps.trail.audit import choosing, linking
from apps.trail.audit.belonging import customers_of
from apps.trail.audit.forms import AuditForm, Person
from apps.trail.errors import BadCursor
from apps.trail.events import in_words, of_today
from apps.trail.models import AuditType, StoredEvent
from apps.trail.order import Cursor
from apps.trail.reading import Query

PAGE = 50
# Customers suggested while typing; any other can be typed out.
MOST_SUGGESTED = 500


@dataclass(frozen=True)
class Entry:
    """A line of the log."""

    event: StoredEvent
    what: str
    # Slugs and names.
    customers: list[tuple[str, str]]


def log(request: HttpRequest, slug: str = "") -> HttpResponse:
    """What happened of the chosen types, newest first: all of it, or what belongs to a customer."""
    if not request.user.has_perm(READ):
        raise PermissionDenied
    customer, before = _customer(slug), _before(request)
    types = choosing.chosen()
    asked = {name: str(value) for name, value in request.GET.items() if name != "before"}
    said = {**asked, "customer": asked.get("customer", slug)}
    form = AuditForm(said, types=types, people=_people(request), find_customer=_named)
    valid = form.is_valid()
    if valid and (chosen := form.cleaned_data["customer"]) != customer:
        return _elsewhere(chosen, asked)
    query = _query(form, customer, types) if valid else Query()
    events = reading.backwards(query, before=before, limit=PAGE + 1) if valid and types else []
    page = events[:PAGE]
    narrowed = {name: value for name, value in asked.items() if value and name != "customer"}
    here = reverse("trail_audit_of", args=[customer.slug]) if customer else reverse("trail_audit")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Audit log of {customer.name}" if customer else "Audit log",
        "form": form,
        "customer": customer,
        "customers": _suggested(request),
        "entries": _entries(page),
        "here": here,
        "narrowed": narrowed,
        "newest": f"{here}?{urlencode(narrowed)}",
        "older": f"{here}?{urlencode({**narrowed, 'before': str(page[-1].cursor)})}" if len(events) > PAGE else "",
        "further_back": before is not None,
        "nothing_chosen": not types,
        "filling": list(AuditType.objects.filter(shown=True, filled_at=None)) if customer else [],
        "export": _export(form, customer) if valid and types and request.user.has_perm(EXPORT) else "",
        "may_choose": request.user.has_perm("trail.change_audittype"),
    }
    return render(request, "trail/audit.html", context, status=200 if valid else 400)


def _entries(events: Sequence[StoredEvent]) -> list[Entry]:
    owners = customers_of(events)
    names = dict(Customer.objects.filter(slug__in=set().union(*owners.values())).values_list("slug", "name"))
    return [
        Entry(event, _what(event), [(slug, names[slug]) for slug in owners[event.position] if slug in names])
        for event in events
    ]


def _people(request: HttpRequest) -> list[Person]:
    """Everybody with an account: signed in here, at the console and in Slack they are one."""
    agents = Agent.objects.all() if request.user.has_perm("people.view_agent") else ()
    return [Person(str(agent.pk), str(agent), actors_of(agent)) for agent in agents]


def _suggested(request: HttpRequest) -> list[tuple[str, str]]:
    """Slugs and names to choose from."""
    if not request.user.has_perm("people.view_customer"):
        return []
    return list(Customer.objects.order_by("name").values_list("slug", "name")[:MOST_SUGGESTED])


def _named(said: str) -> Customer | None:
    return Customer.objects.filter(slug=said).first() or Customer.objects.filter(name__iexact=said).first()


def _customer(slug: str) -> Customer | None:
    if not slug:
        return None
    customer = Customer.objects.filter(slug=slug).first()
    if customer is None:
        raise Http404
    return customer


def _elsewhere(customer: Customer | None, asked: dict[str, str]) -> HttpResponse:
    """A customer's log has its own address, which can be given on."""
    here = reverse("trail_audit_of", args=[customer.slug]) if customer else reverse("trail_audit")
    rest = {name: value for name, value in asked.items() if value and name != "customer"}
    return HttpResponseRedirect(f"{here}?{urlencode(rest)}" if rest else here)


def _query(form: AuditForm, customer: Customer | None, types: list[str]) -> Query:
    said = form.cleaned_data
    return Query(
        stream=linking.stream_for(customer.slug) if customer else "",
        types=choosing.stored_as([said["type"]] if said["type"] else types),
        actor=form.actor,
        actors=form.actors,
        since=said["since"],
        until=said["until"],
    )


def _before(request: HttpRequest) -> Cursor | None:
    text = request.GET.get("before", "")
    try:
        return Cursor.parse(text) if text else None
    except BadCursor as error:
        raise Http404 from error


def _what(event: StoredEvent) -> str:
    """The type in words, by its name of today."""
    return in_words(of_today(event.type, event.version, event.payload)[0])


def _export(form: AuditForm, customer: Customer | None) -> str:
    """Where what is shown can be exported, all of it."""
    said = form.cleaned_data
    asked: dict[str, Any] = {"audit": "1"}
    if customer:
        asked["stream"] = linking.stream_for(customer.slug)
    if said["type"]:
        asked["type"] = said["type"]
    asked["actor"] = list(form.actors) or form.actor
    asked |= {name: form.local(name) for name in ("since", "until")}
    return f"{reverse('trail_export')}?{urlencode({name: value for name, value in asked.items() if value}, doseq=True)}"
