"""An event's own page."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from apps.people.models import Customer
from apps.tickets.models import Ticket
from apps.trail.access import may_read
from apps.trail.models import StoredEvent

MOST_EFFECTS = 100


def event_page(request: HttpRequest, position: int) -> HttpResponse:
    """What happened, when, by whom and why, what it led to, and the record itself."""
    context = admin.site.each_context(request)
    event = StoredEvent.objects.filter(position=position).first()
    if event is None:
        context |= {"title": "No such event", "position": position}
        return render(request, "trail/missing.html", context, status=404)
    if not may_read(request.user, event):
        raise PermissionDenied
    cause = StoredEvent.objects.filter(event_id=event.causation_id).first() if event.causation_id else None
    effects = StoredEvent.objects.filter(causation_id=event.event_id).order_by("position")[: MOST_EFFECTS + 1]
    shown = [effect for effect in effects if may_read(request.user, effect)]
    context |= {
        "title": f"Event {event.position}",
        "event": event,
        "streams": linked(event.about, request),
        "cause": cause if cause and may_read(request.user, cause) else None,
        "effects": shown[:MOST_EFFECTS],
        "effects_are_cut": len(shown) > MOST_EFFECTS,
        "facts": readable(event.payload),
        "raw": json.dumps(event.payload, indent=2, ensure_ascii=False),
        "metadata": [(name.replace("_", " "), said(value)) for name, value in event.metadata.items()],
        "may_list": request.user.has_perm("trail.view_storedevent"),
    }
    return render(request, "trail/event.html", context)


def readable(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """A payload's fields in words: what changed as before → after."""
    rows: list[tuple[str, str]] = []
    for name, value in payload.items():
        if name == "changes" and isinstance(value, dict):
            rows.extend((field.replace("_", " "), changed(pair)) for field, pair in value.items())
        else:
            rows.append((name.replace("_", " "), said(value)))
    return rows


def changed(pair: Any) -> str:
    """[before, after] as before → after; anything else as it is."""
    if isinstance(pair, list) and len(pair) == 2:
        return f"{said(pair[0])} → {said(pair[1])}"
    return said(pair)


def said(value: Any) -> str:
    """A value of a payload for a person: nothing is a dash, an object has a line for each of its fields."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "\n".join(f"{str(name).replace('_', ' ')}: {_short(held)}" for name, held in value.items())
    if isinstance(value, list):
        return ("\n" if any(isinstance(held, dict | list) for held in value) else ", ").join(map(_short, value))
    return str(value)


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value and isinstance(value, dict | list) else said(value)


def linked(streams: list[str], request: HttpRequest) -> list[tuple[str, str]]:
    """Each stream with the address of the page it is about; empty where there is none, or none this person may see."""
    keys: dict[str, list[str]] = {}
    for stream in streams:
        kind, _, key = stream.partition(":")
        keys.setdefault(kind, []).append(key)
    tickets = Ticket.objects.filter(number__in=keys["ticket"]) if "ticket" in keys else Ticket.objects.none()
    customers = Customer.objects.filter(slug__in=keys["customer"]) if "customer" in keys else Customer.objects.none()
    pages = {ticket.stream: ("tickets", "ticket", ticket.pk) for ticket in tickets}
    pages |= {customer.stream: ("people", "customer", customer.pk) for customer in customers}
    pages |= {f"policy:{key}": ("sla", "policy", int(key)) for key in keys.get("policy", []) if key.isdecimal()}
    return [(stream, _address(pages.get(stream), request)) for stream in streams]


def _address(page: tuple[str, str, int] | None, request: HttpRequest) -> str:
    if page is None or not request.user.has_perm(f"{page[0]}.view_{page[1]}"):
        return ""
    try:
        return reverse(f"admin:{page[0]}_{page[1]}_change", args=[page[2]])
    except NoReverseMatch:
        return ""
