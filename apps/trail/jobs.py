"""The trail's jobs."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from django.utils import timezone

from apps.escalations.holding import hold
from apps.trail import following
from apps.trail.context import Actor, acting
from apps.trail.seals import sealing

logger = logging.getLogger(__name__)


def follow() -> str:
    """Seal what is settled, and let every follower read along, until the next such job takes over."""
    token = uuid.uuid4().hex
    seen = sealed = 0

    def step() -> datetime | None:
        nonlocal seen, sealed
        made, read = _seal(), 0
        for each in following.followers():
            with acting(actor=Actor(kind="job", id="follow", label=each.name)):
                read += following.advance(each, token=token, now=timezone.now())
        seen += read
        sealed += made
        return timezone.now() if read or made else None

    return f"{hold('follow', step, clock=timezone.now)}, {seen} seen, {sealed} sealed"


def _seal() -> int:
    """Before the followers: they may take their time, and seals are promised within seconds."""
    try:
        return sealing.seal_on(now=timezone.now())
    except Exception:
        logger.exception("The trail could not be sealed")
        return 0
