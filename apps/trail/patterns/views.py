"""Every pattern, checked on a story with a click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.sla.durations import spell
from apps.trail.access import READ, may_look, may_read
from apps.trail.events import in_words
from apps.trail.models import Link
from apps.trail.patterns.checking import Checked, check_all
from apps.trail.patterns.matching import Verdict
from apps.trail.patterns.models import Pattern
from apps.trail.streams import typed_stream


@dataclass(frozen=True)
class Shown:
    """What came out for a pattern, in words."""

    checked: Checked
    state: str
    why: str
    looks_for: str


@require_GET
def patterns_page(request: HttpRequest) -> HttpResponse:
    """What each active pattern says of a story, with the events it rests on and what to do."""
    if not may_look(request.user):
        raise PermissionDenied
    typed = request.GET.get("stream", "")
    stream = typed_stream(typed)
    context = {
        **admin.site.each_context(request),
        "above": [{"title": "Trail", "link": reverse("trail")}] if request.user.has_perm(READ) else [],
        "title": f"Patterns on {stream}" if stream else "Check patterns",
        "typed": stream or typed,
        "stream": stream,
        "is_wrong": bool(typed.strip()) and not stream,
        "may_manage": request.user.has_perm("trail.add_pattern"),
    }
    if stream:
        outcome = check_all(stream, readable=partial(may_read, request.user))
        context |= {
            "shown": [Shown(each, _state(each), _why(each), looks_for(each.pattern)) for each in outcome.checked],
            "hidden": outcome.hidden,
            "is_cut": outcome.cut,
            "is_empty": not Link.objects.filter(stream=stream).exists(),
        }
    return render(request, "trail/patterns/page.html", context)


def looks_for(pattern: Pattern) -> str:
    """The pattern in a line."""
    joined = (", then " if pattern.in_order else ", ").join(map(in_words, pattern.required))
    order = "" if pattern.in_order or len(pattern.required) == 1 else " in any order"
    within = f" within {spell(pattern.within)}" if pattern.within else ""
    where = " anywhere" if pattern.forbidden_where == Pattern.Where.ANYWHERE else " between"
    without = f"; no {', no '.join(map(in_words, pattern.forbidden))}{where}" if pattern.forbidden else ""
    return f"{joined}{order}{within}{without}"


def _state(checked: Checked) -> str:
    return "Found" if checked.result.found else "Not found"


def _why(checked: Checked) -> str:
    result, pattern = checked.result, checked.pattern
    took = result.evidence[-1].at - result.evidence[0].at if result.evidence else timedelta(0)
    match result.verdict:
        case Verdict.FOUND:
            return (
                f"All of it happened, within {spell(took)}." if took >= timedelta(seconds=1) else "All of it happened."
            )
        case Verdict.MISSING:
            seen = {event.type for event in result.evidence}
            often = " often enough" if seen & set(result.missing) else ""
            return f"Did not happen{often}: {named(result.missing)}."
        case Verdict.ORDER:
            return "All of it happened, but not in this order."
        case Verdict.APART:
            return f"It happened within {spell(took)} at the nearest, not within {spell(pattern.within or took)}."
        case Verdict.FORBIDDEN:
            return f"What must not have happened did: {named(event.type for event in result.against)}."


def named(types: Iterable[str]) -> str:
    """Each of the types once, in words."""
    return ", ".join(dict.fromkeys(map(in_words, types)))
