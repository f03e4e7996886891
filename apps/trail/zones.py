"""Time zones as people name them. Pure."""

from __future__ import annotations

import zoneinfo
from functools import cache
from zoneinfo import ZoneInfo


@cache
def known_zones() -> frozenset[str]:
    """Every name of the zone database."""
    # Reading that takes longer than the rest of a request.
    return frozenset(zoneinfo.available_timezones())


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone one may choose, such as Europe/Paris, UTC first."""
    return ("UTC", *sorted(name for name in known_zones() if "/" in name and not name.startswith("Etc/")))


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of this name; None when there is none."""
    return ZoneInfo(name) if name in zone_names() else None
