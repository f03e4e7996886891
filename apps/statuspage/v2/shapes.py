"""Statuspage v2's shapes, made of what the public may know. Pure.

Every time has fractional seconds, every incident at least one update and its components: strict clients need them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from apps.statuspage.banner import banner
from apps.statuspage.snapshot import (
    PublicComponent,
    PublicGroup,
    PublicIncident,
    PublicMaintenance,
    PublicUpdate,
    Snapshot,
)
from apps.statuspage.wording import body_of

Shape = dict[str, Any]
# From well to worst.
STATUSES = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
RUNNING = frozenset({"in_progress", "verifying"})


def instant(at: datetime | None) -> str | None:
    """Such as 2026-03-18T09:00:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def page(snapshot: Snapshot, current: bool) -> Shape:
    """Whose page it is. `current` is ours: False says that nobody knows how things are."""
    whose = snapshot.page
    return {
        "id": whose.id,
        "name": whose.name,
        "url": whose.home,
        "time_zone": whose.time_zone,
        "updated_at": instant(snapshot.updated_at),
        "current": current,
    }


def status(snapshot: Snapshot, current: bool) -> Shape:
    """How everything is, in a word and a line."""
    found = banner(snapshot, current=current)
    return {"indicator": found.indicator, "description": found.words}


def components(snapshot: Snapshot) -> list[Shape]:
    """The components in their order, each group before its own."""
    groups = {group.id: group for group in snapshot.groups}
    by_id = {each.id: each for each in snapshot.components}
    found: list[Shape] = [component(snapshot, each) for each in snapshot.components if each.group not in groups]
    for each in snapshot.groups:
        members = [by_id[key] for key in each.components]
        found.append(group(snapshot, each, members))
        found += [component(snapshot, member) for member in members]
    return found


def component(snapshot: Snapshot, row: PublicComponent) -> Shape:
    """A component."""
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
        "position": row.position,
        "description": row.description or None,
        "showcase": row.showcase,
        "start_date": row.start_date.isoformat(),
        "group_id": row.group or None,
        "page_id": snapshot.page.id,
        "group": False,
        "only_show_if_degraded": row.only_show_if_degraded,
    }


def group(snapshot: Snapshot, row: PublicGroup, members: list[PublicComponent]) -> Shape:
    """A group: as the worst of its components is."""
    return {
        "id": row.id,
        "name": row.name,
        "status": max((each.status for each in members), key=STATUSES.index),
        "created_at": instant(row.created_at),
        "updated_at": instant(max([row.updated_at, *(each.updated_at for each in members)])),
        "position": row.position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": snapshot.page.id,
        "group": True,
        "only_show_if_degraded": False,
        "components": list(row.components),
    }


def incident(snapshot: Snapshot, row: PublicIncident) -> Shape:
    """An incident; it is a postmortem once it is over and the public may read why it was."""
    over_and_explained = row.status == "resolved" and bool(row.rca_url)
    return {
        **_event(snapshot, row, row.components),
        "status": "postmortem" if over_and_explained else row.status,
        "monitoring_at": instant(row.monitoring_at),
        "resolved_at": instant(row.resolved_at),
        "impact": row.impact,
        "shortlink": snapshot.page.incident(row.id),
        "started_at": instant(row.started_at),
    }


def maintenance(snapshot: Snapshot, row: PublicMaintenance) -> Shape:
    """Planned work: an incident with its window."""
    return {
        **_event(snapshot, row, row.components),
        "status": row.status,
        "monitoring_at": None,
        "resolved_at": instant(row.ended_at),
        "impact": "maintenance",
        "shortlink": snapshot.page.maintenance(row.id),
        "started_at": instant(row.started_at or row.scheduled_for),
        "scheduled_for": instant(row.scheduled_for),
        "scheduled_until": instant(row.scheduled_until),
    }


def _event(snapshot: Snapshot, row: PublicIncident | PublicMaintenance, affects: Iterable[str]) -> Shape:
    known = {each.id: each for each in snapshot.components}
    return {
        "id": row.id,
        "name": row.title,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
        "page_id": snapshot.page.id,
        "incident_updates": [_update(row.id, each) for each in row.updates],
        "components": [component(snapshot, known[key]) for key in affects if key in known],
    }


def _update(event: str, row: PublicUpdate) -> Shape:
    return {
        "id": row.id,
        "status": row.status,
        "body": body_of(row),
        "incident_id": event,
        "created_at": instant(row.at),
        "updated_at": instant(row.updated_at),
        "display_at": instant(row.at),
        "affected_components": [
            {"code": each.component, "name": each.name, "old_status": each.old, "new_status": each.new}
            for each in row.components
        ]
        or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
