"""What of a team's pages is open when the people on duty change: pages' part of the hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from apps.pages import services
from apps.pages.models import Page
from apps.pages.selectors import find
from apps.pages.services import Acting
from apps.people.models import Agent, Team

NAME = "Pages"


@dataclass(frozen=True)
class Item:
    """Something that somebody of the incoming team must own."""

    id: str
    title: str
    url: str
    owner_email: str
    since: datetime


def open_items(team: Team) -> list[Item]:
    """Every page to the team that is not resolved, the oldest first."""
    pages = Page.objects.filter(team=team).exclude(state=Page.State.RESOLVED).select_related("owner")
    return [
        Item(
            id=str(page.pk),
            title=f"{page}: {page.title}",
            url=reverse("admin:pages_page_change", args=[page.pk]),
            owner_email=page.owner.email if page.owner else "",
            since=page.opened_at,
        )
        for page in pages.order_by("opened_at", "pk")
    ]


def reassign(item_id: str, to: Agent, by: Agent | None, now: datetime) -> None:
    """`to` owns the page from now on. Raises UnknownPage, or NotOpen when it is resolved meanwhile."""
    services.hand_over(find(item_id), to=to, by=Acting(by), now=now)
