"""What is owed because a promise to a request for help is in danger."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from apps.escalations.rfh_events import RFHTierReached
from apps.notices import rfh_tier_routing, services
from apps.rfhs.models import RFH
from apps.trail.reacting import Recorded


def tell(entries: Sequence[Recorded[RFHTierReached]]) -> None:
    """Those whom the tiers mean hear. The number of statements does not depend on the number of events."""
    rfhs = RFH.objects.select_related("team__channel").in_bulk({entry.event.rfh for entry in entries})
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in rfh_tier_routing.for_tier(
                entry.event,
                at=entry.occurred_at,
                url=_address(entry.event.rfh),
                channel=_channel(rfhs.get(entry.event.rfh)),
                default_channel=settings.SLACK_DEFAULT_CHANNEL,
            )
        ]
    )


def _address(number: int) -> str:
    return f"{settings.BASE_URL}{reverse('admin:rfhs_rfh_change', args=[number])}" if settings.BASE_URL else ""


def _channel(rfh: RFH | None) -> str:
    """Where its team was told of it, else the team's own channel."""
    if rfh is None:
        return ""
    of_team = rfh.team.channel.slack_id if rfh.team and rfh.team.channel else ""
    return rfh.team_channel or of_team
