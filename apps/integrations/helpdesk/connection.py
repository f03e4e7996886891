"""HTTP to a help desk under one deadline: many questions at once, one verdict."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import httpx

from apps.tickets.replies import SourceUnreachable

CALLS_AT_ONCE = 8
"""Vendors throttle a client that opens more; a sweep asks about few tickets at a time."""

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A hundred Zendesk tickets with their metrics are under one."""


@dataclass(frozen=True)
class Request:
    """One call; `path` is joined to the connection's base address ("" is the address itself)."""

    method: str
    path: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None


class Connection:
    """Connections to one help desk, kept open and used again.

    `timeout` is in seconds and counts for all the requests of one `ask` together.
    """

    def __init__(
        self,
        *,
        vendor: str,
        url: str,
        timeout: float,
        basic: tuple[str, str] | None = None,
        bearer: str | None = None,
    ) -> None:
        self._vendor = vendor
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._basic = basic
        self._bearer = bearer
        self._client: httpx.Client | None = None
        self._made_by = 0

    def ask(self, requests: Sequence[Request], *, absent_is_none: bool = False) -> list[Any]:
        """The JSON answers in the order of `requests`; with `absent_is_none` a 404 is None.

        Raises SourceUnreachable at the first request that fails, and at the deadline whatever is still
        running. Requests left behind end by themselves soon after.
        """
        if not requests:
            return []
        client = self._open()
        deadline = time.monotonic() + self._timeout
        # A pool a call: threads do not survive the worker's fork, and an idle pool would hold up its exit.
        pool = ThreadPoolExecutor(max_workers=min(CALLS_AT_ONCE, len(requests)))
        try:
            calls = [pool.submit(self._ask_one, client, request, deadline, absent_is_none) for request in requests]
            ended, running = wait(calls, timeout=self._timeout, return_when=FIRST_EXCEPTION)
            for call in ended:
                call.result()
            if running:
                raise self._too_slow()
            return [call.result() for call in calls]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> httpx.Client:
        # Two processes must not speak over one socket, so a forked worker opens its own.
        if self._client is None or self._made_by != os.getpid():
            headers = {"Accept": "application/json", "User-Agent": "SupportOps"}
            if self._bearer:
                headers["Authorization"] = f"Bearer {self._bearer}"
            self._client = httpx.Client(
                headers=headers,
                auth=self._basic,
                limits=httpx.Limits(max_connections=CALLS_AT_ONCE, max_keepalive_connections=CALLS_AT_ONCE),
            )
            self._made_by = os.getpid()
        return self._client

    def _ask_one(self, client: httpx.Client, request: Request, deadline: float, absent_is_none: bool) -> Any:
        try:
            try:
                status, body = self._send(client, request, deadline)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # A kept connection may be closed by the other side just as it is used again. Asking changes
                # nothing there, so it is asked once more.
                status, body = self._send(client, request, deadline)
        except httpx.TimeoutException:
            raise self._too_slow()
        except httpx.InvalidURL:
            raise SourceUnreachable(f"{self._vendor}'s address is not a valid URL.")
        except httpx.HTTPError:
            # The exception's own text can hold the address, and with it a credential.
            raise SourceUnreachable(f"{self._vendor} could not be reached.")
        if status == 404 and absent_is_none:
            return None
        if status in (401, 403):
            raise SourceUnreachable(f"{self._vendor} refused our credentials ({status}).")
        if status == 429:
            raise SourceUnreachable(f"{self._vendor} asks us to slow down (429).")
        if status != 200:
            raise SourceUnreachable(f"{self._vendor} answered with status {status}.")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise SourceUnreachable(f"{self._vendor} answered with something that is not JSON.")

    def _send(self, client: httpx.Client, request: Request, deadline: float) -> tuple[int, bytes]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._too_slow()
        url = f"{self._url}/{request.path}" if request.path else self._url
        # httpx's timeout is for each read, so an answer that trickles in is also held to the deadline here.
        with client.stream(
            request.method, url, params=dict(request.params) or None, json=request.json, timeout=left
        ) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if time.monotonic() > deadline:
                    raise self._too_slow()
                if len(body) > LARGEST_ANSWER:
                    raise SourceUnreachable(f"{self._vendor}'s answer is too large.")
            return response.status_code, bytes(body)

    def _too_slow(self) -> SourceUnreachable:
        return SourceUnreachable(f"{self._vendor} did not answer within {self._timeout:g} s.")
