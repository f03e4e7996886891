"""Reading what everybody can read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from apps.escalations.models import Beat
from apps.statuspage.memory import memory
from apps.statuspage.models import Edition
from apps.statuspage.rendering import render


def rendered(*, worker_silent: timedelta = timedelta(0), age: timedelta = timedelta(0)) -> None:
    """What the public may know is rendered, `age` ago, and read anew by the next reader; the worker was heard."""
    now = timezone.now()
    render(now=now)
    Edition.objects.update(rendered_at=now - age)
    Beat.objects.update_or_create(name="worker", defaults={"at": now - worker_silent})
    memory.forget()


def get(path: str = "/status/", **headers: str) -> Any:
    """A visitor's answer, of what is rendered by now."""
    found: HttpResponse = Client(headers=headers).get(path)
    return found
