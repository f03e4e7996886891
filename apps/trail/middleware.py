"""Who makes a request, for every event it leads to."""

from __future__ import annotations

from collections.abc import Callable

import uuid_utils.compat as uuids
from django.http import HttpRequest, HttpResponse

from apps.trail.context import Actor, acting


def acting_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Each request is a chain of its own; its actor is the signed-in user until a door knows better."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        actor = Actor(kind="system", label="Visitor")
        if user is not None and user.is_authenticated:
            actor = Actor(kind="user", id=str(user.pk), label=str(user))
        metadata = {
            "method": request.method,
            "path": request.path[:200],
            "address": request.META.get("REMOTE_ADDR", ""),
            "user_agent": request.headers.get("User-Agent", "")[:200],
        }
        with acting(actor=actor, correlation=uuids.uuid7(), metadata=metadata):
            return get_response(request)

    return middleware
