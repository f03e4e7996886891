"""What is owed of incidents: how it stands, who hears next, and what other policies would change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Prefetch

from apps.escalations import incident_clocks
from apps.escalations.audiences import Directory
from apps.escalations.models import Clock
from apps.escalations.selectors import Effect, Effects, counted, effect_of
from apps.escalations.standing import Promised, standing
from apps.incidents.models import Incident
from apps.incidents.states import OPEN
from apps.sla.audiences import Audience
from apps.sla.matching import PolicyRule


def promises_of(incidents: Sequence[Incident], *, now: datetime, people: bool = False) -> dict[int, list[Promised]]:
    """What is owed of each, as `standing` has it; `people`: with whom the next tier means now.

    The incidents have their contact, point and lead at hand.
    """
    known = incident_clocks.people_of(incidents)
    directory = Directory(now, known=known) if people else None

    def bound(audience: Audience, clock: Clock) -> Audience:
        if directory is None or clock.incident is None:
            return audience
        return incident_clocks.bound(audience, clock.incident, directory)

    return standing("incident", {row.pk: row for row in incidents}, bound, directory=directory, now=now)


def incident_effects(after: Sequence[PolicyRule], *, show: int = 50) -> Effects:
    """Which open incidents would gain, lose or move a check if the policies were `after`."""
    running = Clock.objects.filter(state=Clock.State.RUNNING).prefetch_related("checks")
    rows = Incident.objects.filter(status__in=sorted(OPEN)).prefetch_related(Prefetch("clocks", running)).order_by("pk")
    return counted((_effect_on(row, after) for row in rows.iterator(chunk_size=2000)), show=show)


def _effect_on(incident: Incident, after: Sequence[PolicyRule]) -> Effect | None:
    promised = incident_clocks.promised_to(incident, after)
    clocks = {clock.promise: clock for clock in incident.clocks.all()}
    for kind, since in incident_clocks.owed_since(incident).items():
        one = promised.get(kind)
        name = one.policy.name if one else "no promise"
        effect = effect_of(incident, kind, clocks.get(kind), one.promise if one else None, name, began_at=since)
        if effect is not None:
            return effect
    return None
