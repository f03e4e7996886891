"""The story of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from apps.dashboard.incident_story import NAMES, USUALLY, Kind, Story, story_of
from apps.incidents import rights
from apps.incidents.affecting import spans
from apps.incidents.doors import incident_of, viewer_of
from apps.incidents.models import RCA, Incident
from apps.integrations.slack.messages import permalink
from apps.statuspage.markdown import render as render_text
from apps.trail.access import may_read

SLACK_CHANNEL = "https://slack.com/app_redirect?channel="
TONES = {"investigating": "bad", "identified": "warn", "monitoring": "warn", "resolved": "good"}


@dataclass(frozen=True)
class Chip:
    """One choice of what is shown."""

    words: str
    count: int
    link: str
    on: bool


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    """What happened, in the order in which it did; of what is open the newest first, unless one asks otherwise."""
    viewer = viewer_of(request)
    incident = incident_of(number)
    story = story_of(incident, readable=partial(may_read, viewer))
    only = request.GET.get("only", "")
    order = request.GET.get("story", "oldest" if incident.is_over else "newest")
    told = story.of(_chosen(only))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"{incident}: {incident.title}",
        "above": [{"title": "Incidents", "link": reverse("incidents:list")}],
        "shown": incident,
        "tone": TONES.get(incident.status, ""),
        "acknowledged_after": incident.acknowledged_at and incident.acknowledged_at - incident.reported_at,
        "took": incident.closed_at and incident.closed_at - incident.reported_at,
        "spans": spans(incident),
        "story": story,
        "told": told[::-1] if order == "newest" else told,
        "rendered": {each.update.pk: SafeString(render_text(each.update.public_text)) for each in told if each.update},
        "newest_first": order == "newest",
        "only": only,
        "chips": _chips(story, only, order),
        "places": _places(incident),
        "rca": RCA.objects.filter(incident=incident).first(),
        "rca_elsewhere": ""
        if incident.rca_url.endswith(reverse("incidents:rca", args=[incident.pk]))
        else incident.rca_url,
        "may_change": rights.may_change(viewer),
        "may_page": viewer.has_perm("pages.add_page"),
        "page_about_it": urlencode({"subject": f"{incident}: {incident.title}"[:200]}),
    }
    return render(request, "incidents/story.html", context)


def _chosen(only: str) -> Sequence[Kind]:
    if only == "all":
        return tuple(Kind)
    return (Kind(only),) if only in list(Kind) else USUALLY


def _chips(story: Story, only: str, order: str) -> list[Chip]:
    counts = story.counts()
    known = only == "all" or only in list(Kind)
    found = [Chip("The story", sum(counts[kind] for kind in USUALLY), f"?story={order}", not known)]
    found += [
        Chip(NAMES[kind], counts[kind], f"?only={kind}&story={order}", only == kind)
        for kind in Kind
        if counts[kind] or only == kind
    ]
    return [*found, Chip("Everything", len(story.told), f"?only=all&story={order}", only == "all")]


def _places(incident: Incident) -> list[tuple[str, str]]:
    """Where in Slack it is spoken of."""
    found = []
    if incident.slack_channel:
        found.append(("Its channel", f"{SLACK_CHANNEL}{incident.slack_channel}"))
    if incident.thread_channel and incident.thread_ts:
        found.append(("Its thread", permalink(incident.thread_channel, incident.thread_ts)))
    return found
