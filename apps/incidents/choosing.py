"""Choosing components in a form."""

from __future__ import annotations

from typing import Any


def only_choose(field: Any) -> None:
    """The field offers no making, changing or deleting of what is chosen: that has pages of its own."""
    for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
        setattr(field.widget, name, False)
