"""The story of an incident."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.incidents import rights
from apps.incidents.errors import UnknownIncident
from apps.incidents.selectors import find
from apps.people.models import Agent
from apps.trail.access import may_read
from apps.trail.selectors import story

LENGTH = 300


@require_safe
def page(request: HttpRequest, number: int) -> HttpResponse:
    """What happened, said by whom and where."""
    if not (isinstance(request.user, Agent) and rights.may_see(request.user)):
        raise PermissionDenied
    try:
        incident = find(number)
    except UnknownIncident as refusal:
        raise Http404(str(refusal)) from refusal
    newest_first = request.GET.get("story") != "oldest"
    lines = story(incident.stream, newest_first=newest_first, limit=LENGTH, readable=partial(may_read, request.user))
    context = {
        **admin.site.each_context(request),
        "title": f"{incident}: {incident.title}",
        "shown": incident,
        "newest_first": newest_first,
        "story": lines,
        "story_is_cut": len(lines) == LENGTH,
        "story_limit": LENGTH,
    }
    return render(request, "incidents/story.html", context)
