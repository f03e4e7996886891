"""Whatever is written of incidents, components and maintenance may be for the public."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from apps import incidents
from apps.incidents.events import IncidentChanged, IncidentPublished, IncidentUpdateEdited
from apps.incidents.maintenance_events import MaintenanceChanged
from apps.incidents.models import Incident, Maintenance
from apps.statuspage.rendering import transaction_now
from apps.statuspage.subscribing import announcing
from apps.statuspage.subscribing.services import DELIVER
from apps.trail.events import Event, ObjectChanged, ObjectCreated, ObjectDeleted
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, on

RENDER = "apps.statuspage.jobs.render"
MODULES = [
    import_module(module.name)
    for module in iter_modules(incidents.__path__, f"{incidents.__name__}.")
    if module.name.endswith("events")
]
# All of them: which is for the public is visible.py's to say, and nobody else's.
KINDS: list[type[Event]] = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == module.__name__
]


@on(*KINDS)
def render_at_once(entries: Sequence[Recorded[Any]]) -> None:
    """And not only with the next minute: what is new is read within five seconds."""
    enqueue(RENDER, transaction_now())


@on(ObjectCreated, ObjectChanged, ObjectDeleted)
def render_what_is_managed(entries: Sequence[Recorded[ObjectCreated | ObjectChanged | ObjectDeleted]]) -> None:
    """Components, their groups and the table of severities; and the name by which the public knows somebody."""
    if any(_is_public(entry.event) for entry in entries):
        enqueue(RENDER, transaction_now())
    if any(entry.event.model == "incidents.component" for entry in entries) and announcing.say_anew():
        enqueue(DELIVER)


def _is_public(event: ObjectCreated | ObjectChanged | ObjectDeleted) -> bool:
    if isinstance(event, ObjectChanged) and event.model == "people.agent":
        return "public_name" in event.changes
    return event.model.startswith("incidents.")


@on(IncidentUpdateEdited, IncidentChanged, IncidentPublished, MaintenanceChanged)
def put_right_what_subscribers_hear(entries: Sequence[Recorded[Any]]) -> None:
    """What is still on its way to them says the new words."""
    about = {_reworded(entry.event) for entry in entries} - {""}
    if sum(announcing.say_anew(about=each) for each in sorted(about)):
        enqueue(DELIVER)


def _reworded(event: Any) -> str:
    """The public id of what is told in other words from now on: more of them is told by itself."""
    if isinstance(event, MaintenanceChanged):
        return Maintenance.objects.values_list("public_id", flat=True).get(pk=event.maintenance)
    if isinstance(event, IncidentPublished):
        is_other = not event.updates
    else:
        is_other = bool({"title", "public_text"} & event.changes.keys())
    return Incident.objects.values_list("public_id", flat=True).get(pk=event.incident) if is_other else ""


@on(IncidentPublished, *announcing.WHYS)
def tell_subscribers(entries: Sequence[Recorded[Any]]) -> None:
    """Each who wants to hear of it does, once the commit made it true."""
    if announcing.note(entries):
        enqueue(DELIVER)
