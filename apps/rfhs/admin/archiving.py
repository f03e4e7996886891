"""Rows of the routing table are archived and restored on their pages."""

from __future__ import annotations

from apps.dashboard.archiving import archiving
from apps.rfhs import services

Archived = archiving(
    archive=services.archive,
    restore=services.restore,
    asks=("It is proposed for nothing any more. Requests that went there keep it.", "It is proposed again."),
    said=("is archived: it is proposed for nothing any more.", "is proposed again."),
    refusals=(),
)
