"""What the board's address asks for: which weeks, of which rotations, shown how. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from apps.rotations.resolving.wallclock import first

WEEKS = (2, 4, 8)
# By role, by person, as a table.
SHOWS = ("roles", "people", "table")
FARTHEST = timedelta(days=5 * 366)
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Asked:
    """The weeks from the day `since` on; `own_zone`: on the clock of each rotation, not of whoever looks.

    `notes` are sentences about what could not be read and what is shown instead.
    """

    since: date
    weeks: int = WEEKS[0]
    show: str = SHOWS[0]
    own_zone: bool = False
    team: str = ""
    search: str = ""
    page: int = 1
    today: bool = True
    notes: tuple[str, ...] = ()

    @property
    def until(self) -> date:
        """The first day that is not shown."""
        return self.since + timedelta(weeks=self.weeks)

    @property
    def query(self) -> str:
        """The same as a query, without what goes without saying."""
        said = {
            "from": "" if self.today else self.since.isoformat(),
            "weeks": "" if self.weeks == WEEKS[0] else str(self.weeks),
            "show": "" if self.show == SHOWS[0] else self.show,
            "zone": "rotation" if self.own_zone else "",
            "team": self.team,
            "q": self.search,
            "page": "" if self.page == 1 else str(self.page),
        }
        return urlencode({name: value for name, value in said.items() if value})

    def window(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From midnight to midnight on the clock of the zone."""
        start, end = (first(datetime.combine(day, time()), zone) for day in (self.since, self.until))
        return start, end

    def but(self, **changes: Any) -> Asked:
        """The same with something else."""
        return replace(self, **changes)

    def moved(self, windows: int) -> Asked:
        """So many windows later, or earlier."""
        return self.but(since=self.since + timedelta(weeks=self.weeks * windows), today=False)


def asked(said: Mapping[str, str], *, today: date) -> Asked:
    """What the query says; what makes no sense is said in a note, and the usual is shown."""
    monday = today - timedelta(days=today.weekday())
    notes: list[str] = []
    since, is_today = monday, True
    if text := said.get("from", "").strip():
        day = _date(text)
        if day is None:
            notes.append(f"“{text[:40]}” is no date such as {today.isoformat()}, so this week is shown.")
        elif abs(day - today) > FARTHEST:
            notes.append("The board shows five years back and ahead, so this week is shown.")
        else:
            since, is_today = day, day == monday
    weeks = _choice(said, "weeks", tuple(map(str, WEEKS)), "the board shows 2, 4 or 8 weeks", notes)
    show = _choice(said, "show", SHOWS, "the board is shown by roles, by people or as a table", notes)
    zone = _choice(said, "zone", ("mine", "rotation"), "times are in your zone or in the rotation's", notes)
    page = said.get("page", "1")
    return Asked(
        since=since,
        weeks=int(weeks),
        show=show,
        own_zone=zone == "rotation",
        team=_words(said, "team"),
        search=_words(said, "q"),
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
        today=is_today,
        notes=tuple(notes),
    )


def _words(said: Mapping[str, str], name: str) -> str:
    # PostgreSQL has no text with a null character in it.
    return said.get(name, "").replace("\x00", "").strip()[:LONGEST_SEARCH]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _choice(said: Mapping[str, str], name: str, choices: tuple[str, ...], rule: str, notes: list[str]) -> str:
    text = said.get(name, "").strip()
    if text and text not in choices:
        notes.append(f"“{text[:40]}” is not known here: {rule}.")
    return text if text in choices else choices[0]
