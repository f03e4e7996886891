"""What is served to everybody, each a path and what builds its bytes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.statuspage.snapshot import Snapshot

# Nothing may be loaded, run or framed: what is no page needs no more.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# What is shown below /status/ where nothing is.
LOST = "/status/not-found/"


@dataclass(frozen=True)
class Document:
    """One path and its bytes; `build` gets what the public may know, and whether it is known to be current.

    Not current: the worker's heartbeat or the last rendering is older than five minutes, so nobody knows how things
    are, and the document says so. Both are built beforehand, as nobody can build anything once the database is away;
    so neither may hold the instant it was built at, or every reader's copy would be outdated each minute.
    """

    path: str
    content_type: str
    build: Callable[[Snapshot, bool], bytes]
    policy: str = NOTHING


@dataclass(frozen=True)
class Member:
    """One document of a family. It is built anew only when `made_of`, a digest of all that is in it, is another.

    `ages`: whether it is another once nobody knows how things are.
    """

    path: str
    made_of: str
    build: Callable[[bool], bytes]
    ages: bool = True


@dataclass(frozen=True)
class Family:
    """Documents of which there are as many as there are incidents, months or components."""

    content_type: str
    members: Callable[[Snapshot], Iterable[Member]]
    policy: str = NOTHING
