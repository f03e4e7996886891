"""The status page's jobs."""

from __future__ import annotations

from django.utils import timezone

from apps.statuspage import rendering


def render(after: int = 0) -> str:
    """What the public reads is as things are, and known to be."""
    return f"{rendering.render(now=timezone.now(), after=after)} rendered"
