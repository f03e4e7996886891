"""GitHub as this portal's settings have it."""

from __future__ import annotations

from django.conf import settings

from apps.integrations.github.connection import Connection
from apps.integrations.github.faults import faults
from apps.integrations.github.issues import GitHub
from apps.rfhs.tracker import IssueTracker


def tracker() -> IssueTracker | None:
    """The tracker of the settings; None while they name none that can be asked."""
    if what_is_wrong() or not settings.GITHUB_TOKEN:
        return None
    return GitHub(Connection(url=settings.GITHUB_URL, token=settings.GITHUB_TOKEN, timeout=settings.GITHUB_TIMEOUT))


def what_is_wrong() -> list[str]:
    """Every setting that keeps GitHub from being asked, with what it has to be."""
    return faults(
        token=settings.GITHUB_TOKEN,
        url=settings.GITHUB_URL,
        private=settings.RFH_PRIVATE_TRACKER,
        public=settings.RFH_PUBLIC_TRACKER,
    )
