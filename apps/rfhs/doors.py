"""What every page of requests begins with: who looks, and at which request. Part of a door."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from apps.people.models import Agent
from apps.rfhs import rights, selectors
from apps.rfhs.errors import UnknownRFH
from apps.rfhs.models import RFH


def viewer_of(request: HttpRequest) -> Agent:
    """Who looks. Raises PermissionDenied unless they may see requests."""
    viewer = cast(Agent, request.user)
    if not rights.may_see(viewer):
        raise PermissionDenied
    return viewer


def rfh_of(number: int | str) -> RFH:
    """The request of this number. Raises Http404."""
    try:
        return selectors.find(number)
    except UnknownRFH as unknown:
        raise Http404(str(unknown)) from unknown


def version_of(request: HttpRequest) -> int | None:
    """Which version of the request somebody looked at, as their page says."""
    said = request.POST.get("version", request.GET.get("version", ""))
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None
