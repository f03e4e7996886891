"""The help desk of this portal's settings."""

from __future__ import annotations

from django.conf import settings

from apps.integrations.helpdesk.sources import from_settings
from apps.tickets.replies import ReplySource


def source() -> ReplySource | None:
    """The source of replies the settings name; None when only replies recorded here count."""
    return from_settings(
        kind=settings.HELPDESK,
        url=settings.HELPDESK_URL,
        user=settings.HELPDESK_USER,
        token=settings.HELPDESK_TOKEN,
        timeout=settings.HELPDESK_TIMEOUT,
    )
