"""HTTP to Google under one deadline, as a service account."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any

import httpx
from google.auth import transport
from google.auth.exceptions import GoogleAuthError, TransportError
from google.oauth2 import service_account

from apps.rotations.calendars import CalendarUnreadable

SCOPE = "https://www.googleapis.com/auth/calendar.readonly"
LARGEST_PAGE = 16 * 1024 * 1024
"""Bytes. A page of 2,500 events with their attendees is under four."""


class Refused(Exception):
    """Google answered with something but 200; `status` is what."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(f"{status} {reason}")


class Connection:
    """Questions to Google's Calendar API, all of them answered within `timeout` seconds together."""

    def __init__(self, *, key_file: str, url: str, timeout: float) -> None:
        self._key_file, self._url, self._timeout = key_file, url.rstrip("/"), timeout
        self.account = ""

    def __enter__(self) -> Connection:
        self._deadline = time.monotonic() + self._timeout
        self._client = httpx.Client(headers={"User-Agent": "SupportOps"})
        # A thread of its own: a server that drips its answer resets every timeout but the one of who waits here.
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._token = ""
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        # Ends the read of a thread that is left behind.
        self._client.close()

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object at the path. Raises Refused or CalendarUnreadable."""
        left = self._deadline - time.monotonic()
        try:
            return self._pool.submit(self._get, path, params).result(timeout=max(left, 0))
        except TooLate:
            raise CalendarUnreadable(f"Google did not answer within {self._timeout:g} s.")

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        if not self._token:
            self._token = self._sign_in()
        status, body = self._send(
            "GET", f"{self._url}/{path}", params=params, headers={"Authorization": f"Bearer {self._token}"}
        )
        try:
            answer = httpx.Response(status, content=body).json()
        except (ValueError, RecursionError):
            answer = None
        if status != 200:
            raise Refused(status, _reason(answer))
        if not isinstance(answer, dict):
            raise CalendarUnreadable("Google's answer is not understood: it is not what its Calendar API says.")
        return answer

    def _sign_in(self) -> str:
        try:
            credentials = service_account.Credentials.from_service_account_file(self._key_file, scopes=[SCOPE])
        except OSError:
            raise CalendarUnreadable("GOOGLE_SERVICE_ACCOUNT_FILE names a file that cannot be read.")
        except (ValueError, GoogleAuthError):
            raise CalendarUnreadable("GOOGLE_SERVICE_ACCOUNT_FILE names a file that is no service account's key.")
        self.account = str(credentials.service_account_email)
        try:
            credentials.refresh(_Transport(self._send))
        except TransportError:
            raise CalendarUnreadable("Google could not be reached to sign in.")
        except GoogleAuthError:
            raise CalendarUnreadable(
                "Google refuses the service account. Look whether its key was revoked, and whether this machine's "
                "clock is right."
            )
        return str(credentials.token)

    def _send(self, method: str, url: str, **options: Any) -> tuple[int, bytes]:
        left = max(self._deadline - time.monotonic(), 0.01)
        try:
            with self._client.stream(method, url, timeout=left, **options) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > LARGEST_PAGE:
                        raise CalendarUnreadable("Google's answer is too large.")
                return response.status_code, bytes(body)
        except httpx.TimeoutException:
            raise CalendarUnreadable(f"Google did not answer within {self._timeout:g} s.")
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError):
            # The exception's own text can hold the address. RuntimeError: the client was closed by whoever waited.
            raise CalendarUnreadable("Google could not be reached.")


class _Answer(transport.Response):  # type: ignore[misc]
    def __init__(self, status: int, data: bytes) -> None:
        self._status, self._data = status, data

    @property
    def status(self) -> int:
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        return {}

    @property
    def data(self) -> bytes:
        return self._data


class _Transport(transport.Request):  # type: ignore[misc]
    """What google-auth signs in through, so that one client and one deadline serve everything."""

    def __init__(self, send: Any) -> None:
        self._send = send

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, timeout: Any = None, **options: Any
    ) -> _Answer:
        try:
            return _Answer(*self._send(method, url, content=body, headers=headers))
        except CalendarUnreadable as error:
            raise TransportError(str(error))


def _reason(answer: Any) -> str:
    """Google's own word for it, such as rateLimitExceeded."""
    try:
        return str(answer["error"]["errors"][0]["reason"])
    except (KeyError, TypeError, IndexError):
        return ""
