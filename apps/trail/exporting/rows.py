"""An event as it stands in an export."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from apps.trail.models import StoredEvent


def row(event: StoredEvent) -> dict[str, Any]:
    """Everything that was recorded, and the sentence."""
    return {
        "position": event.position,
        "id": str(event.event_id),
        "occurred_at": event.occurred_at.astimezone(UTC).isoformat(),
        "recorded_at": event.recorded_at.astimezone(UTC).isoformat(),
        "type": event.type,
        "version": event.version,
        "sentence": event.sentence,
        "actor": event.actor_label,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "streams": event.about,
        "correlation_id": str(event.correlation_id),
        "causation_id": str(event.causation_id) if event.causation_id else None,
        "payload": event.payload,
        "metadata": event.metadata,
    }
