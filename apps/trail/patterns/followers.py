"""Patterns that are watched for."""

from __future__ import annotations

from collections.abc import Sequence

from apps.trail.following import follower
from apps.trail.models import StoredEvent
from apps.trail.patterns import watching


@follower("patterns", from_now=True)
def look_for_patterns(events: Sequence[StoredEvent]) -> None:
    """What is watched for is told when it happens again."""
    watching.watch(events)
