"""What GitHub's webhooks say: their signature, and the issue or comment they tell of. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from apps.integrations.github import reading
from apps.integrations.github.reading import Misread
from apps.rfhs.tracker import Remark, TrackedIssue, is_repository

HEADER = "X-Hub-Signature-256"
SPOKE = frozenset({"created", "edited", "deleted"})
MOVED = frozenset({"closed", "reopened"})


@dataclass(frozen=True)
class Told:
    """What a delivery tells: of an issue, or of a comment. `by` is who did it; neither is nothing of ours."""

    issue: TrackedIssue | None = None
    remark: Remark | None = None
    gone: bool = False
    by: str = ""


def sign(secret: str, raw: bytes) -> str:
    """The header's value that `verify` accepts for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def verify(secret: str, raw: bytes, header: str) -> bool:
    """Does `header` sign these bytes with this secret? Without a secret nothing is ever signed."""
    if not secret:
        return False
    return hmac.compare_digest(sign(secret, raw).encode(), header.strip().encode(errors="replace"))


def read(kind: str, raw: bytes, *, form: bool = False) -> Told:
    """What a delivery of this kind (X-GitHub-Event) tells. Raises Misread.

    `form`: it came as a form, with the JSON in its field `payload`, which is what GitHub does unless told otherwise.
    """
    if kind not in {"issues", "issue_comment"}:
        return Told()
    body = _json(raw, form)
    try:
        action, repository = body["action"], body["repository"]["full_name"]
        if not isinstance(repository, str) or not is_repository(repository):
            raise Misread("no repository")
        if body["issue"].get("pull_request"):
            return Told()
        by = reading.login(body.get("sender"))
        issue = reading.issue(body["issue"], repository)
        if kind == "issues":
            # What is transferred or deleted comes with the state it had.
            told_by = by if action in MOVED else ""
            return Told(issue=issue, by=told_by) if action not in {"deleted", "transferred"} else Told()
        if action not in SPOKE:
            return Told()
        return Told(remark=reading.remark(body["comment"], repository, issue.number), gone=action == "deleted", by=by)
    except (KeyError, TypeError, AttributeError) as error:
        raise Misread(str(error))


def _json(raw: bytes, form: bool) -> dict[str, Any]:
    try:
        if form:
            raw = parse_qs(raw.decode(), strict_parsing=True, max_num_fields=10)["payload"][0].encode()
        body = json.loads(raw)
    except (ValueError, KeyError, RecursionError):
        raise Misread("it is not JSON")
    if not isinstance(body, dict):
        raise Misread("it is no JSON object")
    return body
