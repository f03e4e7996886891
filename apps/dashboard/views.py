"""The home page's moving part, and one's own profile."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from apps.dashboard import selectors
from apps.dashboard.forms import ProfileForm
from apps.people.models import Agent
from apps.trail.managed import saving


def home(request: HttpRequest) -> dict[str, Any]:
    """The home page's context."""
    now = timezone.now()
    return {"title": "Home", "subtitle": None, **selectors.glance(request.user, now=now)}  # type: ignore[arg-type]


@require_GET
def home_fragment(request: HttpRequest) -> HttpResponse:
    """The home page without its frame, for the script that keeps it fresh."""
    return render(request, "dashboard/home_fragment.html", home(request))


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, zone and password."""
    # A row of its own: the one the request is signed in with must not take on what is not valid.
    agent = Agent.objects.get(email=request.user.get_username())
    may_set_slack_id = request.user.has_perm("people.change_agent")
    form = ProfileForm(request.POST or None, instance=agent, may_set_slack_id=may_set_slack_id)
    if request.method == "POST" and form.is_valid():
        with saving(agent, now=timezone.now()):
            form.save()
        messages.success(request, "Your profile is saved.")
        return HttpResponseRedirect(reverse("profile"))
    context = {**admin.site.each_context(request), "title": "Your profile", "form": form, "agent": agent}
    return render(request, "dashboard/profile.html", context)
