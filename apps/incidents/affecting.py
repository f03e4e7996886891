"""What incidents and maintenance do to components: since when, until when, and how each is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.incidents.models import Component, ImpactChange, Incident, Maintenance
from apps.incidents.selectors import affected, open_incidents
from apps.incidents.states import OPEN


@dataclass(frozen=True)
class Span:
    """An incident left a component so between two instants; no end: it still does."""

    status: str
    since: datetime
    until: datetime | None
    public: bool

    @property
    def words(self) -> str:
        """Its status as people read it."""
        return str(Component.Status(self.status).label)


def spans(incident: Incident) -> dict[Component, list[Span]]:
    """What the incident did to each component, the latest first; nothing of what it left as it should be."""
    changes = ImpactChange.objects.filter(incident=incident).select_related("component__group")
    lines: dict[Component, list[ImpactChange]] = {}
    for change in changes.order_by("component__group__position", "component__position", "component", "since", "pk"):
        lines.setdefault(change.component, []).append(change)
    found: dict[Component, list[Span]] = {}
    for component, points in lines.items():
        ends = [*(point.since for point in points[1:]), incident.closed_at]
        found[component] = [
            Span(point.status, point.since, end, point.public)
            for point, end in zip(points, ends, strict=True)
            if point.status != Component.Status.OPERATIONAL and (end is None or end > point.since)
        ][::-1]
    return found


def conditions() -> dict[int, str]:
    """The key of each component that is not as it should be, to its state by open incidents and running maintenance."""
    rank = {str(status): place for place, status in enumerate(Component.Status)}
    changes = ImpactChange.objects.filter(incident__status__in=sorted(OPEN))
    latest = changes.order_by("incident_id", "component_id", "-since", "-pk").distinct("incident_id", "component_id")
    found: dict[int, str] = {}
    running = Maintenance.objects.filter(started_at__isnull=False, ended_at=None)
    maintained = str(Component.Status.UNDER_MAINTENANCE)
    for key in Component.objects.filter(maintenances__in=running).values_list("pk", flat=True):
        found[key] = maintained
    for key, status in latest.values_list("component", "status"):
        if rank[status] > rank[found.get(key, str(Component.Status.OPERATIONAL))]:
            found[key] = status
    return found


def still_affecting(component: Component) -> list[str]:
    """What open incidents and maintenance ahead or running name it."""
    incidents = open_incidents().filter(impacts__component=component).distinct()
    maintenances = Maintenance.objects.filter(components=component, ended_at=None)
    return [str(each) for each in incidents if affected(each)[component].status != Component.Status.OPERATIONAL] + [
        f"the maintenance “{each.title}”" for each in maintenances
    ]
