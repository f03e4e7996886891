"""What the audit log does after the commit."""

from __future__ import annotations

from collections.abc import Sequence

from apps.trail.audit import linking
from apps.trail.following import follower
from apps.trail.models import StoredEvent


@follower("audit", batch=500)
def put_on_audit_logs(events: Sequence[StoredEvent]) -> None:
    """New events of the chosen types are on their customers' audit logs."""
    linking.link_new(events)
