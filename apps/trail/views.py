"""An event's own page."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_duration
from django.utils.formats import date_format

from apps.dashboard import moments
from apps.people.models import Customer
from apps.sla import durations
from apps.tickets.models import Ticket
from apps.trail import reading
from apps.trail.access import READ, may_read
from apps.trail.browser.branches import rows_of
from apps.trail.browser.diffing import changes_in, in_words, told_by_changes
from apps.trail.browser.neighbours import neighbours
from apps.trail.catalogue import meaning_of
from apps.trail.causation import chain
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from apps.trail.seals.events import TrailTampered
from apps.trail.seals.selectors import found_altered

AN_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})")
A_DURATION = re.compile(r"P(?=[\dT])(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")
MOST_IN_TREE = 200
MOST_OF_CHAIN = 20


def event_page(request: HttpRequest, position: int) -> HttpResponse:
    """What happened, when, by whom and why, what it led to, and the record itself."""
    may_list = request.user.has_perm(READ)
    context = {
        **admin.site.each_context(request),
        "above": [{"title": "Trail", "link": reverse("trail")}] if may_list else [],
    }
    event = StoredEvent.objects.filter(position=position).first()
    if event is None:
        context |= {"title": "No such event", "position": position}
        return render(request, "trail/missing.html", context, status=404)
    readable_by_them = partial(may_read, request.user)
    if not readable_by_them(event):
        raise PermissionDenied
    tree = chain(event, most=MOST_IN_TREE)
    of_chain = reading.backwards(Query(correlation=event.correlation_id), limit=MOST_OF_CHAIN + 1)
    pages = linked(event.about, request)
    context |= {
        "title": f"Event {event.position}",
        "event": event,
        "meaning": meaning_of(event.type),
        "streams": [
            {"name": beside.stream, "page": pages[beside.stream], "earlier": beside.earlier, "later": beside.later}
            for beside in neighbours(event, readable_by_them)
        ],
        "altered": found_altered(event.position),
        "differs": event.payload.get("position") if event.type == TrailTampered.__name__ else None,
        "told_late": (event.recorded_at - event.occurred_at).total_seconds() >= 60,
        "tree": rows_of(tree, event, readable_by_them),
        "tree_is_cut": tree.cut,
        "cause_is_lost": tree.root.event.causation_id is not None and not tree.cut,
        "of_chain": [found for found in of_chain[:MOST_OF_CHAIN] if readable_by_them(found)],
        "chain_is_cut": len(of_chain) > MOST_OF_CHAIN,
        "changes": changes_in(event.payload, spoken),
        "facts": readable(event.payload),
        "raw": raw(event.payload),
        "metadata": readable(event.metadata),
        "raw_metadata": raw(event.metadata) if event.metadata else "",
        "may_list": may_list,
    }
    return render(request, "trail/event.html", context)


def readable(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """A payload's fields in words, without those that are shown as before and after."""
    told = told_by_changes(payload)
    return [(in_words(name), said(value)) for name, value in payload.items() if name not in told]


def raw(held: dict[str, Any]) -> str:
    """As it is stored."""
    return json.dumps(held, indent=2, ensure_ascii=False)


def said(value: Any) -> str:
    """A value of a payload for a person: nothing is a dash, an object has a line for each of its fields."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "\n".join(f"{in_words(str(name))}: {_short(held)}" for name, held in value.items())
    if isinstance(value, list):
        return ("\n" if any(isinstance(held, dict | list) for held in value) else ", ").join(map(_row, value))
    return spoken(str(value))


def spoken(text: str) -> str:
    """An instant in the reader's zone, with its name, and a duration in words; any other text as it is."""
    try:
        if AN_INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text)
            return f"{date_format(timezone.localtime(at), 'j M Y H:i:s')} {moments.zone_name(at)}"
        if A_DURATION.fullmatch(text):
            return durations.spell(parse_duration(text) or timedelta(0))
    except (ValueError, OverflowError):
        pass
    return text


def _row(value: Any) -> str:
    """One of a list: an object of plain values in words, such as “name: Ana, because: is on shift”."""
    if isinstance(value, dict) and value and not any(isinstance(held, dict | list) for held in value.values()):
        return ", ".join(f"{in_words(str(name))}: {said(held)}" for name, held in value.items())
    return _short(value)


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value and isinstance(value, dict | list) else said(value)


def linked(streams: list[str], request: HttpRequest) -> dict[str, str]:
    """Each stream with the address of the page it is about; empty where there is none, or none this person may see."""
    keys: dict[str, list[str]] = {}
    for stream in streams:
        kind, _, key = stream.partition(":")
        keys.setdefault(kind, []).append(key)
    tickets = Ticket.objects.filter(number__in=keys["ticket"]) if "ticket" in keys else Ticket.objects.none()
    customers = Customer.objects.filter(slug__in=keys["customer"]) if "customer" in keys else Customer.objects.none()
    pages = {ticket.stream: ("tickets.ticket", ticket.pk) for ticket in tickets}
    pages |= {customer.stream: ("people.customer", customer.pk) for customer in customers}
    for kind, model in BY_KEY.items():
        pages |= {f"{kind}:{key}": (model, int(key)) for key in keys.get(kind, ()) if key.isdecimal() and len(key) < 19}
    return {stream: _address(pages.get(stream), request) for stream in streams}


# Streams that are called by their row's key.
BY_KEY = {
    "policy": "sla.policy",
    "agent": "people.agent",
    "team": "people.team",
    "plan": "people.plan",
    "shift": "rotations.shift",
    "namedgroup": "people.namedgroup",
    "pattern": "trail.pattern",
    "swap": "rotations.swaprequest",
    "rfh": "rfhs.rfh",
    "page": "pages.page",
    "incident": "incidents.incident",
    "component": "incidents.component",
    "maintenance": "incidents.maintenance",
}


def _address(page: tuple[str, int] | None, request: HttpRequest) -> str:
    if page is None:
        return ""
    app, model = page[0].split(".")
    if not request.user.has_perm(f"{app}.view_{model}"):
        return ""
    try:
        return reverse(f"admin:{app}_{model}_change", args=[page[1]])
    except NoReverseMatch:
        return ""
