"""Looking at the days ahead of every rotation, once a day, and telling what is news."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.people.models import Agent
from apps.rotations import schedules
from apps.rotations.coverage.events import CoverageWarned, WeekAhead
from apps.rotations.coverage.troubles import Trouble, news, troubles
from apps.rotations.leading import leading
from apps.rotations.models import Coverage, Rotation
from apps.rotations.resolving.resolver import resolve
from apps.rotations.schedules import Book
from apps.rotations.selectors import leaves
from apps.rotations.timeline import Timeline, told
from apps.trail import services as trail

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=7)
# On the rotation's wall clock: when people begin to work, and not in the middle of their night.
MORNING = time(8)
MONDAY = 0


@dataclass(frozen=True)
class Looked:
    """How many rotations were looked at, and how many of them were warned about, told of, or failed."""

    looked: int = 0
    warned: int = 0
    weeks: int = 0
    failed: int = 0


def look_ahead(*, now: datetime) -> Looked:
    """Every rotation whose morning has come today is looked at, by one caller; one that fails holds up no other."""
    looked = warned = weeks = failed = 0
    for rotation in Rotation.objects.filter(archived_at=None).select_related("coverage", "team__channel", "channel"):
        if not _is_due(rotation, getattr(rotation, "coverage", None), now):
            continue
        try:
            done = _look(rotation, now)
        except Exception:
            logger.exception("The days ahead of %s were not looked at", rotation)
            failed += 1
            continue
        if done is not None:
            looked, warned, weeks = looked + 1, warned + done[0], weeks + done[1]
    return Looked(looked, warned, weeks, failed)


def _is_due(rotation: Rotation, kept: Coverage | None, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(rotation.time_zone))
    return local.time() >= MORNING and (kept is None or kept.looked_on is None or kept.looked_on < local.date())


@transaction.atomic
def _look(rotation: Rotation, now: datetime) -> tuple[bool, bool] | None:
    """Whether there was news, and whether the week was told; None when somebody else looks, or has."""
    Coverage.objects.get_or_create(rotation=rotation)
    kept = Coverage.objects.select_for_update(skip_locked=True, of=("self",)).filter(rotation=rotation).first()
    if kept is None or not _is_due(rotation, kept, now):
        return None
    # Days of the wall: a week with a clock change is one, too.
    local = now.astimezone(ZoneInfo(rotation.time_zone))
    today, until = local.date(), (local + AHEAD).astimezone(UTC)
    window = (now, until)
    book = schedules.book(rotation, *window)
    final = book.window(*window)
    found = troubles(final, _named(book, *window), gone=book.written.away, leaves=leaves(*window))
    before = [Trouble.from_json(each) for each in kept.told]
    result = news(found, before, window=window, now=now, zone=ZoneInfo(rotation.time_zone))
    if result.fresh:
        _warn(rotation, book, result.fresh, until=until, now=now)
    week = today.weekday() == MONDAY and rotation.channel is not None and kept.week_of != today
    if week:
        _tell_week(rotation, book, final, found, until=until, now=now)
    kept.looked_on, kept.told = today, [one.as_json() for one in result.told]
    kept.week_of = today if week else kept.week_of
    kept.save(update_fields=["looked_on", "week_of", "told"])
    return bool(result.fresh), week


def _named(book: Book, start: datetime, end: datetime) -> Timeline:
    """Who would be on if nobody had left."""
    written = book.written
    return told(resolve(written.definition, start, end), written.why, roles=written.roles, start=start, end=end)


def _warn(rotation: Rotation, book: Book, fresh: Sequence[Trouble], *, until: datetime, now: datetime) -> None:
    event = CoverageWarned(
        rotation=rotation.slug,
        name=rotation.name,
        zone=rotation.time_zone,
        until=until,
        troubles=_said(fresh, book),
        leads=[{"name": str(lead), "slack_id": lead.slack_id or ""} for lead in _leads(book, now)],
        channel=_channel(rotation),
    )
    concerned = {book.written.people[one.person].pk for one in fresh if one.person in book.written.people}
    trail.record(event, about=[rotation, *(f"agent:{key}" for key in sorted(concerned))], now=now)


def _tell_week(
    rotation: Rotation, book: Book, final: Timeline, found: Sequence[Trouble], *, until: datetime, now: datetime
) -> None:
    event = WeekAhead(
        rotation=rotation.slug,
        name=rotation.name,
        zone=rotation.time_zone,
        since=now,
        until=until,
        shifts=[
            {
                "role": duty.role,
                "names": [book.called(person) for person in duty.people],
                "start": duty.start.isoformat(),
                "end": duty.end.isoformat(),
            }
            for duty in final.duties
        ],
        troubles=_said(found, book),
        channel=_channel(rotation),
    )
    trail.record(event, about=[rotation], now=now)


def _said(found: Iterable[Trouble], book: Book) -> list[dict[str, Any]]:
    return [{**one.as_json(), "person": book.called(one.person) if one.person else ""} for one in found]


def _leads(book: Book, now: datetime) -> list[Agent]:
    """Whoever leads now and can be told in Slack."""
    return [agent for agent in leading(book.rotation).among(book.at(now)) if agent.slack_id]


def _channel(rotation: Rotation) -> str:
    channel = rotation.channel or rotation.team.channel
    return channel.slack_id if channel else ""
