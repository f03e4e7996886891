"""Keeping who was on duty, now and then."""

from __future__ import annotations

from django.utils import timezone

from apps.rotations import services


def keep_history() -> str:
    """What was on duty until now is kept, also where nothing changed the definition: people leave, shifts move."""
    return f"{services.keep_histories(now=timezone.now())} rotations kept"
