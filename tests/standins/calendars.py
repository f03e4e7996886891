"""Google's Calendar API and servers of iCalendar feeds, as far as calendars are read from them."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.standins.server import Heard, LoopbackServer, Say

ACCOUNT = "reader@support.iam.gserviceaccount.com"


class StandInFeed(LoopbackServer):
    """Answers every address with what was set for it, else 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Say] = {}
        self.heard: list[Heard] = []
        # Somebody asked; and those who ask are answered.
        self.asked, self.answering = threading.Event(), threading.Event()
        self.answering.set()
        super().__init__()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whoever asks meanwhile is answered afterwards."""
        self.answering.clear()
        try:
            yield
        finally:
            self.answering.set()

    def hear(self, heard: Heard) -> Say:
        self.heard.append(heard)
        self.asked.set()
        self.answering.wait(10)
        say = self.answers.get(heard.path, Say(404, b"nothing here", "text/plain"))
        tag = say.headers.get("ETag")
        if tag and heard.headers.get("If-None-Match") == tag:
            return Say(304, b"", "text/calendar", {"ETag": tag})
        return say

    def put(self, path: str, body: str | bytes, **options: Any) -> str:
        """The address that answers with this from now on."""
        raw = body.encode() if isinstance(body, str) else body
        self.answers[path] = Say(200, raw, options.pop("content_type", "text/calendar; charset=utf-8"), **options)
        return f"{self.address}{path}"

    def redirect(self, path: str, to: str) -> str:
        self.answers[path] = Say(302, b"", "text/plain", {"Location": to})
        return f"{self.address}{path}"


class StandInGoogle(LoopbackServer):
    """Signs a service account in and lists events: by pages, with tokens, and by `say` whatever a test wants next."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.changes: dict[str, list[dict[str, Any]]] = {}
        self.zone = "Europe/Madrid"
        self.page = 2
        self.say: deque[Say] = deque()
        self.asked: list[dict[str, str]] = []
        super().__init__()

    def hear(self, heard: Heard) -> Say:
        if heard.path == "/token":
            return _json({"access_token": "ya29.test", "expires_in": 3600, "token_type": "Bearer"})
        if heard.headers.get("Authorization") != "Bearer ya29.test":
            return _json(_error("authError"), 401)
        asked = {name: values[0] for name, values in parse_qs(heard.query).items()}
        self.asked.append(asked)
        if self.say:
            return self.say.popleft()
        calendar = unquote(heard.path.split("/calendars/")[1].split("/")[0])
        if "syncToken" in asked:
            if asked["syncToken"] not in self.changes:
                return _json(_error("fullSyncRequired"), 410)
            return _json(self._page(self.changes[asked["syncToken"]], asked))
        if calendar not in self.events:
            return _json(_error("notFound"), 404)
        if asked.get("singleEvents") != "true" or not {"timeMin", "timeMax"} <= asked.keys():
            return _json(_error("badRequest"), 400)
        return _json(self._page(self.events[calendar], asked))

    def _page(self, events: list[dict[str, Any]], asked: dict[str, str]) -> dict[str, Any]:
        start = int(asked.get("pageToken", "0"))
        answer: dict[str, Any] = {"timeZone": self.zone, "items": events[start : start + self.page]}
        if start + self.page < len(events):
            return {**answer, "nextPageToken": str(start + self.page)}
        return {**answer, "nextSyncToken": f"token-{len(self.asked)}"}


def event(key: str, start: str, end: str, summary: str = "On support", *emails: str, **more: Any) -> dict[str, Any]:
    """An event as Google gives it; dates without a time are whole days."""

    def at(value: str) -> dict[str, str]:
        return {"dateTime": value} if "T" in value else {"date": value}

    attendees = [{"email": email, "responseStatus": "accepted"} for email in emails]
    return {
        "id": key,
        "status": "confirmed",
        "summary": summary,
        "start": at(start),
        "end": at(end),
        "attendees": attendees,
        **more,
    }


def key_file(folder: Path, standin: LoopbackServer) -> str:
    """The key of a service account that signs in at the stand-in."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    said = {
        "type": "service_account",
        "client_email": ACCOUNT,
        "private_key": pem,
        "token_uri": f"{standin.address}/token",
    }
    path = folder / "key.json"
    path.write_text(json.dumps(said))
    return str(path)


def feed(*entries: str, head: str = "") -> str:
    """An iCalendar feed of these entries, each the lines of a VEVENT."""
    body = "".join(f"BEGIN:VEVENT\n{entry.strip()}\nEND:VEVENT\n" for entry in entries)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def entry(uid: str, start: str, end: str, summary: str = "On support", *emails: str, more: str = "") -> str:
    """The lines of a VEVENT: `start` and `end` as ":20260318T090000Z" or ";VALUE=DATE:20260318"."""
    people = "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{email}\n" for email in emails)
    lines = f"UID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART{start}\nDTEND{end}\nSUMMARY:{summary}\n"
    return f"{lines}{people}{more}"


def _json(body: dict[str, Any], status: int = 200) -> Say:
    return Say(status, json.dumps(body).encode())


def _error(reason: str) -> dict[str, Any]:
    return {"error": {"errors": [{"reason": reason}]}}
