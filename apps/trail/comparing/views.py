"""Streams side by side: "the customer says they did X at five"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.sla.durations import InvalidDuration, parse, spell
from apps.trail import reading
from apps.trail.access import READ, may_look, may_read, may_read_stream
from apps.trail.comparing.aligning import Gap, Row, align
from apps.trail.comparing.services import BadFinding, note_finding
from apps.trail.comparing.window import BadWindow, Window, window_of
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from apps.trail.streams import typed_stream
from apps.trail.zones import zone_named, zone_names

MOST_STREAMS, MOST_EVENTS, MOST_FINDINGS, MOST_OFFERED = 4, 300, 20, 12
USUAL = timedelta(hours=2)
USUAL_GAP = timedelta(minutes=15)
TYPED = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Asked:
    """What the address says: the streams beside each other, when, and how long a silence is a gap."""

    streams: tuple[str, ...]
    zone: ZoneInfo
    window: Window
    gap: timedelta
    errors: tuple[str, ...] = ()

    def address(self, **changes: Any) -> str:
        """The page's address with other streams, another window or zone."""
        said = {"streams": self.streams, "window": self.window, "zone": self.zone, **changes}
        window: Window = said["window"]
        zone: ZoneInfo = said["zone"]
        parts = [("stream", stream) for stream in said["streams"]]
        parts += [
            ("from", typed_time(window.since, zone, exact=True)),
            ("to", typed_time(window.until, zone, exact=True)),
            ("zone", zone.key),
            ("gap", spell(self.gap)),
        ]
        return f"{reverse('trail_compare')}?{urlencode(parts)}"


@dataclass(frozen=True)
class Column:
    """A stream with its events in the window; `hidden` may not be read by who looks.

    `unknown`: there is no event on it at all, so that the name may be a slip.
    """

    stream: str
    events: list[StoredEvent]
    hidden: int
    cut: bool
    unknown: bool


@require_http_methods(["GET", "HEAD", "POST"])
def compare_page(request: HttpRequest) -> HttpResponse:
    """Up to four streams in a window of time, a column each; and a form to note what was found there."""
    if not may_look(request.user):
        raise PermissionDenied
    asked = _asked(request)
    columns = [_column(request, stream, asked.window) for stream in asked.streams]
    said = {"text": "", "on": "", "chosen": set[str](), "error": ""}
    if request.method == "POST":
        said = _typed_finding(request.POST)
        try:
            _note(request, columns, said)
        except BadFinding as refusal:
            said["error"] = str(refusal)
        else:
            messages.success(request, f"Your finding is noted on {said['on']}.")
            return HttpResponseRedirect(asked.address())
    return render(request, "trail/comparing/page.html", _context(request, asked, columns, said))


def typed_time(at: datetime, zone: ZoneInfo, *, exact: bool = False) -> str:
    """The instant as a form has it: to the minute, or to the second where that says more.

    `exact`, for addresses: where a clock shows an hour twice, the second one is told by its distance from UTC.
    """
    local = at.astimezone(zone)
    if exact and local.fold:
        return local.isoformat(timespec="seconds")
    return local.strftime(TYPED) if not local.second else local.strftime(f"{TYPED}:%S")


def _context(request: HttpRequest, asked: Asked, columns: list[Column], said: dict[str, Any]) -> dict[str, Any]:
    lists = [column.events for column in columns]
    window = asked.window
    rows = align(
        lists,
        at=lambda event: event.occurred_at,
        since=window.since,
        # What has not come yet is no gap.
        until=min(window.until, max(timezone.now(), window.since)),
        gap=asked.gap,
    )
    notable = [stream for stream in asked.streams if may_read_stream(request.user, stream)]
    return {
        **admin.site.each_context(request),
        "above": [{"title": "Trail", "link": reverse("trail")}] if request.user.has_perm(READ) else [],
        "title": "Side by side",
        "asked": asked,
        "boxes": [*asked.streams, *[""] * (MOST_STREAMS - len(asked.streams))],
        "since": typed_time(window.since, asked.zone),
        "until": typed_time(window.until, asked.zone),
        "gap": spell(asked.gap),
        "zones": zone_names(),
        "columns": [(column, asked.address(streams=_without(asked.streams, column.stream))) for column in columns],
        "rows": [_shown(row, columns) for row in rows],
        "count": len({event.position for column in columns for event in column.events}),
        "moves": _moves(asked),
        "nearest": [] if any(lists) else _nearest(request, asked),
        "offered": _offered(asked, columns),
        "findings": _findings(request, asked.streams),
        "notable": notable,
        "said": said,
        "own_zone": _own_zone(asked),
    }


# --- what was asked


def _asked(request: HttpRequest) -> Asked:
    given, errors = request.GET, []
    streams = tuple(dict.fromkeys(filter(None, map(typed_stream, given.getlist("stream")))))
    if wrong := [each for each in given.getlist("stream") if each.strip() and not typed_stream(each)]:
        errors.append(f"“{wrong[0][:40]}” names no story: type a ticket's number, or such as customer:acme.")
    if len(streams) > MOST_STREAMS:
        errors.append(f"At most {MOST_STREAMS} stories stand side by side; the first {MOST_STREAMS} are shown.")
    streams = streams[:MOST_STREAMS]
    own = zone_named(timezone.get_current_timezone_name()) or ZoneInfo("UTC")
    zone = zone_named(given.get("zone", "")) or own
    if given.get("zone") and zone_named(given["zone"]) is None:
        errors.append(f"“{given['zone'][:40]}” is no time zone; the times are in {zone.key}.")
    window = None
    if given.get("from") or given.get("to"):
        try:
            window = window_of(*_both_ends(given.get("from", ""), given.get("to", ""), zone), zone)
        except BadWindow as refusal:
            errors.append(f"{refusal} The usual window is shown.")
    window = window or _around(request, given.get("around", ""))
    gap = USUAL_GAP
    try:
        gap = parse(given["gap"]) if given.get("gap") else gap
    except InvalidDuration as refusal:
        errors.append(f"Gap: {refusal}")
    return Asked(streams, zone, window or _usual(request, streams), gap, tuple(errors))


def _both_ends(since: str, until: str, zone: ZoneInfo) -> tuple[str, str]:
    """Both ends of a window of which one may have been left out: it is of the usual length then."""
    if since and until:
        return since, until
    try:
        known = datetime.fromisoformat((since or until).strip())
        other = known + (USUAL if since else -USUAL)
    except (ValueError, OverflowError):
        return since or until, since or until
    return (since, other.isoformat()) if since else (other.isoformat(), until)


def _usual(request: HttpRequest, streams: Sequence[str]) -> Window:
    """Up to just after the newest event; up to now without any."""
    newest = [event for stream in streams for event in reading.backwards(Query(stream=stream), limit=1)]
    times = [event.occurred_at for event in newest if may_read(request.user, event)]
    end = max(times, default=timezone.now()).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Window(end - USUAL, end)


def _around(request: HttpRequest, position: str) -> Window | None:
    """An hour on both sides of the event, for links from its page."""
    known = position.isascii() and position.isdecimal() and len(position) < 19
    event = StoredEvent.objects.filter(position=int(position)).first() if known else None
    if event is None or not may_read(request.user, event):
        return None
    return Window(event.occurred_at, event.occurred_at + USUAL).around(event.occurred_at)


# --- what there is


def _column(request: HttpRequest, stream: str, window: Window) -> Column:
    query = Query(stream=stream, since=window.since, until=window.until)
    read = reading.backwards(query, limit=MOST_EVENTS + 1)
    events = [event for event in reversed(read[:MOST_EVENTS]) if may_read(request.user, event)]
    return Column(
        stream,
        events,
        hidden=len(read[:MOST_EVENTS]) - len(events),
        cut=len(read) > MOST_EVENTS,
        unknown=not read and not reading.backwards(Query(stream=stream), limit=1),
    )


def _shown(row: Row[StoredEvent] | Gap, columns: Sequence[Column]) -> dict[str, Any]:
    if isinstance(row, Gap):
        return {"gap": row, "said": spell(row.length)}
    streams = [column.stream for column in columns]
    return {"at": row.at, "cells": list(zip(streams, row.cells, strict=True))}


def _moves(asked: Asked) -> list[tuple[str, str]]:
    window = asked.window
    steps = (
        (f"Earlier by {spell(window.length)}", window.moved(-window.length)),
        (f"Later by {spell(window.length)}", window.moved(window.length)),
        ("Twice as wide", window.scaled(2)),
        ("Half as wide", window.scaled(0.5)),
    )
    return [(name, asked.address(window=to)) for name, to in steps]


def _nearest(request: HttpRequest, asked: Asked) -> list[tuple[StoredEvent, str]]:
    """Where nothing happened: the last event before the window and the first after it, each with the way there."""
    before: list[StoredEvent] = []
    after: list[StoredEvent] = []
    for stream in asked.streams:
        before += reading.backwards(Query(stream=stream, until=asked.window.since), limit=1)
        after += reading.forwards(Query(stream=stream, since=asked.window.until), limit=1)
    readable = [[event for event in events if may_read(request.user, event)] for events in (before, after)]
    chosen = [
        *sorted(readable[0], key=lambda event: event.occurred_at)[-1:],
        *sorted(readable[1], key=lambda event: event.occurred_at)[:1],
    ]
    return [(event, asked.address(window=asked.window.around(event.occurred_at))) for event in chosen]


def _offered(asked: Asked, columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Other stories the events shown belong to, each with the address that puts it beside these."""
    if len(asked.streams) >= MOST_STREAMS:
        return []
    others = dict.fromkeys(stream for column in columns for event in column.events for stream in event.about)
    return [
        (stream, asked.address(streams=(*asked.streams, stream))) for stream in others if stream not in asked.streams
    ][:MOST_OFFERED]


def _findings(request: HttpRequest, streams: Sequence[str]) -> list[StoredEvent]:
    found = {
        event.position: event
        for stream in streams
        for event in reading.backwards(Query(stream=stream, types=("FindingNoted",)), limit=MOST_FINDINGS)
        if may_read(request.user, event)
    }
    return [found[position] for position in sorted(found, reverse=True)][:MOST_FINDINGS]


def _without(streams: Sequence[str], stream: str) -> tuple[str, ...]:
    return tuple(each for each in streams if each != stream)


def _own_zone(asked: Asked) -> str:
    """The way to the same window in the viewer's own zone, where the address chose another."""
    own = zone_named(timezone.get_current_timezone_name())
    return asked.address(zone=own) if own is not None and own != asked.zone else ""


# --- noting a finding


def _typed_finding(given: QueryDict) -> dict[str, Any]:
    return {
        "text": given.get("text", ""),
        "on": given.get("on", ""),
        "chosen": set(given.getlist("event")),
        "error": "",
    }


def _note(request: HttpRequest, columns: Sequence[Column], said: dict[str, Any]) -> None:
    """Raises BadFinding. Only what stands on the page can be cited: that may be read."""
    if said["on"] not in [column.stream for column in columns] or not may_read_stream(request.user, said["on"]):
        raise BadFinding("Choose the case to note it on: one of the stories beside each other.")
    known = {str(event.position): event for column in columns for event in column.events}
    if missing := sorted(said["chosen"] - known.keys()):
        raise BadFinding(f"Event {missing[0][:20]} is not on this page; choose among those in the window.")
    citing = [known[position] for position in said["chosen"]]
    note_finding(said["text"], on=said["on"], citing=citing, now=timezone.now())
