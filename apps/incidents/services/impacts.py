"""How an incident leaves components: each change is a row, and intervals follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.incidents.errors import BadIncident
from apps.incidents.models import Component, ImpactChange, Incident, Severity
from apps.incidents.selectors import affected, components_of

Status = Component.Status
POSSIBLE = [str(status) for status in Status if status != Status.UNDER_MAINTENANCE]


def wanted_of(said: Iterable[Mapping[str, str]], severity: Severity) -> dict[Component, str]:
    """What [{"slug", "status"}] says; without a status, what the severity leaves components as. Raises BadIncident."""
    pairs: dict[str, str] = {}
    for each in said:
        status = each.get("status") or severity.component_status
        if status not in POSSIBLE:
            raise BadIncident(
                "components", f"A component’s state is one of {', '.join(POSSIBLE)}, not “{str(status)[:40]}”."
            )
        pairs[str(each.get("slug", ""))] = status
    found = components_of(pairs)
    return {found[slug]: status for slug, status in pairs.items()}


def apply(
    row: Incident, wanted: Mapping[Component, str], *, since: datetime, public: bool, said: str = ""
) -> list[dict[str, Any]]:
    """Those that differ are so from `since` on, and what changed as an update keeps it.

    Raises BadIncident where somebody said so (`said`: in which field) and one has changed after that.
    """
    now_with = affected(row)
    changed = []
    for component, status in wanted.items():
        known = now_with.get(component)
        old = known.status if known else str(Status.OPERATIONAL)
        if status == old and (known is None or known.public or not public):
            continue
        if said and known and since < known.since:
            raise BadIncident(said, f"{component} changed after that, so it was not so then.")
        # Of two at once the second has the last word, though its clock was read first.
        at = max(since, known.since) if known else since
        ImpactChange.objects.create(incident=row, component=component, status=status, since=at, public=public)
        changed.append({"component": component.public_id, "name": component.name, "old": old, "new": status})
    return changed


def recover(row: Incident, *, since: datetime, public: bool, said: str = "") -> list[dict[str, Any]]:
    """The incident is over, so it leaves every component as it should be. Raises as `apply`."""
    return apply(row, dict.fromkeys(affected(row), str(Status.OPERATIONAL)), since=since, public=public, said=said)


def begin_at(row: Incident, at: datetime, *, was: datetime, public: bool) -> None:
    """What broke with the locked incident, which began `was`, broke `at` this instant instead, and nothing before it.

    `public`: what the public was told, or what it was not.
    """
    changes = ImpactChange.objects.filter(incident=row, public=public)
    changes.filter(Q(since=was) | Q(since__lt=at)).update(since=at)


def end_at(row: Incident, at: datetime) -> None:
    """What recovered with the locked incident recovered `at` this end instead. Raises BadIncident."""
    changes = ImpactChange.objects.filter(incident=row)
    with_the_end = Q(since=row.closed_at, status=Status.OPERATIONAL)
    later = changes.filter(since__gt=at).exclude(with_the_end).select_related("component")
    if (last := later.order_by("-since").first()) is not None:
        raise BadIncident("closed_at", f"{last.component} changed after that, so it was not over then.")
    changes.filter(with_the_end).update(since=at)


def tell_the_public(row: Incident) -> None:
    """All of its changes count outside from now on."""
    ImpactChange.objects.filter(incident=row, public=False).update(public=True)
