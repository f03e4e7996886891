"""Which source of replies the settings ask for."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from apps.integrations.helpdesk.freshdesk import Freshdesk
from apps.integrations.helpdesk.generic import Generic
from apps.integrations.helpdesk.zendesk import Zendesk
from apps.tickets.replies import ReplySource

TIMEOUT = 1.5
"""Seconds for a whole batch, so that a slow help desk does not make a page late."""

KINDS = ("zendesk", "freshdesk", "generic")


class MisconfiguredHelpDesk(ValueError):
    """The settings name no help desk that can be asked; the message says which setting to change."""


def from_settings(
    *, kind: str, url: str = "", user: str = "", token: str = "", timeout: float = TIMEOUT
) -> ReplySource | None:
    """The help desk of the settings HELPDESK, HELPDESK_URL, HELPDESK_USER and HELPDESK_TOKEN.

    None when `kind` is empty or "none": then only replies recorded here count. Opens no connection; keep the
    source and ask it again, it reuses its connections. Raises MisconfiguredHelpDesk.
    """
    kind = kind.strip().lower()
    if kind in ("", "none"):
        return None
    build = _BUILDERS.get(kind)
    if build is None:
        raise MisconfiguredHelpDesk(f"HELPDESK is one of {', '.join(KINDS)}, or empty.")
    if not _is_address(url):
        raise MisconfiguredHelpDesk("HELPDESK_URL must be an address that begins with https:// (or http://).")
    if timeout <= 0:
        raise MisconfiguredHelpDesk("The help desk's time limit must be longer than zero.")
    return build(url, user, token, timeout)


def _is_address(url: str) -> bool:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return address.scheme in ("http", "https") and bool(address.host)


def _zendesk(url: str, user: str, token: str, timeout: float) -> ReplySource:
    if not user or not token:
        raise MisconfiguredHelpDesk("Zendesk needs HELPDESK_USER (an agent's email) and HELPDESK_TOKEN.")
    return Zendesk(url=url, user=user, token=token, timeout=timeout)


def _freshdesk(url: str, user: str, token: str, timeout: float) -> ReplySource:
    if not token:
        raise MisconfiguredHelpDesk("Freshdesk needs HELPDESK_TOKEN, an agent's API key.")
    return Freshdesk(url=url, token=token, timeout=timeout)


def _generic(url: str, user: str, token: str, timeout: float) -> ReplySource:
    if not token.isascii():
        raise MisconfiguredHelpDesk("HELPDESK_TOKEN holds a character that no HTTP header can carry.")
    return Generic(url=url, token=token, timeout=timeout)


_BUILDERS: dict[str, Callable[[str, str, str, float], ReplySource]] = {
    "zendesk": _zendesk,
    "freshdesk": _freshdesk,
    "generic": _generic,
}
