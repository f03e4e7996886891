"""How components, incidents and maintenance are shown to the public: what the pages' templates ask for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from apps.statuspage import markdown, wording
from apps.statuspage.snapshot import (
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicUpdate,
    Snapshot,
)
from apps.statuspage.uptime import Day, days, percent, uptime

# What a page names of the components an incident touches, and says of a long text.
MOST_PARTS, EXCERPT = 12, 300
WEB = ("https://", "http://")
OVER = ("resolved", "completed")

Item = PublicIncident | PublicMaintenance
# What did not go well for a moment is seen all the same.
SHOWN = {
    "": "not counted",
    "operational": "no incident",
    "under_maintenance": "planned work",
    "degraded_performance": "degraded performance",
    "partial_outage": "partial outage",
    "major_outage": "major outage",
}


@dataclass(frozen=True)
class Bar:
    """A day that is drawn by itself, as it was not well or is not counted; `place` counts from 0 at the left."""

    place: int
    width: int
    kind: str
    label: str


@dataclass(frozen=True)
class Line:
    """A component's line: how it is, and how it was day by day."""

    component: PublicComponent
    days: tuple[Day, ...]
    bars: tuple[Bar, ...]
    percent: str

    @property
    def status(self) -> str:
        return wording.COMPONENT[self.component.status]

    @property
    def is_well(self) -> bool:
        return self.component.status == "operational"

    @property
    def has_bad(self) -> bool:
        """Whether any day was not well."""
        return any(day.lasted for day in self.days)

    @property
    def newest(self) -> list[Bar]:
        """The days that are drawn by themselves, newest first."""
        return list(reversed(self.bars))

    @property
    def said(self) -> str:
        """For those who cannot see the bars."""
        bad = sum(1 for day in self.days if day.lasted)
        known = sum(1 for day in self.days if day.counts)
        if not known:
            return "Not counted yet."
        trouble = "no incident" if not bad else f"{bad} {'day' if bad == 1 else 'days'} with incidents"
        return f"Last {known} days: {trouble}, {self.percent} uptime."


@dataclass(frozen=True)
class Group:
    """Lines that stand together; without a name: those of no group."""

    name: str
    lines: tuple[Line, ...]

    @property
    def status(self) -> str:
        """Of its worst component."""
        order = list(wording.COMPONENT)
        return max((line.component.status for line in self.lines), key=order.index, default="operational")

    @property
    def words(self) -> str:
        return wording.COMPONENT[self.status]

    @property
    def is_well(self) -> bool:
        return self.status == "operational"


@dataclass(frozen=True)
class Said:
    """An update as it is read."""

    word: str
    html: str
    at: datetime
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """An incident or maintenance as it is read; `earlier`: how many of its updates are left out.

    `state`: how it looks, its impact until it is over: what is resolved has no sign of an outage.
    """

    address: str
    title: str
    impact: str
    state: str
    word: str
    impact_word: str
    since: datetime
    until: datetime | None
    lasted: str
    parts: tuple[str, ...]
    said: tuple[Said, ...]
    earlier: int = 0
    excerpt: str = ""
    rca: str = ""


def address(item: Item) -> str:
    """Where it is read."""
    kind = "incidents" if isinstance(item, PublicIncident) else "maintenance"
    return f"/status/{kind}/{item.id}/"


def shown(item: Item, names: Mapping[str, str], *, most: int | None = None, longest: int | None = None) -> Shown:
    """The item; `most`: of its newest updates, `longest`: with texts up to that, others as an excerpt.

    `names`: public id to name of components.
    """
    is_incident = isinstance(item, PublicIncident)
    until = item.resolved_at if isinstance(item, PublicIncident) else item.ended_at or item.scheduled_until
    impact = item.impact if isinstance(item, PublicIncident) else "maintenance"
    newest = item.updates[:most]
    return Shown(
        address=address(item),
        title=item.title,
        impact=impact,
        state="operational" if item.status in OVER else impact,
        word=wording.INCIDENT.get(item.status, item.status),
        impact_word=wording.IMPACT.get(impact, impact),
        since=began_at(item),
        until=until,
        lasted=wording.lasting(until - began_at(item)) if is_incident and until else "",
        parts=tuple(sorted((names[key] for key in item.components if key in names), key=str.lower)[:MOST_PARTS]),
        said=tuple(said(each, longest=longest) for each in newest),
        earlier=len(item.updates) - len(newest),
        excerpt=_excerpt(next((each.body for each in item.updates if each.body), "")),
        rca=item.rca_url if isinstance(item, PublicIncident) and item.rca_url.startswith(WEB) else "",
    )


def line(component: PublicComponent, *, now: datetime, zone: ZoneInfo) -> Line:
    """The component with its days."""
    known = tuple(days(component.intervals, counted_since=component.start_date, now=now, zone=zone))
    return Line(component, known, tuple(_bars(known)), percent(uptime(known)))


def groups(shot: Snapshot, lines: Iterable[Line]) -> list[Group]:
    """Components as they stand together, in their order; one that is only shown when degraded, only then."""
    shown = {each.component.id: each for each in lines if not (each.component.only_show_if_degraded and each.is_well)}
    grouped = [
        Group(group.name, tuple(shown[key] for key in group.components if key in shown)) for group in shot.groups
    ]
    alone = tuple(each for each in shown.values() if not each.component.group)
    return [group for group in [Group("", alone), *grouped] if group.lines]


def said(update: PublicUpdate, *, longest: int | None = None) -> Said:
    """An update, its text rendered; one that is longer than `longest` as an excerpt."""
    changes = tuple(f"{each.name}: {wording.COMPONENT.get(each.new, each.new).lower()}" for each in update.components)
    word = wording.INCIDENT.get(update.status, update.status)
    if longest is not None and len(update.body) > longest:
        return Said(word, f"<p>{escape(_excerpt(update.body))}</p>", update.at, changes[:MOST_PARTS])
    return Said(word, markdown.render(wording.body_of(update)), update.at, changes)


def day_said(day: Day) -> str:
    """What is read of a day."""
    lasted = [
        f"{SHOWN[status]} {wording.lasting(day.lasted[status])}"
        for status in reversed(list(SHOWN))
        if status in day.lasted
    ]
    return ", ".join(lasted) or SHOWN[day.worst]


def by_day(items: Sequence[Item], *, now: datetime, zone: ZoneInfo, count: int) -> list[tuple[date, list[Item]]]:
    """The last `count` days, newest first, each with what began on it."""
    today = now.astimezone(zone).date()
    found: dict[date, list[Item]] = {today - timedelta(days=number): [] for number in range(count)}
    for item in items:
        began = began_at(item).astimezone(zone).date()
        if began in found:
            found[began].append(item)
    return list(found.items())


def by_month(items: Iterable[Item], *, zone: ZoneInfo) -> dict[str, list[Item]]:
    """Each month something began in, as 2026-03, newest first, with what did."""
    found: dict[str, list[Item]] = {}
    for item in sorted(items, key=began_at, reverse=True):
        found.setdefault(f"{began_at(item).astimezone(zone):%Y-%m}", []).append(item)
    return found


def began_at(item: Item) -> datetime:
    """When it began."""
    if isinstance(item, PublicIncident):
        return item.started_at
    return item.started_at or item.scheduled_for


def _excerpt(text: str) -> str:
    words = markdown.plain(text)
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1].rstrip()}…"


def _bars(known: Sequence[Day]) -> Iterable[Bar]:
    before = sum(1 for day in known if not day.counts)
    if before:
        yield Bar(
            0,
            before,
            "",
            "Not counted yet" if before == len(known) else f"Counted since {known[before].date:%-d %b %Y}",
        )
    for place, day in enumerate(known):
        if day.lasted:
            yield Bar(place, 1, day.worst, f"{day.date:%-d %b %Y}: {day_said(day)}")
