"""Subscribers' job."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.statuspage.subscribing import announcing, delivering, services
from apps.trail.context import Actor, acting

# A job is killed after 130 seconds, and a call takes thirty.
WORKS_FOR = timedelta(seconds=60)


def deliver() -> str:
    """What happened is announced, what is owed is sent, and who never said yes is forgotten."""
    with acting(actor=Actor(kind="job", id="subscribers", label="Status page")):
        owed = announcing.announce(now=timezone.now())
        sent = delivering.deliver(clock=timezone.now, until=timezone.now() + WORKS_FOR)
        forgotten = services.forget_unconfirmed(now=timezone.now()) + announcing.forget(now=timezone.now())
    return f"{owed} owed, {sent} sent, {forgotten} forgotten"
