"""What is served to everybody, each a path and what builds its bytes. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.statuspage.snapshot import Snapshot


@dataclass(frozen=True)
class Document:
    """One path and its bytes; `build` gets what the public may know, and whether it is known to be current.

    Not current: the worker's heartbeat or the last rendering is older than five minutes, so nobody knows how things
    are, and the document says so.
    """

    path: str
    content_type: str
    build: Callable[[Snapshot, bool], bytes]
