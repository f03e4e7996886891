"""When a hand-over is due. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.rotations.resolving.wallclock import first, on_the_wall

DAY = timedelta(days=1)


def hand_over_due(change: datetime, *, zone: ZoneInfo, weekday: int, at: time) -> datetime:
    """The last such weekday (0 is Monday) before people change, at `at` on the zone's wall; in UTC.

    Strictly before: what would fall on the change itself is due a week earlier. A time that comes twice is its first,
    one that is skipped the first instant after the jump. Mattermost SET handbook: hand-over by Friday end of day.
    """
    # From the day after: where clocks go back past midnight, tomorrow's small hours have been already.
    day = on_the_wall(change, zone).date() + DAY
    while True:
        if day.weekday() == weekday and (due := first(datetime.combine(day, at), zone)) < change:
            return due
        day -= DAY
