"""The incidents Home shows: those that last, and those of which something waits to be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from apps.incidents.models import Component, ImpactChange, Incident
from apps.incidents.rights import may_declare, may_publish
from apps.incidents.selectors import RELATED, order
from apps.incidents.states import OPEN
from apps.people.acting import Acting
from apps.people.models import Agent

SHOWN = 8


@dataclass(frozen=True)
class Row:
    """An incident and what it affects now."""

    incident: Incident
    affects: Sequence[str]


@dataclass(frozen=True)
class OpenIncidents:
    """The worst first, at most `SHOWN`; how many last, and how many wait for who may publish."""

    rows: Sequence[Row]
    open_count: int
    waiting_count: int
    publishes: bool
    may_declare: bool

    @property
    def waiting(self) -> str:
        """The page that lists what waits."""
        return f"{reverse('admin:incidents_incident_changelist')}?public=waits"


def open_incidents_for(agent: Agent) -> OpenIncidents:
    """Of those who may see incidents."""
    wanted = Incident.objects.filter(Q(status__in=sorted(OPEN)) | Q(awaiting_since__isnull=False))
    found = list(wanted.select_related(*RELATED).defer("search", "description").order_by(*order())[: SHOWN + 1])
    counts = {
        "open_count": Incident.objects.filter(status__in=sorted(OPEN)).count(),
        "waiting_count": Incident.objects.filter(awaiting_since__isnull=False).count(),
    }
    latest: dict[int, dict[str, str]] = {incident.pk: {} for incident in found}
    changes = ImpactChange.objects.filter(incident__in=found).order_by("since", "pk")
    for incident, name, status in changes.values_list("incident_id", "component__name", "status"):
        latest[incident][name] = status
    rows = [
        Row(each, [name for name, status in latest[each.pk].items() if status != Component.Status.OPERATIONAL])
        for each in found[:SHOWN]
    ]
    return OpenIncidents(rows, **counts, publishes=may_publish(Acting(agent)), may_declare=may_declare(agent))
