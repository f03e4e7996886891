"""HTTP to GitHub, each call under one deadline, its refusals told apart."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from apps.rfhs.tracker import TrackerBusy, TrackerProblem, TrackerRefused, TrackerUnreachable

VERSION = "2022-11-28"
LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A hundred issues with the longest bodies are under seven."""
MOST_PAGES = 20


class Unchanged(Exception):
    """Nothing is new since the answer whose tag was given."""


@dataclass(frozen=True)
class Page:
    """A page of a list: its items, whether another follows, and the answer's tag."""

    items: list[Any]
    more: bool
    tag: str


class Connection:
    """Calls to GitHub's REST API as one token.

    Source: GitHub's REST API reference, and its "Best practices for using the REST API".
    """

    def __init__(self, *, url: str, token: str, timeout: float) -> None:
        """`url` is the API's address: https://api.github.com, or https://HOST/api/v3 of one's own server."""
        self._url, self._token, self._timeout = url.rstrip("/"), token, timeout

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at the path. Raises TrackerProblem."""
        return self._ask("GET", path, params=params).json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of what was made. Raises TrackerUnreachable when it may have been made all the same."""
        return self._ask("POST", path, json=body).json()

    def delete(self, path: str) -> None:
        """What is at the path is gone, or never was there. Raises TrackerProblem."""
        self._ask("DELETE", path, gone=True)

    def pages(self, path: str, params: Mapping[str, str], *, tag: str = "", most: int = MOST_PAGES) -> Iterator[Page]:
        """Page after page.

        Raises Unchanged when nothing is new since `tag`, TrackerProblem, and ends after `most` pages.
        """
        asking = {"per_page": "100", **params}
        for _ in range(most):
            answer = self._ask("GET", path, params=asking, headers={"If-None-Match": tag} if tag else {})
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                raise Unchanged
            items = answer.json()
            if not isinstance(items, list):
                raise TrackerUnreachable("GitHub's answer is not understood: it is no list.")
            following = str(answer.links.get("next", {}).get("url", ""))
            yield Page(items, bool(following), answer.headers.get("ETag", ""))
            if not following:
                return
            # Pages have a cursor of GitHub's own; where they are is not for an answer to say.
            asking, tag = dict(parse_qsl(urlsplit(following).query)), ""

    def _ask(self, method: str, path: str, *, gone: bool = False, **options: Any) -> httpx.Response:
        _trusted()
        # A thread of its own: a server that drips its answer resets every timeout but the one of who waits here.
        with _closing(ThreadPoolExecutor(max_workers=1)) as pool:
            try:
                answer = pool.submit(self._send, method, path, options).result(timeout=self._timeout)
            except TooLate:
                raise self._too_slow()
        if gone and answer.status_code == httpx.codes.NOT_FOUND:
            return answer
        refuse(answer)
        try:
            if answer.status_code != httpx.codes.NOT_MODIFIED:
                answer.json()
        except (ValueError, RecursionError):
            raise TrackerUnreachable("GitHub answered with something that is not JSON.")
        return answer

    def _send(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token}",
            "User-Agent": "SupportOps",
            "X-GitHub-Api-Version": VERSION,
            **options.pop("headers", {}),
        }
        deadline = time.monotonic() + self._timeout
        try:
            with (
                httpx.Client(timeout=self._timeout, headers=headers, verify=_trusted()) as client,
                client.stream(method, f"{self._url}/{path}", **options) as response,
            ):
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > LARGEST_ANSWER:
                        raise TrackerUnreachable("GitHub's answer is too large.")
                    if time.monotonic() > deadline:
                        raise self._too_slow()
                kept = {name: value for name, value in response.headers.items() if name != "content-encoding"}
                return httpx.Response(response.status_code, headers=kept, content=bytes(body))
        except httpx.TimeoutException:
            raise self._too_slow()
        except (httpx.HTTPError, httpx.InvalidURL):
            # The exception's own text can hold the address.
            raise TrackerUnreachable("GitHub could not be reached.")

    def _too_slow(self) -> TrackerUnreachable:
        return TrackerUnreachable(f"GitHub did not answer within {self._timeout:g} s.")


@lru_cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust; reading all their certificates takes longer than a call."""
    return httpx.create_ssl_context()


@contextmanager
def _closing(pool: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def refuse(answer: httpx.Response) -> None:
    """Raise what the answer's status means; nothing for one that did what was asked."""
    status = answer.status_code
    if status < 300 or status == httpx.codes.NOT_MODIFIED:
        return
    raise _problem(status, answer)


def _problem(status: int, answer: httpx.Response) -> TrackerProblem:
    said = _said(answer)
    if status == 429 or (status == 403 and _is_limit(answer, said)):
        return TrackerBusy("GitHub asks us to slow down; it is tried again when it allows.", wait=_wait(answer))
    if status == 401:
        # Every issue would fail for one reason that is mended in one place: they wait.
        return TrackerUnreachable("GitHub does not accept GITHUB_TOKEN: it was revoked, or has expired.")
    if status == 403:
        return TrackerRefused(
            "GITHUB_TOKEN may not do this in that repository (403): give it the right to read and write issues, and "
            f"to set labels there, then try again.{_quoted(said)}"
        )
    if status == 404:
        return TrackerRefused(
            "GitHub knows no such repository or issue, or does not show it to GITHUB_TOKEN (404): check "
            "RFH_PRIVATE_TRACKER, RFH_PUBLIC_TRACKER and what the token may see, then try again."
        )
    if status in {301, 302, 307, 308}:
        return TrackerRefused(
            "The repository or issue was moved or renamed: set RFH_PRIVATE_TRACKER or RFH_PUBLIC_TRACKER to the new "
            "name, then try again."
        )
    if status == 410:
        return TrackerRefused(
            "Issues are turned off in that repository, or the issue was deleted (410): turn them on in its settings, "
            "then try again."
        )
    if status == 422:
        return TrackerRefused(f"GitHub does not take what was written (422): change it, then try again.{_quoted(said)}")
    if status < 500:
        return TrackerRefused(f"GitHub refused with status {status}; try again once it is clear why.{_quoted(said)}")
    return TrackerUnreachable(f"GitHub answered with status {status}.")


def _is_limit(answer: httpx.Response, said: str) -> bool:
    return (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in said.lower()
    )


def _wait(answer: httpx.Response) -> timedelta | None:
    """How long GitHub wants to be left alone; counted by its own clock, which ours may differ from."""
    wait = answer.headers.get("retry-after", "")
    if _is_count(wait):
        return timedelta(seconds=int(wait))
    reset, said_at = answer.headers.get("x-ratelimit-reset", ""), answer.headers.get("date", "")
    if answer.headers.get("x-ratelimit-remaining") != "0" or not _is_count(reset):
        return None
    try:
        return timedelta(seconds=max(int(reset) - parsedate_to_datetime(said_at).timestamp(), 1))
    except (TypeError, ValueError):
        return None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


def _said(answer: httpx.Response) -> str:
    """GitHub's own words for it: its message, and what is wrong with which field."""
    try:
        told = answer.json()
        errors = [_of_field(each) if isinstance(each, dict) else str(each) for each in told.get("errors") or []]
        return " ".join(" ".join([str(told.get("message") or ""), *errors]).split())
    except (ValueError, RecursionError, AttributeError, TypeError):
        return ""


def _of_field(error: dict[str, Any]) -> str:
    return str(error.get("message") or f"{error.get('field')}: {error.get('code')}")


def _quoted(said: str) -> str:
    return f" It says: {said[:120]}" if said else ""
