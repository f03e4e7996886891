"""The outbox's job."""

from __future__ import annotations

from django.utils import timezone

from apps.escalations.holding import hold
from apps.integrations.slack.gateway import Gateway, configured
from apps.notices.delivery import Delivery
from apps.trail.context import Actor, acting


def deliver() -> str:
    """Deliver what is owed until the next delivery takes over; without a token everything waits."""
    if not configured():
        return "Slack is not configured, so notices wait"
    delivery = Delivery(gateway=Gateway(), clock=timezone.now)
    with acting(actor=Actor(kind="job", id="deliver", label="Delivery")):
        try:
            ended = hold("deliver", delivery.step, clock=timezone.now)
        finally:
            delivery.finish()
    return f"{ended}, {delivery.sent} sent"
