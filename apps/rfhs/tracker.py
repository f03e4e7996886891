"""What an issue tracker is asked and what it answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

LONGEST_REPOSITORY = 140
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
# On a line of its own: where somebody quotes it, a > stands before it.
_MARK = re.compile(r"(?:\A|\n)<!-- supportops:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) -->\s*\Z")


@dataclass(frozen=True)
class TrackedIssue:
    """An issue as the tracker has it; `updated_at` is the tracker's own instant of its last change, aware."""

    repository: str
    number: int
    url: str
    title: str
    state: str  # open or closed
    body: str
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    closed_by: str = ""


@dataclass(frozen=True)
class Remark:
    """A comment on an issue. `id` is the tracker's; `at` is when it was written, `updated_at` when last edited."""

    id: str
    repository: str
    number: int
    url: str
    by: str
    text: str
    at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Bookmark:
    """Where reading on begins: the newest change that was seen, and the tag of the answer that told of it."""

    since: datetime
    tag: str = ""


@dataclass(frozen=True)
class Changes:
    """What changed since a bookmark, oldest first, and where to read on."""

    issues: tuple[TrackedIssue, ...]
    remarks: tuple[Remark, ...]
    issues_read: Bookmark
    remarks_read: Bookmark


class TrackerProblem(Exception):
    """The tracker did not do it. The message is a sentence that can be shown; it never holds a credential."""


class TrackerUnreachable(TrackerProblem):
    """No answer, or none that can be understood: it may have been done all the same. Later it may go."""


class TrackerBusy(TrackerProblem):
    """It was not done, and nothing is to be asked for so long (None: the tracker does not say)."""

    def __init__(self, sentence: str, *, wait: timedelta | None = None) -> None:
        self.wait = wait
        super().__init__(sentence)


class TrackerRefused(TrackerProblem):
    """It was not done, and asking again changes nothing: the sentence says what has to be mended."""


class IssueTracker(Protocol):
    """Somebody who keeps issues. Every call takes a bounded time and raises TrackerProblem."""

    name: str

    def create(self, repository: str, *, title: str, body: str, labels: Sequence[str]) -> TrackedIssue:
        """A new issue; called twice it makes two, so look with `find` before a second call."""
        ...

    def find(self, repository: str, *, mark: str, since: datetime) -> TrackedIssue | None:
        """The issue made since then whose body ends with the mark."""
        ...

    def read(self, repository: str, number: int) -> TrackedIssue:
        """The issue as it is. Raises TrackerRefused when there is none."""
        ...

    def label(self, repository: str, number: int, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """The issue has the first and none of the second; labels of others stay. Called twice it is the same."""
        ...

    def comment(self, repository: str, number: int, *, body: str) -> Remark:
        """A new comment; called twice it makes two, so look with `find_comment` before a second call."""
        ...

    def find_comment(self, repository: str, number: int, *, mark: str, since: datetime) -> Remark | None:
        """The comment written since then whose text ends with the mark."""
        ...

    def changes(self, repository: str, *, issues: Bookmark, remarks: Bookmark) -> Changes:
        """What happened to issues and was said on them from the bookmarks on; what was seen before may come again."""
        ...


def mark(key: object) -> str:
    """What makes our own issue or comment found again; readers of the tracker do not see it."""
    return f"<!-- supportops:{key} -->"


def key_in(text: str) -> str:
    """The key in the mark a text ends with; empty without one. A quoted mark in the middle of a text is none."""
    found = _MARK.search(text)
    return found.group(1) if found else ""


def is_repository(name: str) -> bool:
    """Is it `owner/repo`, as GitHub allows both to be called?"""
    return _REPOSITORY.fullmatch(name) is not None and name.rpartition("/")[2] not in {".", ".."}
