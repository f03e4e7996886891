"""Incidents on the engine: which promises run for one, and whom a tier of one tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.escalations import aligning, clocks, owed
from apps.escalations.audiences import Directory
from apps.escalations.incident_events import IncidentTierReached, IncidentTierSkipped
from apps.escalations.models import Check, Clock
from apps.incidents.models import Incident
from apps.incidents.selectors import LEAD, RELATED
from apps.incidents.states import State
from apps.people.models import Agent
from apps.sla.audiences import KINDS, Audience
from apps.sla.matching import Facts, PolicyRule, govern
from apps.sla.models import Policy
from apps.trail import services as trail


def facts_of(incident: Incident) -> Facts:
    """What policies look at."""
    return Facts(plan="", severity=incident.severity, channel="", type="", level=incident.level)


def owed_since(incident: Incident) -> dict[str, datetime]:
    """What it is still owed, each with the instant from which its time runs."""
    return owed.since_of_incident(
        incident.at,
        declared_at=incident.declared_at,
        acknowledged_at=incident.acknowledged_at,
        updated_at=incident.updated_at,
    )


def promised_to(incident: Incident, policies: Sequence[PolicyRule]) -> dict[str, owed.Owed]:
    """What the policies promise to such an incident, by kind."""
    return owed.promised_to_incident(govern(policies, facts_of(incident)), level=incident.level)


@transaction.atomic
def align(incidents: Iterable[int], *, because: str, now: datetime) -> int:
    """What runs for each of these incidents is what its state and the policies say now; how many changed.

    What was said stays said. An update that was given ends the promise of it, and the next one begins at that instant.
    """
    policies = clocks.current_policies(Policy.AppliesTo.INCIDENT)
    # The incident before its clocks, as everywhere, and read once it is held.
    waiting = Incident.objects.select_for_update(no_key=True).filter(pk__in=list(incidents)).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    rows = Incident.objects.select_related(*RELATED).filter(pk__in=keys).order_by("pk")
    return sum([_align(row, policies, because=because, now=now) for row in rows])


def _align(incident: Incident, policies: Sequence[PolicyRule], *, because: str, now: datetime) -> bool:
    if incident.acknowledged_at is not None:
        aligning.stop(incident, [owed.ACKNOWLEDGEMENT], at=incident.acknowledged_at, now=now)
    if incident.at is State.RESOLVED:
        # That it is over is the last update.
        aligning.stop(incident, [owed.UPDATE], at=incident.updated_at, now=now)
    return aligning.align(
        incident,
        owed_since(incident),
        promised_to(incident, policies),
        not_owed=f"it is not owed while the incident is {incident.status}",
        because=because,
        now=now,
    )


def subjects(due: Iterable[Clock]) -> dict[int, Incident]:
    """The incidents of these clocks, by key."""
    keys = [clock.incident_id for clock in due if clock.incident_id]
    if not keys:
        return {}
    return Incident.objects.select_related(*RELATED).prefetch_related("tickets", "rfhs").in_bulk(keys)


def people_of(incidents: Iterable[Incident]) -> dict[str, Agent]:
    """Those who have a role in these incidents, by email."""
    return {
        agent.email: agent
        for incident in incidents
        for agent in (incident.contact, incident.point, incident.lead)
        if agent is not None
    }


def bound(audience: Audience, incident: Incident, directory: Directory) -> Audience:
    """Whom a tier means for this incident as it is now.

    The contact owes the updates, and where there is none who works on it. Where nobody leads, or who does has left,
    whoever is on duty as lead of the Sustained Engineering Team does.
    """
    match audience.kind:
        case KINDS.contact:
            contact, point = _there(incident.contact), _there(incident.point)
            found = contact or point
            role = "point" if found is not None and found is point and found != contact else ""
            return replace(audience, agents=(found.email,) if found else (), role=role)
        case KINDS.lead:
            if lead := _there(incident.lead):
                return replace(audience, agents=(lead.email,))
            return _on_duty(replace(audience, kind=KINDS.rotation, role=LEAD), directory)
        case KINDS.rotation if not audience.rotation:
            return _on_duty(audience, directory)
    return audience


def _there(agent: Agent | None) -> Agent | None:
    return agent if agent is not None and agent.is_active else None


def _on_duty(audience: Audience, directory: Directory) -> Audience:
    team = directory.sustained_engineering
    return replace(audience, team=team.slug, label=f"{audience.role} of {team}") if team else audience


def reach(
    clock: Clock, check: Check, higher: Sequence[Check], then: Sequence[Check], below: list[int], directory: Directory
) -> trail.Happening:
    """The tier speaks: to whom, and who hears after them.

    higher: the tiers of this round that wait. then: the next round, where one begins.
    """
    incident = clock.incident
    assert incident is not None
    audience = bound(check.audience, incident, directory)
    told = directory.tell(audience, [bound(other.audience, incident, directory) for other in higher])
    following = aligning.next_of(higher, then, lambda other: bound(other, incident, directory).label)
    event = IncidentTierReached(
        incident=incident.pk,
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        level=incident.level,
        status=incident.status,
        point=str(incident.point or ""),
        contact=str(incident.contact or ""),
        lead=str(incident.lead or ""),
        **aligning.spoken(clock, check, told, audience, next_tier=following, below=below),
    )
    return aligning.happening(clock, event)


def skip(clock: Clock, check: Check, reached: int) -> trail.Happening:
    """A lower tier that was due together with a higher one."""
    event = IncidentTierSkipped(
        incident=clock.incident_id or 0, number=clock.number, **aligning.passed_over(clock, check, reached)
    )
    return aligning.happening(clock, event)
