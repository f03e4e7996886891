"""GitHub's issues on loopback, with faults a test can set.

    with StandInGitHub() as github:
        settings.GITHUB_URL = github.address
        github.stall_after_creating(2)

By hand: `python -m tests.standins.github --port 9003`.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

from tests.standins.server import Heard, LoopbackServer, Say

ISSUES = re.compile(r"/repos/([^/]+/[^/]+)/issues")
ISSUE = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)")
COMMENTS = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments")
LABELS = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/labels(?:/([^/]+))?")
ALL_COMMENTS = re.compile(r"/repos/([^/]+/[^/]+)/issues/comments")


@dataclass
class Repository:
    may_push: bool = True
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


class StandInGitHub(LoopbackServer):
    """See the module. It has acme/support and acme/product."""

    def __init__(self, port: int = 0) -> None:
        self._lock = threading.RLock()
        self.repositories = {"acme/support": Repository(), "acme/product": Repository()}
        self.token = "t0ken"
        self.heard: list[tuple[str, str]] = []
        self.unchanged: list[str] = []
        self.page = 100
        self.shift = timedelta()
        self._says: list[Say] = []
        self._stalls: list[float] = []
        self._meanwhile: Callable[[], None] | None = None
        self._ids = 1000
        super().__init__(port)

    # What a test sets.

    @property
    def now(self) -> datetime:
        """Its own clock."""
        return datetime.now(UTC) + self.shift

    def answer_with(self, status: int, body: Any = None, times: int = 1, **headers: str) -> None:
        """The next calls are answered so and do nothing; headers as Retry_After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {"message": "wrong"} if body is None else body
        self._says += [_json(told, status, named)] * times

    def drop(self) -> None:
        """The next call is closed without an answer, and does nothing."""
        self._says.append(Say(drop=True))

    def stall_after_creating(self, seconds: float) -> None:
        """The next call that writes does it, and answers too late."""
        self._stalls.append(seconds)

    def drop_after_creating(self) -> None:
        """The next call that writes does it, and gets no answer."""
        self._stalls.append(-1.0)

    def while_creating(self, act: Callable[[], None]) -> None:
        """The next call that writes does this first, once."""
        self._meanwhile = act

    def stamp(self, minutes: int = 0) -> str:
        """Its own time, so many minutes on, as it writes it."""
        return _rfc3339(self.now + timedelta(minutes=minutes))

    def issue(self, repository: str = "acme/support", **fields: Any) -> dict[str, Any]:
        """Somebody writes an issue."""
        with self._lock:
            held = self.repositories[repository]
            self._ids += 1
            number = len(held.issues) + 1
            at = _rfc3339(self.now)
            made = {
                "id": self._ids,
                "number": number,
                "html_url": f"https://github.example/{repository}/issues/{number}",
                "title": "An issue",
                "body": None,
                "state": "open",
                "labels": [],
                "user": {"login": "greta"},
                "created_at": at,
                "updated_at": at,
                **fields,
            }
            held.issues[number] = made
            return made

    def comment(
        self, number: int = 1, body: str = "I look into it.", by: str = "farid", repository: str = "acme/support"
    ) -> dict[str, Any]:
        """Somebody comments."""
        with self._lock:
            self._ids += 1
            at = _rfc3339(self.now)
            made = {
                "id": self._ids,
                "html_url": f"https://github.example/{repository}/issues/{number}#issuecomment-{self._ids}",
                "issue_url": f"{self.address}/repos/{repository}/issues/{number}",
                "user": {"login": by},
                "body": body,
                "created_at": at,
                "updated_at": at,
            }
            held = self.repositories[repository]
            held.comments.append(made)
            held.issues[number]["updated_at"] = at
            return made

    def close_issue(self, number: int = 1, repository: str = "acme/support", state: str = "closed") -> dict[str, Any]:
        with self._lock:
            found = self.repositories[repository].issues[number]
            found |= {"state": state, "updated_at": _rfc3339(self.now)}
            return found

    def asked(self, verb: str) -> list[str]:
        return [path for method, path in self.heard if method == verb]

    # Answering.

    def hear(self, heard: Heard) -> Say:
        headers = {name.lower(): value for name, value in heard.headers.items()}
        writes = heard.verb == "POST"
        with self._lock:
            self.heard.append((heard.verb, heard.path))
            if headers.get("authorization") != f"Bearer {self.token}":
                return _json({"message": "Bad credentials"}, 401)
            if self._says:
                return self._says.pop(0)
            meanwhile, self._meanwhile = (self._meanwhile, None) if writes else (None, self._meanwhile)
        if meanwhile:
            meanwhile()
        with self._lock:
            say = self._answered(heard)
            stall = self._stalls.pop(0) if self._stalls and writes else 0.0
        if stall < 0:
            return Say(drop=True)
        if stall:
            self.closing.wait(stall)
        if heard.verb == "GET" and say.status == 200:
            tag = f'"{sha256(say.body).hexdigest()[:16]}"'
            say.headers["ETag"] = tag
            if headers.get("if-none-match") == tag:
                self.unchanged.append(heard.path)
                return Say(304, headers={"ETag": tag})
        return say

    def _answered(self, heard: Heard) -> Say:
        asked = {name: values[0] for name, values in parse_qs(heard.query).items()}
        said = json.loads(heard.body) if heard.body else {}
        if found := ALL_COMMENTS.fullmatch(heard.path):
            return self._list(heard.path, found, lambda held: held.comments, asked)
        if found := ISSUES.fullmatch(heard.path):
            if heard.verb == "POST":
                return self._create(found[1], said)
            return self._list(heard.path, found, lambda held: list(held.issues.values()), asked)
        if found := COMMENTS.fullmatch(heard.path):
            number = int(found[2])
            if number not in self._held(found).issues:
                return _json({"message": "Not Found"}, 404)
            if heard.verb == "POST":
                return _json(self.comment(number, said["body"], "support-bot", found[1]), 201)
            return self._list(
                heard.path,
                found,
                lambda held: [each for each in held.comments if each["issue_url"].endswith(f"/{number}")],
                asked,
            )
        if found := LABELS.fullmatch(heard.path):
            return self._labels(self._held(found).issues.get(int(found[2])), heard.verb, unquote(found[3] or ""), said)
        if (found := ISSUE.fullmatch(heard.path)) and int(found[2]) in self._held(found).issues:
            return _json(self._held(found).issues[int(found[2])])
        return _json({"message": "Not Found"}, 404)

    def _held(self, found: re.Match[str]) -> Repository:
        return self.repositories.get(found[1].lower(), Repository())

    def _create(self, repository: str, said: dict[str, Any]) -> Say:
        held = self.repositories.get(repository.lower())
        if held is None:
            return _json({"message": "Not Found"}, 404)
        if not said.get("title") or len(said["title"]) > 256 or any(len(name) > 50 for name in said["labels"]):
            errors = [{"resource": "Issue", "field": "title", "code": "invalid"}]
            return _json({"message": "Validation Failed", "errors": errors}, 422)
        if not held.may_push and set(said["labels"]) - held.labels:
            return _json({"message": "You do not have permission to create labels on this repository."}, 403)
        # Whoever may push makes labels by using them; those of others are dropped.
        labels = said["labels"] if held.may_push else []
        held.labels.update(labels)
        made = self.issue(
            repository.lower(),
            title=said["title"],
            body=said["body"],
            labels=[{"name": name} for name in labels],
            user={"login": "support-bot"},
        )
        return _json(made, 201)

    def _labels(self, issue: dict[str, Any] | None, verb: str, name: str, said: dict[str, Any]) -> Say:
        if issue is None:
            return _json({"message": "Not Found"}, 404)
        has = [label["name"] for label in issue["labels"]]
        if verb == "DELETE" and name not in has:
            return _json({"message": "Label does not exist"}, 404)
        wanted = [each for each in has if each != name] if verb == "DELETE" else [*has, *said["labels"]]
        issue["labels"] = [{"name": each} for each in dict.fromkeys(wanted)]
        return _json(issue["labels"])

    def _list(
        self,
        path: str,
        found: re.Match[str],
        rows: Callable[[Repository], list[dict[str, Any]]],
        asked: dict[str, str],
    ) -> Say:
        if found[1].lower() not in self.repositories:
            return _json({"message": "Not Found"}, 404)
        listed = [row for row in rows(self._held(found)) if row["updated_at"] >= asked.get("since", "")]
        listed.sort(key=lambda row: (row[f"{asked.get('sort', 'created')}_at"], row["id"]))
        if asked.get("direction") == "desc":
            listed.reverse()
        size = min(int(asked.get("per_page", 30)), self.page)
        start = int(asked.get("after", 0))
        headers = {}
        if start + size < len(listed):
            following = urlencode({**asked, "after": start + size})
            headers["Link"] = f'<{self.address}{path}?{following}>; rel="next"'
        return _json(listed[start : start + size], headers=headers)


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Say:
    return Say(status, json.dumps(body).encode(), headers=dict(headers or {}))


def main() -> None:
    options = argparse.ArgumentParser(description="A stand-in for GitHub on 127.0.0.1.")
    options.add_argument("--port", type=int, default=9003)
    github = StandInGitHub(options.parse_args().port)
    print(f"GITHUB_URL={github.address} GITHUB_TOKEN={github.token} RFH_PRIVATE_TRACKER=acme/support", flush=True)
    github.wait_for_ctrl_c()


if __name__ == "__main__":
    main()
