"""One GET of an address that somebody typed: bounded in time and size, and never into our own network unasked."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from apps.api.outward import NoSuchHost, PrivateAddress, allowed_ip
from apps.rotations.calendars import CalendarUnreadable

LARGEST = 10 * 1024 * 1024
"""Bytes. A feed of 10,000 entries is about three."""

MOST_REDIRECTS = 5


class NotModified(Exception):
    """The server says that the feed is the one we have."""


@dataclass(frozen=True)
class Fetched:
    """The feed's bytes, and the tag by which its server knows this version (empty: it names none)."""

    body: bytes
    tag: str


def fetch(address: str, *, tag: str = "", private_hosts: Collection[str] = (), timeout: float) -> Fetched:
    """What is at the address, redirects followed. Raises NotModified, or CalendarUnreadable.

    Every address on the way, redirects too, has to be http or https at a host of the public internet, or one of
    `private_hosts` ("calendar.corp" or "10.0.0.7:8080"). What the name stood for when it was looked at is what is
    connected to, so that a name cannot become another between the two.
    """
    client = httpx.Client(trust_env=False, headers={"User-Agent": "SupportOps", "Accept": "text/calendar, */*;q=0.1"})
    # A thread: looking a name up and a server that drips its headers know no deadline of their own.
    pool = ThreadPoolExecutor(max_workers=1)
    deadline = time.monotonic() + timeout
    try:
        return pool.submit(_follow, client, address, tag, private_hosts, deadline).result(timeout=timeout)
    except (TooLate, httpx.TimeoutException):
        raise CalendarUnreadable(f"The calendar's server did not answer within {timeout:g} s.")
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError, OSError):
        # The exception's own text can hold the address, and with it a secret.
        raise CalendarUnreadable("The calendar's server could not be reached.")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        client.close()


def _follow(client: httpx.Client, address: str, tag: str, private: Collection[str], deadline: float) -> Fetched:
    here = address.strip()
    if here.lower().startswith("webcal://"):
        here = f"https://{here[9:]}"
    for _ in range(MOST_REDIRECTS + 1):
        answer = _get(client, here, tag, private, deadline)
        if isinstance(answer, Fetched):
            return answer
        there = urljoin(here, answer)
        if urlsplit(here).scheme == "https" and urlsplit(there).scheme == "http":
            raise CalendarUnreadable("The address sends us on to one that is not encrypted, so it is not followed.")
        here = there
    raise CalendarUnreadable(f"The address sends us on more than {MOST_REDIRECTS} times.")


def _get(client: httpx.Client, address: str, tag: str, private: Collection[str], deadline: float) -> Fetched | str:
    """What is there, or the address it sends us on to."""
    url = _url(address)
    left = max(deadline - time.monotonic(), 0.01)
    headers = {"Host": url.netloc.decode("ascii")}
    if tag:
        headers["If-None-Match"] = tag
    ip = _allowed_ip(url, private)
    with client.stream(
        "GET", url.copy_with(host=ip), headers=headers, timeout=left, extensions={"sni_hostname": url.host}
    ) as response:
        if response.status_code == 304 and tag:
            raise NotModified
        if response.is_redirect and (location := response.headers.get("location")):
            return str(location)
        if response.status_code in (401, 403, 404, 410):
            raise CalendarUnreadable(
                f"The calendar's server refuses ({response.status_code}): the address is wrong, or was withdrawn. "
                "Copy the calendar's secret address in iCal format anew."
            )
        if response.status_code != 200:
            raise CalendarUnreadable(f"The calendar's server answered with status {response.status_code}.")
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LARGEST:
                raise CalendarUnreadable(f"The feed is larger than {LARGEST // 1024 // 1024} MB, which no calendar is.")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("")
        return Fetched(bytes(body), str(response.headers.get("etag", ""))[:500])


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise CalendarUnreadable("This is no address: it begins with https://.")
    if url.scheme not in ("http", "https") or not url.host:
        raise CalendarUnreadable("Only addresses that begin with https:// (or http://, or webcal://) are read.")
    return url


def _allowed_ip(url: httpx.URL, private: Collection[str]) -> str:
    try:
        return allowed_ip(url.host, url.port or (443 if url.scheme == "https" else 80), private)
    except NoSuchHost:
        raise CalendarUnreadable("There is no server of that name. Check the address.")
    except PrivateAddress:
        raise CalendarUnreadable(
            "The address leads into a private network, where calendars are read only from hosts that "
            "CALENDAR_PRIVATE_HOSTS names."
        )
