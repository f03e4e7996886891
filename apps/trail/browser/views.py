"""The trail: search, filters that stay in the address, and pages that come as somebody scrolls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Q, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.people.models import Agent, Customer
from apps.people.selectors import actors_of
from apps.tickets.models import Ticket
from apps.trail.access import EXPORT, READ
from apps.trail.browser import asking
from apps.trail.browser.asking import WITHIN, Asked
from apps.trail.browser.chips import chips
from apps.trail.catalogue import catalogue
from apps.trail.context import KINDS
from apps.trail.errors import BadCursor
from apps.trail.events import in_words, known_as
from apps.trail.exporting.forms import address
from apps.trail.finding import LOOK, LOOK_ON, Found, Wanted, find
from apps.trail.models import Link, StoredEvent
from apps.trail.streams import A_REQUEST

PAGE = 50
# A customer's newest tickets: what older ones tell is on the customer's own stream, but for what they told nobody of.
MOST_TICKETS = 100
MOST_CHOICES, MOST_SUGGESTED = 8, 200
ONE_WORD = re.compile(r"(?:ticket\s+)?#?(\S{1,100})", re.IGNORECASE)
AN_EVENT = re.compile(r"event\s+#?(\d{1,18})|(?:https?://\S+)?/trail/(\d{1,18})/?", re.IGNORECASE)
A_STREAM = re.compile(r"[a-z_]+:\S+")


@dataclass(frozen=True)
class Note:
    """Something to say above the results, with where to go on."""

    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Resolved:
    """What is to be found, None for nothing; what the parts of it are called; and what is to be said."""

    wanted: Wanted | None
    named: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """The whole page, with its first results."""
    _allow(request)
    asked = asking.read(request.GET, timezone.get_current_timezone())
    if not asked.problems and not asking.is_lasting(request.GET):
        query = asked.address(before=asked.before)
        return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)
    event = _event_named(asked.q)
    if event is not None:
        return HttpResponseRedirect(reverse("trail_event", args=[event.position]))
    resolved = resolve(asked, timezone.now())
    context = {
        **admin.site.each_context(request),
        **_results(asked, resolved, look=LOOK),
        **_form(request, asked),
        "title": "Trail",
        "chips": chips(asked, resolved.named),
        "notes": resolved.notes,
        "export": address(resolved.wanted or Wanted(), asked.types) if request.user.has_perm(EXPORT) else None,
        "story": asked.stream or resolved.named.get("q", ""),
    }
    return render(request, "trail/list.html", context)


@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """The next results alone, for the script that reads on as somebody scrolls."""
    _allow(request)
    asked = asking.read(request.GET, timezone.get_current_timezone())
    return render(request, "trail/results.html", _results(asked, resolve(asked, timezone.now()), look=LOOK_ON))


def _allow(request: HttpRequest) -> None:
    if not request.user.has_perm(READ):
        raise PermissionDenied


def _results(asked: Asked, resolved: Resolved, *, look: int) -> dict[str, Any]:
    found, problems = Found(), list(asked.problems)
    if resolved.wanted is not None and not problems:
        try:
            found = find(resolved.wanted, before=asked.before, limit=PAGE, look=look)
        except BadCursor as error:
            problems.append(str(error))
    return {
        "asked": asked,
        "found": found,
        "problems": problems,
        "older": asked.address(before=found.older) if found.older else "",
        "newest": asked.address(),
    }


def _form(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    zone = timezone.get_current_timezone()
    known = {entry.type for entry in catalogue()}
    by_app = groupby(catalogue(), key=lambda entry: entry.app)
    seen: dict[str, Any] = {"customers": (), "people": ()}
    if request.user.has_perm("people.view_customer"):
        seen["customers"] = Customer.objects.order_by("name").values_list("slug", "name")[:MOST_SUGGESTED]
    if request.user.has_perm("people.view_agent"):
        seen["people"] = Agent.objects.filter(is_active=True)[:MOST_SUGGESTED]
    return {
        **seen,
        "types": [(app, [(entry.type, in_words(entry.type)) for entry in entries]) for app, entries in by_app],
        "other_types": [(name, in_words(name)) for name in asked.types if name not in known],
        "since": asked.unread.get("since") or asking.typed(asked.since, zone),
        "until": asked.unread.get("until") or asking.typed(asked.until, zone),
        "windows": [
            (label, asked.address(within=key, since=None, until=None), key == asked.within)
            for key, (label, _) in WITHIN.items()
        ],
        "any_time": asked.address(within="", since=None, until=None),
    }


# What the words of the address stand for


def resolve(asked: Asked, now: datetime) -> Resolved:
    """What is asked for, looked up: a ticket's number, a customer, a person."""
    since, until = asked.window(now)
    wanted = Wanted(
        streams=(asked.stream,) if asked.stream else (),
        types=tuple(dict.fromkeys(known for name in asked.types for known in known_as(name))),
        correlation=asked.correlation,
        since=since,
        until=until,
    )
    resolved = Resolved(wanted)
    for part in (_words, _customer, _person):
        resolved = part(asked, resolved)
    return resolved


def _event_named(text: str) -> StoredEvent | None:
    """The event somebody clearly means: “event 12”, the address of one, or its id."""
    said = AN_EVENT.fullmatch(text)
    if said:
        return StoredEvent.objects.filter(position=said[1] or said[2]).first()
    try:
        return StoredEvent.objects.filter(event_id=UUID(text)).first() if len(text) == 36 else None
    except ValueError:
        return None


def _words(asked: Asked, resolved: Resolved) -> Resolved:
    """A ticket's number is its story, the name of a stream is that stream, and all else is words."""
    text, wanted = asked.q, resolved.wanted
    if not text or wanted is None:
        return resolved
    said = ONE_WORD.fullmatch(text)
    word = said[1] if said else ""
    streams = [word] if A_STREAM.fullmatch(word) else [f"ticket:{name}" for name in {word, word.upper()} if word]
    request = A_REQUEST.fullmatch(word)
    if request:
        streams = [f"rfh:{request[1]}"]
    elif incident := re.fullmatch(rf"{re.escape(settings.INCIDENT_PREFIX)}-(\d{{1,18}})", word, re.IGNORECASE):
        request, streams = incident, [f"incident:{incident[1]}"]
    stream = Link.objects.filter(stream__in=streams).values_list("stream", flat=True).first()
    notes = resolved.notes
    if word.isdecimal() and len(word) <= 18:
        event = StoredEvent.objects.filter(position=word).first()
        if event is not None:
            page = reverse("trail_event", args=[event.position])
            notes += (Note(f"Or event {event.position}:", ((event.sentence, page),)),)
    elif event_said := AN_EVENT.fullmatch(text):
        position = event_said[1] or event_said[2]
        notes += (Note(f"There is no event {position}; what is found has these words."),)
    if stream is None:
        return replace(resolved, wanted=replace(wanted, words=text), notes=notes)
    if stream != word:
        anywhere = asked.address(q=f'"{word}"')
        notes = (
            Note(
                f"This is the story of {word.upper() if request else f'ticket {word}'}.",
                ((f"Look for “{word}” everywhere", f"?{anywhere}"),),
            ),
            *notes,
        )
    return Resolved(_on(wanted, (stream,)), {**resolved.named, "q": stream}, notes)


def _customer(asked: Asked, resolved: Resolved) -> Resolved:
    """The customer's stream, and those of the tickets."""
    text, wanted = asked.customer, resolved.wanted
    if not text or wanted is None:
        return resolved
    exactly = Customer.objects.filter(Q(slug__iexact=text) | Q(name__iexact=text))
    found = list(exactly[:2] or Customer.objects.filter(name__icontains=text).order_by("name")[: MOST_CHOICES + 1])
    if len(found) > 1:
        links = tuple((customer.name, f"?{asked.address(customer=customer.slug)}") for customer in found[:MOST_CHOICES])
        return Resolved(None, resolved.named, (*resolved.notes, Note(f"Which customer is “{text}”?", links)))
    if not found:
        stream = f"customer:{text.lower()}"
        if Link.objects.filter(stream=stream).exists():
            return replace(resolved, wanted=_on(wanted, (stream,)), named={**resolved.named, "customer": text})
        note = Note(f"No customer is called “{text}”.", (("Search without it", f"?{asked.address(customer='')}"),))
        return Resolved(None, resolved.named, (*resolved.notes, note))
    [customer] = found
    numbers = Ticket.objects.filter(customer=customer).order_by("-opened_at").values_list("number", flat=True)
    newest = list(numbers[: MOST_TICKETS + 1])
    notes = resolved.notes
    if len(newest) > MOST_TICKETS:
        said = f"Of {customer.name}’s older tickets only what is on the customer’s own stream is here."
        notes += (Note(f"{said} Search for a ticket’s number to read all of its story."),)
    streams = (customer.stream, *(f"ticket:{number}" for number in newest[:MOST_TICKETS]))
    return Resolved(_on(wanted, streams), {**resolved.named, "customer": customer.name}, notes)


def _on(wanted: Wanted, streams: tuple[str, ...]) -> Wanted:
    """On one of these streams, as well as on what was wanted before."""
    if not wanted.streams:
        return replace(wanted, streams=streams)
    return replace(wanted, also=(*wanted.also, streams))


def _person(asked: Asked, resolved: Resolved) -> Resolved:
    """Everything an agent did, whichever way; a kind of actors; or whoever was called so."""
    text, wanted = asked.person, resolved.wanted
    if not text or wanted is None:
        return resolved
    kind = text.partition(":")[0].lower()
    if kind in KINDS:
        return replace(resolved, wanted=replace(wanted, actors=(kind + text[len(kind) :],)))
    found = _agents(text)
    if len(found) > 1:
        links = tuple((str(agent), f"?{asked.address(person=agent.email)}") for agent in found[:MOST_CHOICES])
        return Resolved(None, resolved.named, (*resolved.notes, Note(f"Who is “{text}”?", links)))
    if not found:
        note = Note(f"No agent is called “{text}”: this is by whoever has that in the name.")
        return replace(resolved, wanted=replace(wanted, name=text), notes=(*resolved.notes, note))
    [agent] = found
    return Resolved(replace(wanted, actors=actors_of(agent)), {**resolved.named, "person": str(agent)}, resolved.notes)


def _agents(text: str) -> list[Agent]:
    by_email = list(Agent.objects.filter(email__iexact=text))
    if by_email:
        return by_email
    named = Agent.objects.annotate(full_name=Concat("first_name", Value(" "), "last_name", output_field=CharField()))
    exactly = Q(full_name__iexact=text) | Q(full_name__iexact=f"{text} ") | Q(nickname__iexact=text)
    parts = Q(full_name__icontains=text) | Q(nickname__icontains=text) | Q(email__icontains=text)
    return list(named.filter(exactly)[: MOST_CHOICES + 1]) or list(named.filter(parts)[: MOST_CHOICES + 1])
