"""The help desk of this portal's settings."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings

from apps.integrations.helpdesk.faults import faults
from apps.integrations.helpdesk.sources import from_settings
from apps.tickets.replies import ReplySource


class _Given(TypedDict):
    kind: str
    url: str
    user: str
    token: str
    timeout: float


def source() -> ReplySource | None:
    """The source of replies the settings name; None when only replies recorded here count.

    Raises MisconfiguredHelpDesk.
    """
    return from_settings(**_given())


def what_is_wrong() -> list[str]:
    """Every setting that keeps the help desk from being asked, with what it has to be."""
    return faults(**_given())


def _given() -> _Given:
    return {
        "kind": settings.HELPDESK,
        "url": settings.HELPDESK_URL,
        "user": settings.HELPDESK_USER,
        "token": settings.HELPDESK_TOKEN,
        "timeout": settings.HELPDESK_TIMEOUT,
    }
