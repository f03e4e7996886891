"""What of a team's pages is open when the people on duty change: pages' part of the hand-over."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from apps.pages import services
from apps.pages.errors import PageError
from apps.pages.models import Page
from apps.pages.selectors import find
from apps.people.acting import Acting
from apps.people.models import Agent, Team
from apps.rotations.handovers.items import Item, NotPassedOn, Place

NAME = "Pages"


def open_items(team: Team) -> list[Item]:
    """Every page to the team that is not resolved, the oldest first."""
    pages = Page.objects.filter(team=team).exclude(state=Page.State.RESOLVED).select_related("owner")
    return [
        Item(
            id=str(page.pk),
            title=f"{page}: {page.title}",
            url=reverse("admin:pages_page_change", args=[page.pk]),
            # Whoever left has it no more.
            owner_email=page.owner.email if page.owner and page.owner.is_active else "",
            since=page.opened_at,
            owner=str(page.owner) if page.owner else "",
            state=page.get_state_display(),
            stream=page.stream,
        )
        for page in pages.order_by("opened_at", "pk")
    ]


def reassign(item: Item, to: Agent, by: Agent | None, now: datetime) -> None:
    """`to` owns the page from now on, and it climbs no further. Raises NotPassedOn if it is over, or another's."""
    acting = Acting(by, "" if by else "SupportOps")
    try:
        services.hand_over(find(item.id), to=to, by=acting, was=item.owner_email, now=now)
    except PageError as refusal:
        raise NotPassedOn(str(refusal)) from refusal


def channels(team: Team) -> list[Place]:
    """The team's channel: every page to it shows there."""
    return [Place(team.channel.slack_id, str(team.channel), "pages to the team show there")] if team.channel else []
