"""GitHub as a tracker of issues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from apps.integrations.github import reading
from apps.integrations.github.connection import Connection, Page, Unchanged
from apps.integrations.github.reading import Misread
from apps.rfhs.tracker import (
    Bookmark,
    Changes,
    Remark,
    TrackedIssue,
    TrackerRefused,
    TrackerUnreachable,
    key_in,
)

# GitHub refuses longer ones.
LONGEST_TITLE, LONGEST_BODY, LONGEST_LABEL = 256, 65_536, 50
CUT = "\n\n(This is longer than GitHub takes; the whole is in the portal.)\n\n"
# What one reading takes at most; the next goes on from there.
PAGES_A_READING = 5

Found = TypeVar("Found", bound=TrackedIssue | Remark)


class GitHub:
    """See IssueTracker. Source: GitHub's REST API reference, "Issues" and "Issue comments"."""

    name = "GitHub"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, repository: str, *, title: str, body: str, labels: Sequence[str]) -> TrackedIssue:
        """See IssueTracker. Labels that do not exist are made by GitHub for who may push to the repository."""
        asked = {
            "title": title[:LONGEST_TITLE],
            "body": fitted(body),
            "labels": list(dict.fromkeys(label.strip()[:LONGEST_LABEL] for label in labels if label.strip())),
        }
        return _understood(
            lambda: reading.issue(self._connection.post(f"repos/{repository}/issues", asked), repository)
        )

    def find(self, repository: str, *, mark: str, since: datetime) -> TrackedIssue | None:
        """See IssueTracker. Listed, not searched for: GitHub's search hears of a new issue later."""
        params = {"state": "all", "sort": "created", "direction": "asc", "since": _rfc3339(since)}
        return self._marked(f"repos/{repository}/issues", params, mark, lambda item: reading.issue(item, repository))

    def read(self, repository: str, number: int) -> TrackedIssue:
        """See IssueTracker."""
        item = self._connection.get(f"repos/{repository}/issues/{number}")
        if isinstance(item, dict) and item.get("pull_request"):
            raise TrackerRefused(f"{repository}#{number} is a pull request: link an issue.")
        return _understood(lambda: reading.issue(item, repository))

    def label(self, repository: str, number: int, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """See IssueTracker. Each by itself: to set them all would take away what engineers added."""
        path = f"repos/{repository}/issues/{number}/labels"
        if add:
            self._connection.post(path, {"labels": [label[:LONGEST_LABEL] for label in add]})
        for label in remove:
            self._connection.delete(f"{path}/{quote(label[:LONGEST_LABEL], safe='')}")

    def comment(self, repository: str, number: int, *, body: str) -> Remark:
        """See IssueTracker."""
        said = self._connection.post(f"repos/{repository}/issues/{number}/comments", {"body": fitted(body)})
        return _understood(lambda: reading.remark(said, repository, number))

    def find_comment(self, repository: str, number: int, *, mark: str, since: datetime) -> Remark | None:
        """See IssueTracker."""
        path = f"repos/{repository}/issues/{number}/comments"
        return self._marked(
            path, {"since": _rfc3339(since)}, mark, lambda item: reading.remark(item, repository, number)
        )

    def changes(self, repository: str, *, issues: Bookmark, remarks: Bookmark) -> Changes:
        """See IssueTracker. The whole repository in two calls, which cost nothing while nothing is new."""
        params = {"sort": "updated", "direction": "asc"}
        path = f"repos/{repository}/issues"
        found, issues_read = self._since(
            path, {**params, "state": "all"}, issues, lambda item: reading.issue(item, repository)
        )
        said, remarks_read = self._since(
            f"{path}/comments", params, remarks, lambda item: reading.remark(item, repository)
        )
        return Changes(found, said, issues_read, remarks_read)

    def _marked(self, path: str, params: dict[str, str], mark: str, read: Callable[[Any], Found]) -> Found | None:
        last: Page | None = None
        for last in self._connection.pages(path, params):
            for item in last.items:
                body = item.get("body") if isinstance(item, dict) else None
                if isinstance(body, str) and key_in(body) and body.rstrip().endswith(mark):
                    return _understood(partial(read, item))
        if last is not None and last.more:
            raise TrackerRefused(
                "So much happened there since the first try that GitHub cannot be looked through: look for it by hand "
                "and link it, or try again."
            )
        return None

    def _since(
        self, path: str, params: dict[str, str], bookmark: Bookmark, read: Callable[[Any], Found]
    ) -> tuple[tuple[Found, ...], Bookmark]:
        asked = {**params, "since": _rfc3339(bookmark.since)}
        found: list[Found] = []
        newest, tag, count = bookmark.since, "", 0
        try:
            for page in self._connection.pages(path, asked, tag=bookmark.tag, most=PAGES_A_READING):
                tag, count = page.tag, count + 1
                newest = max([newest, *_updates(page.items)])
                found += _readable(page.items, read)
        except Unchanged:
            return (), bookmark
        # The tag is of this very question: it is worth keeping only when the next is the same.
        same = count == 1 and newest.replace(microsecond=0) == bookmark.since.replace(microsecond=0)
        return tuple(found), Bookmark(newest, tag if same else "")


def fitted(body: str) -> str:
    """The body as GitHub takes it: what is too long loses its end, but never its mark."""
    if len(body) <= LONGEST_BODY:
        return body
    marked = body[body.rindex("<!-- ") :] if key_in(body) else ""
    return body[: LONGEST_BODY - len(CUT) - len(marked)] + CUT + marked


def _readable(items: Iterable[Any], read: Callable[[Any], Found]) -> Iterable[Found]:
    """What is understood; pull requests and what is not are nobody's issue."""
    for item in items:
        try:
            yield read(item)
        except Misread:
            continue


def _updates(items: Iterable[Any]) -> Iterable[datetime]:
    for item in items:
        try:
            yield reading.instant(item["updated_at"])
        except (Misread, KeyError, TypeError):
            continue


def _understood(read: Callable[[], Found]) -> Found:
    try:
        return read()
    except Misread as error:
        # It may be there all the same, so it is looked for before it is made again.
        raise TrackerUnreachable(f"GitHub's answer is not understood: {str(error)[:80]}.")


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
