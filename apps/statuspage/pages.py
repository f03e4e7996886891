"""The pages people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.statuspage import showing, wording
from apps.statuspage.banner import banner
from apps.statuspage.documents import LOST, Document, Family, Member
from apps.statuspage.layout import HTML, POLICY, made_of, page
from apps.statuspage.showing import Group, Item, Line, Shown
from apps.statuspage.snapshot import PublicComponent, PublicIncident, Snapshot
from apps.statuspage.uptime import DAYS, percent, uptime

HISTORY = 14
# What the front page shows whole, with how many updates and how much of each; the rest it names, or counts.
WHOLE, UPDATES, TEXT = 10, 3, 1500
NAMED = 20
# More groups than these are folded where all is well.
UNFOLDED = 40
# From where on a bar is of its state's colour: how bad a day was is seen without colours too.
GRADIENTS = (("g1", ".75"), ("g2", ".55"), ("g3", ".3"))


def front(shot: Snapshot, current: bool) -> bytes:
    """The status page itself."""
    zone, names = _zone(), _names(shot)
    found = banner(shot, current=current)
    lines = _lines(shot)
    groups = showing.groups(shot, lines)
    opened = shot.open_incidents
    planned = sorted((each for each in shot.maintenances if each.is_open), key=lambda each: each.scheduled_for)
    short = partial(showing.shown, names=names, most=UPDATES, longest=TEXT)
    context = {
        "banner": found,
        "explained": wording.BANNERS[found.kind],
        "open": [short(each) for each in opened[:WHOLE]],
        "open_lines": [short(each, most=0) for each in opened[WHOLE : WHOLE + NAMED]],
        "open_more": max(0, len(opened) - WHOLE - NAMED),
        "planned": [short(each) for each in planned[:WHOLE]],
        "planned_more": max(0, len(planned) - WHOLE),
        "groups": [{"group": each, "open": _unfolded(each, groups)} for each in groups],
        "labels": [f"{day:%-d %b %Y}" for day in _last_days(shot.at, zone)],
        "gradients": GRADIENTS,
        "history": list(_history(shot, short, zone)),
        "zone": zone.key,
    }
    return page("page.html", context)


def _history(
    shot: Snapshot, short: partial[Shown], zone: ZoneInfo
) -> Iterator[tuple[date, list[Shown], list[Shown], int]]:
    known: list[Item] = [*shot.incidents, *(each for each in shot.maintenances if each.started_at)]
    known.sort(key=showing.began_at, reverse=True)
    whole, named = WHOLE, NAMED
    for day, items in showing.by_day(known, now=shot.at, zone=zone, count=HISTORY):
        # What is open stands above with all that was said.
        over = [each for each in items if not each.is_open]
        full, rest = over[:whole], [*(each for each in items if each.is_open), *over[whole:]]
        lines = rest[:named]
        whole, named = whole - len(full), named - len(lines)
        yield day, [short(each) for each in full], [short(each, most=0) for each in lines], len(rest) - len(lines)


def incidents(shot: Snapshot) -> Iterable[Member]:
    """A page for each."""
    names = _names(shot)
    for item in _all(shot):
        known = {key: names[key] for key in item.components if key in names}
        build, digest = partial(_incident, item, known), made_of(item, known, _zone().key)
        # What is over stays as it was, whether or not anybody knows how things are now.
        yield Member(showing.address(item), digest, build, ages=item.is_open)


def _incident(item: Item, names: dict[str, str], current: bool) -> bytes:
    month = f"{showing.began_at(item).astimezone(_zone()):%Y-%m}"
    unknown = item.is_open and not current
    return page("incident.html", {"item": showing.shown(item, names), "month": month, "unknown": unknown})


def history(shot: Snapshot, current: bool) -> bytes:
    """All months."""
    months = [
        (month, incidents := sum(isinstance(each, PublicIncident) for each in items), len(items) - incidents)
        for month, items in showing.by_month(_all(shot), zone=_zone()).items()
    ]
    return page("history.html", {"months": months})


def months(shot: Snapshot) -> Iterable[Member]:
    """A page for each month in which something began."""
    names = _names(shot)
    found = showing.by_month(_all(shot), zone=_zone())
    order = list(found)
    for place, (month, items) in enumerate(found.items()):
        after, before = order[place - 1] if place else "", order[place + 1] if place + 1 < len(order) else ""
        known = {key: names[key] for item in items for key in item.components if key in names}
        digest = made_of(month, before, after, items, known, _zone().key)
        build = partial(_month, month, before, after, items, known)
        yield Member(f"/status/history/{month}/", digest, build, ages=False)


def _month(month: str, before: str, after: str, items: Sequence[Item], names: dict[str, str], current: bool) -> bytes:
    days: dict[date, list[Shown]] = {}
    for item in items:
        began = showing.began_at(item).astimezone(_zone()).date()
        days.setdefault(began, []).append(showing.shown(item, names, most=0))
    context = {"month": month, "before": before, "after": after, "days": list(days.items()), "zone": _zone().key}
    return page("month.html", context)


def components(shot: Snapshot) -> Iterable[Member]:
    """A page for each, with all of its days."""
    causes = {item.id: item for item in _all(shot)}
    for component, line in zip(shot.components, _lines(shot), strict=True):
        items = [causes[key] for key in _causes(line) if key in causes]
        read = [(each.id, each.title, each.status, showing.began_at(each)) for each in items]
        digest = made_of(_lasting(component), _days_read(line), line.said, read, _zone().key)
        yield Member(f"/status/components/{component.id}/", digest, partial(_component, line, items))


def _component(line: Line, items: Sequence[Item], current: bool) -> bytes:
    rows = [(day.date, day.worst, showing.day_said(day), percent(uptime([day]))) for day in reversed(line.days)]
    shown = [showing.shown(item, {}, most=0) for item in items]
    context = {"line": line, "items": shown, "rows": rows, "unknown": not current, "zone": _zone().key}
    return page("component.html", context)


# Of the snapshot that is being rendered: several pages show the same days.
_latest: tuple[Snapshot, list[Line]] | None = None


def _lines(shot: Snapshot) -> list[Line]:
    global _latest
    known = _latest
    if known is None or known[0] is not shot:
        lines = [showing.line(each, now=shot.at, zone=_zone()) for each in shot.components]
        known = _latest = (shot, lines)
    return known[1]


def _lasting(component: PublicComponent) -> tuple[object, ...]:
    """What a component's page shows of it besides its days, which say how it was."""
    return component.name, component.description, component.status, component.start_date


def _days_read(line: Line) -> list[tuple[object, ...]]:
    """What is read of its days: how much of today has passed matters only where something was wrong."""
    return [(day.date, day.worst, day.lasted, day.length if day.lasted else None) for day in line.days]


def _causes(line: Line) -> list[str]:
    return list(dict.fromkeys(cause for day in reversed(line.days) for cause in day.causes))


def _unfolded(group: Group, groups: Sequence[Group]) -> bool:
    return not group.is_well or sum(len(each.lines) for each in groups) <= UNFOLDED


def _last_days(now: datetime, zone: ZoneInfo) -> list[date]:
    today = now.astimezone(zone).date()
    return [today - timedelta(days=number) for number in reversed(range(DAYS))]


def _all(shot: Snapshot) -> list[Item]:
    return [*shot.incidents, *shot.maintenances]


def _names(shot: Snapshot) -> dict[str, str]:
    return {each.id: each.name for each in shot.components}


def _zone() -> ZoneInfo:
    """Of the portal: what is rendered is everybody's."""
    return ZoneInfo(settings.TIME_ZONE)


def lost(shot: Snapshot, current: bool) -> bytes:
    """For who follows an address that leads nowhere, or no longer."""
    return page("lost.html", {})


DOCUMENTS = (
    Document("/status/", HTML, front, POLICY),
    Document("/status/history/", HTML, history, POLICY),
    Document(LOST, HTML, lost, POLICY),
)
FAMILIES = tuple(Family(HTML, members, POLICY) for members in (incidents, months, components))
