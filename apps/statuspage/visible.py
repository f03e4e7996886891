"""The one filter between what we know and what the public may: page, JSON, feeds, badge and subscribers read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from apps.incidents.models import Component, ImpactChange, Incident, Maintenance, MaintenanceUpdate, Severity, Update
from apps.incidents.states import State
from apps.people.models import Agent
from apps.statuspage.snapshot import (
    ComponentChange,
    Interval,
    Page,
    PublicComponent,
    PublicGroup,
    PublicIncident,
    PublicMaintenance,
    PublicUpdate,
    Snapshot,
)

Status = Component.Status
WORST = {str(status): rank for rank, status in enumerate(Status)}
WELL, MAINTAINED = str(Status.OPERATIONAL), str(Status.UNDER_MAINTENANCE)
PLANNED = str(Maintenance.Status.SCHEDULED)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def public_incidents() -> QuerySet[Incident]:
    """Those the public may know of."""
    return Incident.objects.filter(published_at__isnull=False).exclude(status=State.INVALID)


def public_components() -> QuerySet[Component]:
    """Those the public may know of, in their order."""
    return Component.objects.filter(public=True, archived_at=None).select_related("group")


def public_maintenances() -> QuerySet[Maintenance]:
    """Those the public may know of: one that is for hidden components alone is not among them."""
    return _ever_public().exclude(status=Maintenance.Status.CANCELLED)


def called_off(public_id: str) -> PublicMaintenance | None:
    """Maintenance that does not take place: no page has it any more, and who was told of it hears that."""
    rows = _ever_public().filter(status=Maintenance.Status.CANCELLED, public_id=public_id)
    return next(iter(_maintenances_of(rows, {component.pk: component for component in public_components()})), None)


def _ever_public() -> QuerySet[Maintenance]:
    shown = Q(components__public=True, components__archived_at=None) | Q(components__isnull=True)
    return Maintenance.objects.filter(shown, public=True).distinct()


def snapshot(*, at: datetime) -> Snapshot:
    """What the public may know at `at`. A fixed number of statements, however much there is."""
    components = list(public_components())
    known = {component.pk: component for component in components}
    visible = {component.public_id: component for component in components}
    rows = _incidents(known)
    incidents = [_incident(row, known, visible) for row in rows]
    maintenances = _maintenances_of(public_maintenances(), known)
    intervals = _intervals(known, zip(rows, incidents, strict=True), maintenances)
    shown = tuple(_component(each, tuple(intervals[each.public_id])) for each in components)
    return Snapshot(
        page=page(),
        at=at,
        updated_at=max(
            [
                LONG_AGO,
                *(each.updated_at for each in incidents),
                *(each.updated_at for each in maintenances),
                *(each.updated_at for each in shown),
            ]
        ),
        components=shown,
        groups=_groups(components),
        incidents=tuple(incidents),
        maintenances=tuple(maintenances),
        words=dict(reversed(list(Severity.objects.order_by("severity").values_list("impact", "banner")))),
    )


def page() -> Page:
    """Whose page it is, as the settings say."""
    name, url = settings.STATUS_PAGE_NAME, settings.BASE_URL
    # Made of the address, so it stays the same for who kept it.
    return Page(id=sha256(url.encode()).hexdigest()[:12], name=name, url=url, time_zone=settings.TIME_ZONE)


def _component(row: Component, intervals: tuple[Interval, ...]) -> PublicComponent:
    now_so = [each.status for each in intervals if each.end is None]
    return PublicComponent(
        id=row.public_id,
        name=row.name,
        description=row.description,
        status=max(now_so, key=WORST.__getitem__, default=WELL),
        group=row.group.public_id if row.group else "",
        position=row.position,
        showcase=row.showcase,
        only_show_if_degraded=row.only_show_if_degraded,
        start_date=row.start_date or row.created_at.date(),
        created_at=row.created_at,
        updated_at=max([row.updated_at, *(each.end or each.start for each in intervals)]),
        intervals=intervals,
    )


def _groups(components: Iterable[Component]) -> tuple[PublicGroup, ...]:
    members: dict[int, list[Component]] = defaultdict(list)
    for component in components:
        if component.group_id:
            members[component.group_id].append(component)
    found = []
    for rows in members.values():
        group = rows[0].group
        assert group is not None
        found.append(
            PublicGroup(
                id=group.public_id,
                name=group.name,
                position=group.position,
                created_at=group.created_at,
                updated_at=group.updated_at,
                components=tuple(row.public_id for row in rows),
            )
        )
    return tuple(sorted(found, key=lambda group: (group.position, group.name)))


def _incidents(known: dict[int, Component]) -> list[Incident]:
    """The rows, newest first: `said` is what was published of each, `did` how it left the known components."""
    updates = Update.objects.filter(published_at__isnull=False).select_related("by_agent").order_by("-position")
    impacts = ImpactChange.objects.filter(public=True, component__in=list(known)).order_by("since", "pk")
    rows = public_incidents().select_related("point", "contact").defer("description", "search")
    rows = rows.prefetch_related(
        Prefetch("updates", updates.defer("internal_note"), to_attr="said"),
        Prefetch("impacts", impacts, to_attr="did"),
    )
    return list(rows.order_by("-public_reported_at", "-pk"))


def _incident(row: Incident, known: dict[int, Component], visible: dict[str, Component]) -> PublicIncident:
    updates = _worth_saying(_update(each, visible) for each in row.said)  # type: ignore[attr-defined]
    monitored = [each.at for each in updates if each.status == State.MONITORING]
    resolved = row.public_closed_at if row.public_status == State.RESOLVED else None
    return PublicIncident(
        id=row.public_id,
        number=row.number,
        title=row.public_title,
        status=row.public_status,
        impact=row.public_impact,
        severity=row.public_severity,
        started_at=row.public_reported_at or row.declared_at,
        created_at=row.published_at or row.declared_at,
        updated_at=row.public_at or row.published_at or row.declared_at,
        monitoring_at=min(monitored, default=None),
        resolved_at=resolved,
        updates=updates,
        components={known[each.component_id].public_id: each.status for each in row.did},  # type: ignore[attr-defined]
        point=_name(row.point),
        contact=_name(row.contact),
        modified_by=_name(row.said[0].by_agent if row.said else None),  # type: ignore[attr-defined]
        rca_url=row.rca_url if row.rca_public else "",
    )


def _worth_saying(said: Iterable[PublicUpdate]) -> tuple[PublicUpdate, ...]:
    """Of these, newest first, what has a text, a component or another status than what the public read before it.

    The rest is a note among ourselves, or about what is hidden.
    """
    found: list[PublicUpdate] = []
    for update in reversed(tuple(said)):
        if update.body or update.components or not found or found[-1].status != update.status:
            found.append(update)
    return tuple(reversed(found))


def _update(update: Update, visible: dict[str, Component]) -> PublicUpdate:
    said = update.published_at or update.at
    return PublicUpdate(
        id=update.public_id,
        status=update.status,
        body=update.public_text,
        at=update.at,
        updated_at=max(update.at, said),
        components=tuple(
            ComponentChange(each["component"], visible[each["component"]].name, each["old"], each["new"])
            for each in update.components
            if each["component"] in visible
        ),
    )


def _name(agent: Agent | None) -> str:
    return agent.public_name if agent is not None else ""


def _maintenances_of(found: QuerySet[Maintenance], known: dict[int, Component]) -> list[PublicMaintenance]:
    updates = MaintenanceUpdate.objects.order_by("-position").defer("internal_note")
    rows = found.defer("internal_note")
    rows = rows.prefetch_related(Prefetch("updates", updates, to_attr="said"), "components")
    return [_maintenance(row, known) for row in rows.order_by("-starts_at", "-pk")]


def _maintenance(row: Maintenance, known: dict[int, Component]) -> PublicMaintenance:
    said = [
        PublicUpdate(each.public_id, each.status, each.public_text, each.at, each.at)
        for each in row.said  # type: ignore[attr-defined]
    ]
    return PublicMaintenance(
        id=row.public_id,
        title=row.title,
        status=row.status,
        scheduled_for=row.starts_at,
        scheduled_until=row.ends_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        # The first word is that of the plan itself.
        updates=_worth_saying(
            [*said, PublicUpdate(row.public_id, PLANNED, row.public_text, row.created_at, row.created_at)]
        ),
        components=tuple(known[each.pk].public_id for each in row.components.all() if each.pk in known),
    )


def _intervals(
    known: dict[int, Component],
    incidents: Iterable[tuple[Incident, PublicIncident]],
    maintenances: Iterable[PublicMaintenance],
) -> dict[str, list[Interval]]:
    found: dict[str, list[Interval]] = defaultdict(list)
    # In an order that no change of an incident moves.
    for row, shown in sorted(incidents, key=lambda pair: pair[0].pk):
        lines: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
        for change in row.did:  # type: ignore[attr-defined]
            lines[change.component_id].append((change.status, change.since))
        for component, points in lines.items():
            following = [*(since for _, since in points[1:]), shown.resolved_at]
            for (status, start), end in zip(points, following, strict=True):
                if status != WELL and (end is None or end > start):
                    found[known[component].public_id].append(Interval(status, start, end, shown.id))
    for each in maintenances:
        if each.started_at is not None:
            for component_id in each.components:
                found[component_id].append(Interval(MAINTAINED, each.started_at, each.ended_at, each.id))
    return found
