"""What happens in the demo's stories, so long after each began."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Step:
    """A service, `verb`, is called so long after something began; who does it, by the first part of their email."""

    after: timedelta
    by: str
    verb: str
    said: dict[str, Any] = field(default_factory=dict)
