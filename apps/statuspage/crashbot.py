"""What Crashbot's own page reads: /list and /ping, with what the public may know alone. Pure.

Crashbot told everybody the title and description that were meant for its staff, and people by their names in Slack:
here the description is the public text, and people are named as they wish to be in public, if at all.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from apps.statuspage.documents import Document
from apps.statuspage.snapshot import PublicIncident, Snapshot
from apps.statuspage.v2.shapes import instant

NOT_ASSIGNED = "Not assigned"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _shape(row: PublicIncident) -> dict[str, Any]:
    text = next((update.body for update in row.updates if update.body), "")
    return {
        "id": int(row.number.rpartition("-")[2]),
        "update_number": len(row.updates),
        "modified_by": row.modified_by or NOT_ASSIGNED,
        "modified_at": instant(row.updated_at),
        "reported_at": instant(row.started_at),
        "closed_at": instant(row.resolved_at),
        "status": "open" if row.is_open else "closed",
        "severity": row.severity,
        "title": row.title,
        "description": text,
        "point": row.point or NOT_ASSIGNED,
        "contact": row.contact or NOT_ASSIGNED,
        "rca_link": row.rca_url or None,
    }


def _list(snapshot: Snapshot, current: bool) -> bytes:
    is_open = sorted(snapshot.open_incidents, key=lambda each: (each.severity, each.started_at))
    closed = [each for each in snapshot.incidents if not each.is_open]
    closed.sort(key=lambda each: each.resolved_at or LONG_AGO, reverse=True)
    said = {"open": [_shape(each) for each in is_open], "closed": [_shape(each) for each in closed]}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


DOCUMENTS = (
    Document("/list", "application/json", _list),
    Document("/ping", "text/plain; charset=utf-8", lambda snapshot, current: b"/ping"),
)
