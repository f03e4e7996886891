"""Signing in by email and password, as Django does it, and what Django does beside it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.people.events import PasswordRehashed
from apps.people.models import Agent
from apps.trail import services as trail
from apps.trail.managed import stream_of


class PasswordBackend(ModelBackend):
    """Django's own. A password that it hashes anew while somebody signs in is on the trail as just that."""

    @transaction.atomic
    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        known = Agent.objects.filter(email__iexact=username or "").values_list("password", flat=True).first()
        agent = super().authenticate(request, username=username, password=password, **kwargs)
        if isinstance(agent, Agent) and known is not None and agent.password != known:
            # Part of a door, so it reads the clock. Without this the database would tell of a change beside us.
            event = PasswordRehashed(agent=agent.pk, name=str(agent))
            trail.record(event, about=[stream_of(agent)], now=timezone.now())  # noqa: TID251
        return agent
