"""What of a team's requests is open when the people on duty change: requests' part of the hand-over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from apps.people.acting import Acting
from apps.people.models import Agent, Channel, Team
from apps.rfhs import services
from apps.rfhs.errors import RFHError
from apps.rfhs.models import RFH
from apps.rfhs.selectors import find
from apps.rfhs.states import NAMES, OVER, WITH_A_TEAM
from apps.rotations.handovers.items import Item, NotPassedOn, Place

NAME = "Requests for help"
BECAUSE = "the hand-over"
# Of an item that is another team's by now: who tells how it goes is passed on, not who works on it.
TELLING = "tell-"


def open_items(team: Team) -> list[Item]:
    """What the team works on, and what it handed over and goes on telling of; of each the oldest first."""
    return [*(_item(rfh) for rfh in _worked_on(team)), *(_item(rfh, telling=True) for rfh in _told_of(team))]


def reassign(item: Item, to: Agent, by: Agent | None, now: datetime) -> None:
    """`to` owns the work from now on, or tells how it goes. Raises NotPassedOn if it is over, or another's."""
    acting = Acting(by, "" if by else "SupportOps")
    telling = item.id.startswith(TELLING)
    try:
        rfh = find(item.id.removeprefix(TELLING))
        now_with = rfh.teller if telling else rfh.owner
        if _email(now_with) != item.owner_email:
            raise NotPassedOn(f"{rfh} is {now_with or 'nobody'}’s by now. Look again before you pass it on.")
        if telling:
            services.assign_telling(rfh, to=to, by=acting, now=now, because=BECAUSE)
        else:
            services.assign(rfh, to=to, by=acting, now=now, because=BECAUSE, version=rfh.version)
    except RFHError as refusal:
        raise NotPassedOn(str(refusal)) from refusal


def channels(team: Team) -> list[Place]:
    """The incidents' channels of its open requests, and its own: every request to it shows there."""
    asked: dict[str, RFH] = {}
    for rfh in [*_worked_on(team), *_told_of(team)]:
        if rfh.incident_channel:
            asked.setdefault(rfh.incident_channel, rfh)
    names = _names(asked)
    found = [Place(key, names.get(key, key), f"the incident of {rfh} is spoken of there") for key, rfh in asked.items()]
    if team.channel:
        found.append(Place(team.channel.slack_id, str(team.channel), "requests to the team show there"))
    return found


def _worked_on(team: Team) -> QuerySet[RFH]:
    rows = RFH.objects.filter(team=team, state__in=sorted(WITH_A_TEAM))
    return rows.select_related("owner").order_by("filed_at", "pk")


def _told_of(team: Team) -> QuerySet[RFH]:
    rows = RFH.objects.filter(communicator=team).exclude(team=team).exclude(state__in=sorted(OVER))
    return rows.select_related("teller", "team").order_by("handed_over_at", "pk")


def _item(rfh: RFH, *, telling: bool = False) -> Item:
    whose = rfh.teller if telling else rfh.owner
    since = (rfh.handed_over_at if telling else rfh.filed_at) or rfh.opened_at
    about = f"Telling how {rfh} goes, which {rfh.team} has" if telling else str(rfh)
    return Item(
        id=f"{TELLING if telling else ''}{rfh.pk}",
        title=f"{about}: {rfh.summary}",
        url=reverse("admin:rfhs_rfh_change", args=[rfh.pk]),
        owner_email=_email(whose),
        since=since,
        owner=str(whose) if whose else "",
        state=NAMES[rfh.at],
        stream=rfh.stream,
    )


def _email(agent: Agent | None) -> str:
    # Whoever left has it no more.
    return agent.email if agent is not None and agent.is_active else ""


def _names(keys: Iterable[str]) -> dict[str, str]:
    return {channel.slack_id: str(channel) for channel in Channel.objects.filter(slack_id__in=list(keys))}
