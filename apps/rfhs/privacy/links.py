"""Addresses in a text: those everybody may read, and those that only insiders can open. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from apps.rfhs.privacy.known import Private

URL = re.compile(r"\b(?:https?|hxxps?)://[^\s<>\"'`\])}|]+", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}", re.UNICODE)
# The name of a host: behind a scheme or an @, or with two stops and more.
HOST = re.compile(r"(?:(?<=://)|(?<=@))[\w.-]+|\b(?:[a-z0-9-]+\.){2,}[a-z]{2,24}\b", re.IGNORECASE)
# Nobody's: RFC 2606, and what programs write.
_NOBODYS = re.compile(
    r"(?:.*@(?:.*\.)?example(?:\.(?:com|net|org))?|.*\.(?:example|invalid|test|local|localhost)"
    r"|(?:git|hg|svn)@.*|(?:no-?reply|donotreply)@.*|.*@users\.noreply\.github\.com)",
    re.IGNORECASE,
)
# What a host and path look like where only insiders can go.
_INSIDERS = re.compile(
    r"[^/]+\.slack\.com/(?:archives|messages|files)|app\.slack\.com/"
    r"|[^/]+\.zendesk\.com/(?:agent|hc/[^/]*/?requests)|[^/]+\.freshdesk\.com/(?:a/)?(?:tickets|helpdesk)"
    r"|docs\.google\.com/(?:a/[^/]+/)?(?:document|spreadsheets|presentation|forms)|drive\.google\.com/"
    r"|[^/]+\.sharepoint\.com/|[^/]+\.my\.salesforce\.com/|[^/]+\.lightning\.force\.com/|app\.hubspot\.com/"
    r"|app\.intercom\.(?:com|io)/|[^/]+\.gong\.io/",
    re.IGNORECASE,
)


def insiders_links(text: str, private: Private) -> Iterator[tuple[int, int, str]]:
    """The addresses only we or the customer can open, each with why."""
    portal = urlsplit(private.portal).netloc.lower()
    for found in URL.finditer(text):
        parts = urlsplit_or_nothing(found.group())
        if parts is None:
            continue
        host, path = parts
        if portal and host == portal:
            yield *found.span(), "an address in this portal"
        elif _INSIDERS.match(f"{host.rpartition('@')[2]}{path}"):
            yield *found.span(), "an address only insiders can open"


def unknown_addresses(text: str, private: Private) -> Iterator[tuple[int, int]]:
    """Email addresses of anybody but us and nobody."""
    ours = tuple(each.lower() for each in private.our_domains)
    for found in EMAIL.finditer(text):
        address = found.group().lower()
        if not _NOBODYS.fullmatch(address) and address.rpartition("@")[2] not in ours:
            yield found.span()


def public_links(text: str, private: Private) -> Iterator[tuple[int, int]]:
    """The part before any ? of the addresses that everybody may read, and our private issues, which may be linked."""
    prefixes = [urlsplit(each) for each in private.public]
    for found in URL.finditer(text):
        parts = urlsplit_or_nothing(found.group())
        if parts is None:
            continue
        host, path = parts
        if any(host == each.netloc.lower() and _within(path, each.path) for each in prefixes) or any(
            host == private.tracker_host.lower() and re.fullmatch(f"/{re.escape(repository)}/issues/\\d+", path)
            for repository in private.private_trackers
        ):
            first, last = found.span()
            query = found.group().find("?")
            yield first, last if query < 0 else first + query


def urlsplit_or_nothing(url: str) -> tuple[str, str] | None:
    """Host and path; None for what is no address."""
    try:
        parts = urlsplit(url.rstrip(".,;:!"))
    except ValueError:
        return None
    return parts.netloc.lower(), parts.path


def _within(path: str, prefix: str) -> bool:
    return path == prefix.rstrip("/") or path.startswith(prefix.rstrip("/") + "/")
