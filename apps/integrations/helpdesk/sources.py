"""Which source of replies the settings ask for."""

from __future__ import annotations

from collections.abc import Callable

from apps.integrations.helpdesk.faults import faults, kind_in
from apps.integrations.helpdesk.freshdesk import Freshdesk
from apps.integrations.helpdesk.generic import Generic
from apps.integrations.helpdesk.zendesk import Zendesk
from apps.tickets.replies import ReplySource, SourceUnreachable

TIMEOUT = 1.5
"""Seconds for a whole batch, so that a slow help desk does not make a page late."""


class MisconfiguredHelpDesk(SourceUnreachable):
    """The settings name no help desk that can be asked; the message says which settings to change."""


def from_settings(
    *, kind: str, url: str = "", user: str = "", token: str = "", timeout: float = TIMEOUT
) -> ReplySource | None:
    """The help desk of the settings HELPDESK, HELPDESK_URL, HELPDESK_USER and HELPDESK_TOKEN.

    None when `kind` is empty or "none": then only replies recorded here count. Opens no connection; keep the
    source and ask it again, it reuses its connections. Raises MisconfiguredHelpDesk.
    """
    found = faults(kind=kind, url=url, user=user, token=token, timeout=timeout)
    if found:
        raise MisconfiguredHelpDesk(" ".join(found))
    kind = kind_in(kind)
    return _BUILDERS[kind](url, user, token, timeout) if kind else None


def _zendesk(url: str, user: str, token: str, timeout: float) -> ReplySource:
    return Zendesk(url=url, user=user, token=token, timeout=timeout)


def _freshdesk(url: str, user: str, token: str, timeout: float) -> ReplySource:
    return Freshdesk(url=url, token=token, timeout=timeout)


def _generic(url: str, user: str, token: str, timeout: float) -> ReplySource:
    return Generic(url=url, token=token, timeout=timeout)


_BUILDERS: dict[str, Callable[[str, str, str, float], ReplySource]] = {
    "zendesk": _zendesk,
    "freshdesk": _freshdesk,
    "generic": _generic,
}
