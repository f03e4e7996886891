"""What a change would do, by doing it and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.rotations.models import Rotation
from apps.rotations.schedules import Book, book


@dataclass(frozen=True)
class Tried:
    """The rotation before and after a change, good for questions within the window; before is None when it is new."""

    before: Book | None
    after: Book


def what_if(change: Callable[[], Rotation], rotation: Rotation | None, *, start: datetime, end: datetime) -> Tried:
    """Both sides of `change`, which is made and taken back: nothing of it stays, not on the trail either.

    So what is shown before saving cannot differ from what saving does. Raises what the change raises.
    """
    before = book(rotation, start, end) if rotation is not None else None
    with transaction.atomic():
        changed = change()
        after = book(changed, start, end)
        transaction.set_rollback(True)
    return Tried(before, after)
