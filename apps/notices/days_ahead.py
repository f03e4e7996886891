"""What is owed of a rotation's days ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.notices import rotation_routing, services
from apps.rotations.coverage.events import CoverageWarned, WeekAhead
from apps.rotations.models import Rotation
from apps.trail.reacting import Recorded


def warn(entries: Sequence[Recorded[CoverageWarned]]) -> None:
    """Whoever leads hears what is not covered."""
    pages, default = _pages(entries), settings.SLACK_DEFAULT_CHANNEL
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in rotation_routing.for_warning(
                entry.event, url=pages.get(entry.event.rotation, ""), default_channel=default
            )
        ]
    )


def tell_week(entries: Sequence[Recorded[WeekAhead]]) -> None:
    """The rotation's channel sees who is on in the coming week."""
    pages = _pages(entries)
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in rotation_routing.for_week(entry.event, url=pages.get(entry.event.rotation, ""))
        ]
    )


def _pages(entries: Sequence[Recorded[Any]]) -> dict[str, str]:
    """Where the rotations of these events are in the portal, by slug."""
    if not settings.BASE_URL:
        return {}
    known = Rotation.objects.filter(slug__in={entry.event.rotation for entry in entries}).values_list("slug", "pk")
    return {slug: f"{settings.BASE_URL}{reverse('admin:rotations_rotation_change', args=[key])}" for slug, key in known}
