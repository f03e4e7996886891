"""What every page of incidents begins with: who looks, and at which incident. Part of a door."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from apps.incidents import rights
from apps.incidents.errors import UnknownIncident
from apps.incidents.models import Incident
from apps.incidents.selectors import find
from apps.people.models import Agent


def viewer_of(request: HttpRequest) -> Agent:
    """Who looks. Raises PermissionDenied unless they may see incidents."""
    if not (isinstance(request.user, Agent) and rights.may_see(request.user)):
        raise PermissionDenied
    return request.user


def incident_of(number: int | str) -> Incident:
    """The incident of this number. Raises Http404."""
    try:
        return find(number)
    except UnknownIncident as refusal:
        raise Http404(str(refusal)) from refusal
