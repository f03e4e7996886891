"""Reads of incidents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from apps.incidents.errors import BadIncident, UnknownIncident
from apps.incidents.models import Component, ImpactChange, Incident, Severity, Update
from apps.incidents.rights import PUBLISH
from apps.incidents.states import OPEN, State
from apps.people.models import Agent
from apps.rfhs.selectors import sustained_engineering
from apps.rotations.on_duty import on_duty_as

RELATED = ("point", "contact", "lead")
LEAD = "lead"
LONGEST_NUMBER = 18
MOST_NAMED = 20


def find(number: int | str) -> Incident:
    """The incident of this number, with or without its prefix. Raises UnknownIncident."""
    said = str(number).strip().upper().removeprefix(f"{settings.INCIDENT_PREFIX.upper()}-")
    incident = None
    if said.isascii() and said.isdecimal() and len(said) <= LONGEST_NUMBER:
        incident = Incident.objects.select_related(*RELATED).filter(pk=int(said)).first()
    if incident is None:
        raise UnknownIncident(f"There is no incident {str(number).strip()[:40]}.")
    return incident


def named_in(text: str) -> Incident | None:
    """The first incident that the text names, as in “INC-7 needs a database expert”; None where it names none."""
    prefix = re.escape(settings.INCIDENT_PREFIX)
    said = re.finditer(rf"(?<![\w-]){prefix}-(\d{{1,{LONGEST_NUMBER}}})(?![\w-])", text, re.IGNORECASE)
    numbers = [int(found[1]) for found in said][:MOST_NAMED]
    known = Incident.objects.in_bulk(numbers)
    return next((known[number] for number in numbers if number in known), None)


def order() -> list[Any]:
    """As Crashbot lists them: open by severity and age, then closed by date, then invalid."""
    is_open = {"status__in": sorted(OPEN)}
    rank = Case(
        When(**is_open, then=Value(0)),
        When(status=State.RESOLVED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    severe = Case(When(**is_open, then="severity"), default=Value(""))
    began = Case(When(**is_open, then="reported_at"), default=None)
    return [rank, severe, began, "-closed_at", "-pk"]


def in_order() -> QuerySet[Incident]:
    """All, in Crashbot's order."""
    return Incident.objects.select_related(*RELATED).order_by(*order())


def open_incidents() -> QuerySet[Incident]:
    """Those that are not over, the worst first, of these the oldest."""
    return Incident.objects.filter(status__in=sorted(OPEN)).select_related(*RELATED).order_by("severity", "reported_at")


def severity_row(severity: str) -> Severity:
    """What the table says of it. Raises BadIncident."""
    row = Severity.objects.filter(severity=severity).first()
    if row is None:
        known = ", ".join(Severity.objects.values_list("severity", flat=True))
        raise BadIncident("severity", f"The severity is one of {known}, not “{severity[:40]}”.")
    return row


def severity_of_level(level: str) -> Severity:
    """The severity that stands for a level: the first row that names it. Raises BadIncident."""
    row = Severity.objects.filter(level=level).order_by("severity").first()
    if row is None:
        raise BadIncident("level", f"No severity is of level “{level[:40]}”: a manager can say so in the table.")
    return row


def lead_on_duty(*, at: datetime) -> Agent | None:
    """Who leads the Sustained Engineering Team now, as its rotation says."""
    team = sustained_engineering()
    found = on_duty_as(team, LEAD, at=at) if team else []
    return found[0].agent if found else None


def affected(incident: Incident) -> dict[Component, ImpactChange]:
    """Each component it ever touched, with the change that holds now."""
    changes = ImpactChange.objects.filter(incident=incident).select_related("component__group")
    return {change.component: change for change in changes.order_by("component", "since", "pk")}


def read_by_the_public(incident: Incident) -> str:
    """Short for what the public would read of it once what waits is published: another where that is another.

    What is only ours, such as a note, who works on it or its channel, makes no difference.
    """
    texts = Update.objects.filter(incident=incident, awaiting=True).order_by("position")
    said = [
        incident.title,
        incident.status,
        incident.severity,
        incident.impact,
        *(at and at.timestamp() for at in (incident.reported_at, incident.closed_at)),
        list(texts.values_list("position", "public_text")),
        [(component.pk, change.status) for component, change in affected(incident).items()],
    ]
    return sha256(repr(said).encode()).hexdigest()[:12]


def components_of(slugs: Iterable[str]) -> dict[str, Component]:
    """The components in use by slug. Raises BadIncident, naming what is unknown."""
    wanted = list(dict.fromkeys(slugs))
    found = {each.slug: each for each in Component.objects.filter(slug__in=wanted, archived_at=None)}
    if unknown := [slug for slug in wanted if slug not in found]:
        raise BadIncident("components", f"There is no component {', '.join(slug[:60] for slug in unknown)}.")
    return found


def publishers() -> list[Agent]:
    """Who may publish and close by their role; superusers only while nobody else may."""
    app, _, codename = PUBLISH.partition(".")
    allowed = Permission.objects.filter(content_type__app_label=app, codename=codename)
    people = Agent.objects.filter(is_active=True).order_by("pk")
    named = people.filter(Q(groups__permissions__in=allowed) | Q(user_permissions__in=allowed)).distinct()
    return list(named) or list(people.filter(is_superuser=True))
