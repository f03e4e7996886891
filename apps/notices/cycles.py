"""What is owed because of cycles: reminders of what is overdue, and digests."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from apps.notices import cycle_routing, services
from apps.rotations.cycles.events import ChecklistOverdue, DigestSent
from apps.trail.reacting import Recorded


def tell_of_overdue(entries: Sequence[Recorded[ChecklistOverdue]]) -> None:
    """Leads hear of each once; the event says when they are reminded again."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in cycle_routing.for_overdue(
                entry.event, default_channel=settings.SLACK_DEFAULT_CHANNEL, url=_page(entry.event.rotation)
            )
        ]
    )


def send_digest(entries: Sequence[Recorded[DigestSent]]) -> None:
    """Everybody the digest names gets it."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in cycle_routing.for_digest(entry.event, url=_page(entry.event.rotation))
        ]
    )


def _page(slug: str) -> str:
    return f"{settings.BASE_URL}{reverse('rotations_cycles:page', args=[slug])}" if settings.BASE_URL else ""
