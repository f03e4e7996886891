"""What subscribers read, made of what the public may know. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from apps.statuspage.banner import banner
from apps.statuspage.markdown import render
from apps.statuspage.snapshot import PublicIncident, PublicMaintenance, PublicUpdate, Snapshot
from apps.statuspage.v2 import shapes
from apps.statuspage.wording import body_of

# What happened to maintenance, as the subject of an email says it.
WHYS = {
    "planned": "Planned maintenance",
    "changed": "Maintenance changed",
    "near": "Maintenance begins soon",
    "updated": "Maintenance",
    "began": "Maintenance begins",
    "completed": "Maintenance completed",
    "cancelled": "Maintenance cancelled",
}
STATUSES = {
    "operational": "operational",
    "under_maintenance": "under maintenance",
    "degraded_performance": "degraded performance",
    "partial_outage": "partial outage",
    "major_outage": "major outage",
}
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Told:
    """An email: its subject, its text, and the same as HTML with what people wrote cleaned."""

    title: str
    text: str
    html: str


def of_incident(shot: Snapshot, row: PublicIncident, fresh: Sequence[PublicUpdate]) -> Told:
    """An email on an incident; `fresh` are the updates that are new, newest first."""
    named = _names(shot, row.components)
    facts = [f"Status: {row.status.capitalize()}. Impact: {row.impact}.", f"Began: {_at(row.started_at)}"]
    facts += [f"Resolved: {_at(row.resolved_at)}"] if row.resolved_at else []
    facts += [f"Affected: {named}"] if named else []
    title = _title(shot, f"{row.status.capitalize()}: {row.title}")
    return _told(title, row.title, facts, fresh, shot.page.incident(row.id))


def of_maintenance(shot: Snapshot, row: PublicMaintenance, why: str, fresh: Sequence[PublicUpdate]) -> Told:
    """An email on planned work."""
    named = _names(shot, row.components)
    facts = [f"From {_at(row.scheduled_for)}", f"To {_at(row.scheduled_until)}"]
    facts += [f"Components: {named}"] if named else []
    if why == "cancelled":
        facts.append("It does not take place, or was broken off.")
    elif why == "changed":
        facts.append("What was planned has changed; this is how it is now.")
    address = shot.page.maintenance(row.id) if why != "cancelled" else shot.page.home
    return _told(_title(shot, f"{WHYS[why]}: {row.title}"), row.title, facts, fresh, address)


def _told(title: str, name: str, facts: Sequence[str], fresh: Sequence[PublicUpdate], address: str) -> Told:
    text, html = [name, "", *facts, ""], [f"<h2>{escape(name)}</h2>", f"<p>{'<br>'.join(map(escape, facts))}</p>"]
    for update in reversed(fresh):
        head = f"{_at(update.at)}, {update.status.replace('_', ' ')}"
        changed = [f"{each.name}: {STATUSES.get(each.new, each.new)}" for each in update.components]
        text += [f"{head}:", body_of(update), *changed, ""]
        html += [f"<p><b>{escape(head)}</b></p>", render(body_of(update))]
        html += [f"<p>{'<br>'.join(map(escape, changed))}</p>"] if changed else []
    text.append(f"All of it: {address}")
    html.append(f'<p><a href="{escape(address)}">All of it</a></p>')
    return Told(title, "\n".join(text), "\n".join(html))


def payloads(
    shot: Snapshot, event: PublicIncident | PublicMaintenance, fresh: Sequence[PublicUpdate]
) -> list[dict[str, Any]]:
    """What a webhook gets, in Statuspage's shape: the incident, then each component that changed.

    `components` says for whom a payload is; it is taken out before it is sent.
    """
    found = banner(shot, current=True)
    whose = {"id": shot.page.id, "status_indicator": found.indicator, "status_description": found.words}
    is_incident = isinstance(event, PublicIncident)
    shape = shapes.incident(shot, event) if isinstance(event, PublicIncident) else shapes.maintenance(shot, event)
    made: list[dict[str, Any]] = [{"components": list(event.components), "page": whose, "incident": shape}]
    known = {each.id: each for each in shot.components}
    for update in reversed(fresh) if is_incident else ():
        for change in update.components:
            if change.component in known:
                moved = {
                    "id": f"{update.id}-{change.component}",
                    "component_id": change.component,
                    "component_type": "Component",
                    "old_status": change.old,
                    "new_status": change.new,
                    "created_at": shapes.instant(update.at),
                }
                row = shapes.component(shot, known[change.component])
                made.append(
                    {"components": [change.component], "page": whose, "component_update": moved, "component": row}
                )
    return made


def _names(shot: Snapshot, ids: Iterable[str]) -> str:
    names = {each.id: each.name for each in shot.components}
    return ", ".join(names[each] for each in ids if each in names)


def _title(shot: Snapshot, title: str) -> str:
    """One line, whatever the title holds: a line break would begin another header."""
    said = " ".join(f"[{shot.page.name}] {title}".split())
    return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1]}…"


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
