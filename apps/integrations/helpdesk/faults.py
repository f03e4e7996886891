"""What is wrong with the settings of a help desk: the one list for the start, the sweep and Home. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

KINDS = ("zendesk", "freshdesk", "generic")

LONGEST_TIMEOUT = 15.0
"""Seconds. The sweep holds on for 110 s, and django-q2 kills a job after 130."""


def kind_in(word: str) -> str:
    """The kind of help desk that HELPDESK names; "" when none is asked."""
    kind = word.strip().lower()
    return "" if kind == "none" else kind


def faults(*, kind: str, url: str, user: str, token: str, timeout: float) -> list[str]:
    """Every reason why this help desk cannot be asked, each "SETTING: what it has to be"; no value is repeated."""
    kind = kind_in(kind)
    if not kind:
        return []
    found = []
    if kind not in KINDS:
        found.append(f"HELPDESK: {', '.join(KINDS)}, or empty.")
    if not _is_address(url):
        found.append("HELPDESK_URL: the help desk's address, beginning with https:// (or http://).")
    if kind == "zendesk" and not user:
        found.append("HELPDESK_USER: the email of the Zendesk agent whose token is used.")
    if kind in ("zendesk", "freshdesk") and not token:
        found.append("HELPDESK_TOKEN: the help desk's API token.")
    if kind == "generic" and not token.isascii():
        found.append("HELPDESK_TOKEN: without the character in it that no HTTP header can carry.")
    # Written so that NaN fails too.
    if not 0 < timeout <= LONGEST_TIMEOUT:
        found.append(f"HELPDESK_TIMEOUT: seconds, more than 0 and at most {LONGEST_TIMEOUT:g}.")
    return found


def _is_address(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        address = urlsplit(url)
        # Reading the port is what refuses one that is no port.
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        return False
