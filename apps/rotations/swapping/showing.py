"""What taking a shift changes, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from apps.rotations.effects import effect
from apps.rotations.selectors import leaves
from apps.rotations.services.trying import Tried


def effect_shown(tried: Tried, *, start: datetime, end: datetime) -> dict[str, Any]:
    """Before and after within [start, end), the hours, and what has to be warned about."""
    assert tried.before is not None
    before, after = tried.before.window(start, end), tried.after.window(start, end)
    found = effect(before, after, leaves=leaves(start, end))
    new = set(before.gaps), set(before.doubles)

    def called(email: str) -> str:
        return tried.after.called(email)

    def names(emails: Iterable[str]) -> str:
        return ", ".join(called(email) for email in emails) or "nobody"

    people = set(found.affected)
    return {
        "moved": [(one.role, one.start, one.end, names(one.before), names(one.after)) for one in found.moved],
        "gaps": [gap for gap in found.gaps if gap not in new[0]],
        "doubles": [(called(one.person), one.roles, one.start, one.end) for one in found.doubles if one not in new[1]],
        "leaves": [
            (called(one.person), one.role, one.start, one.end, one.label)
            for one in found.leaves
            if one.person in people
        ],
        "hours": [
            (called(one.person), _hours(one.before), _hours(one.after), _signed(one.more))
            for one in found.hours
            if one.person in people
        ],
    }


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:,.0f} h"


def _signed(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    return f"{'+' if hours > 0 else '−' if hours < 0 else '±'}{abs(hours):,} h"
