"""Reads of pages and of the teams that can be paged."""

from __future__ import annotations

from apps.pages.errors import UnknownPage, UnknownTeam
from apps.pages.models import Page
from apps.people.models import Team

LISTED = 20


def find(number: int | str) -> Page:
    """The page of this number. Raises UnknownPage."""
    said = str(number).strip().removeprefix("#")
    page = None
    if said.isascii() and said.isdecimal() and len(said) <= 18:
        page = Page.objects.select_related("team__channel", "owner").filter(pk=int(said)).first()
    if page is None:
        raise UnknownPage(f"There is no page {said[:40]}.")
    return page


def team_called(name: str) -> Team:
    """The team of this slug or name, in any case. Raises UnknownTeam, which says what there is."""
    said = name.replace("\x00", "").strip()
    team = Team.objects.filter(slug__iexact=said).first() or Team.objects.filter(name__iexact=said).first()
    if team is None:
        raise UnknownTeam("team", f"There is no team “{said[:100]}”. {teams_to_page()}")
    return team


def teams_to_page() -> str:
    """Which teams can be paged, in a sentence: those with a rotation."""
    slugs = list(
        Team.objects.filter(rotations__archived_at=None, rotations__isnull=False)
        .distinct()
        .order_by("slug")
        .values_list("slug", flat=True)[:LISTED]
    )
    return f"Teams with a rotation: {', '.join(slugs)}." if slugs else "No team has a rotation yet."
