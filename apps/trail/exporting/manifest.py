"""What an export is: which events, of when, for whom, and the digests that show that it is whole. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NAME = "manifest.json"
FORMAT, VERSION = "SupportOps trail export", 1
READ_ME = (
    "“sha256” is the SHA-256 of a file's bytes as they are after unpacking, such as `sha256sum events.jsonl` prints. "
    "The portal recorded the same digests on its trail as event “recorded_as”: when they agree, nothing in the file "
    "was changed, added or left out since. `python manage.py verify_export FILE.zip` compares them all.",
    "The events are in the trail's order, oldest first: all that fit “asked” and were settled at “exported_at”, so "
    "that nothing recorded later can belong among them. “first” and “last” are those of the files.",
    "events.jsonl has one event a line, exactly. events.csv has the same for a table's program, in UTF-8: instants are "
    "in UTC, “streams” are separated by spaces, “payload” and “metadata” are JSON, and a cell that such a program "
    "would take for a formula begins with an apostrophe that is not part of it.",
    "“sentence” is the event in words as the portal tells it now; what was recorded is “payload”.",
)


@dataclass
class Tally:
    """What a file has come to so far."""

    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0

    def add(self, part: bytes) -> None:
        """The file goes on with `part`."""
        self.digest.update(part)
        self.size += len(part)


@dataclass(frozen=True)
class Place:
    """An event of an export."""

    position: int
    id: str


@dataclass(frozen=True)
class Manifest:
    """All that is said about an export."""

    asked: dict[str, Any]
    count: int
    first: Place | None
    last: Place | None
    exported_at: datetime
    exported_by: dict[str, str]
    portal: str
    recorded_as: int
    files: dict[str, Tally]

    def written(self) -> bytes:
        """The manifest's bytes."""
        said = {
            "format": FORMAT,
            "version": VERSION,
            "portal": self.portal,
            "exported_at": self.exported_at.isoformat(),
            "exported_by": self.exported_by,
            "recorded_as": self.recorded_as,
            "asked": self.asked,
            "count": self.count,
            "first": self.first.__dict__ if self.first else None,
            "last": self.last.__dict__ if self.last else None,
            "files": {
                name: {"sha256": tally.digest.hexdigest(), "bytes": tally.size} for name, tally in self.files.items()
            },
            "about": READ_ME,
        }
        return (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode()
