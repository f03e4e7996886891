"""The trail's jobs."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone

from apps.escalations.holding import hold
from apps.trail import following
from apps.trail.context import Actor, acting


def follow() -> str:
    """Let every follower read along until the next such job takes over."""
    token = uuid.uuid4().hex
    seen = 0

    def step() -> datetime | None:
        nonlocal seen
        read = 0
        for each in following.followers():
            with acting(actor=Actor(kind="job", id="follow", label=each.name)):
                read += following.advance(each, token=token, now=timezone.now())
        seen += read
        return timezone.now() if read else None

    return f"{hold('follow', step, clock=timezone.now)}, {seen} seen"
