"""Which incidents are open when the people on duty change: incidents' part of the hand-over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from apps.incidents import services
from apps.incidents.errors import IncidentError
from apps.incidents.models import Incident
from apps.incidents.selectors import find, open_incidents
from apps.incidents.states import NAMES
from apps.people.acting import Acting
from apps.people.models import Agent, Channel, Team
from apps.rfhs.selectors import sustained_engineering
from apps.rotations.handovers.items import Item, NotPassedOn, Place

NAME = "Incidents"
# Each of its people is passed on for itself: an item is called lead-7, point-7 or contact-7.
DUTIES = {"lead": "Leading", "point": "Working on", "contact": "Speaking for"}


def open_items(team: Team) -> list[Item]:
    """Of the Sustained Engineering Team: each open incident with who leads it, and what its people do for it."""
    return list(_items(team)) if team == sustained_engineering() else []


def reassign(item: Item, to: Agent, by: Agent | None, now: datetime) -> None:
    """`to` leads it, works on it or speaks for it from now on. Raises NotPassedOn if it is over, or another's."""
    duty, _, number = item.id.partition("-")
    try:
        incident = find(number)
        if duty not in DUTIES or incident.is_over:
            raise NotPassedOn(f"{incident} is over: nobody has to take it.")
        now_with: Agent | None = getattr(incident, duty)
        if _email(now_with) != item.owner_email:
            raise NotPassedOn(f"{incident} is {now_with or 'nobody'}’s by now. Look again before you pass it on.")
        acting = Acting(by, "" if by else "SupportOps")
        services.change(incident, {duty: to}, by=acting, now=now, version=incident.version)
    except IncidentError as refusal:
        raise NotPassedOn(str(refusal)) from refusal


def channels(team: Team) -> list[Place]:
    """The channels of the open incidents: the incoming team is invited to each (Mattermost SET handbook)."""
    if team != sustained_engineering():
        return []
    asked: dict[str, Incident] = {}
    for incident in open_incidents():
        for key in (incident.slack_channel, incident.thread_channel):
            if key:
                asked.setdefault(key, incident)
    names = {channel.slack_id: str(channel) for channel in Channel.objects.filter(slack_id__in=list(asked))}
    return [Place(key, names.get(key, key), f"{incident} is spoken of there") for key, incident in asked.items()]


def _items(team: Team) -> Iterator[Item]:
    members = set(team.members.values_list("pk", flat=True))
    for incident in open_incidents().order_by("reported_at", "pk"):
        yield _item(incident, "lead")
        for duty in ("point", "contact"):
            whose: Agent | None = getattr(incident, duty)
            # Who is not of this team stays, whoever is on duty in it.
            if whose is not None and whose.pk in members:
                yield _item(incident, duty)


def _item(incident: Incident, duty: str) -> Item:
    whose: Agent | None = getattr(incident, duty)
    return Item(
        id=f"{duty}-{incident.pk}",
        title=f"{DUTIES[duty]} {incident}: {incident.title}",
        url=reverse("incidents:story", args=[incident.pk]),
        owner_email=_email(whose),
        since=incident.reported_at,
        owner=str(whose) if whose else "",
        state=NAMES[incident.at],
        stream=incident.stream,
    )


def _email(agent: Agent | None) -> str:
    # Whoever left has it no more.
    return agent.email if agent is not None and agent.is_active else ""
