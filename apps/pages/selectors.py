"""Reads of pages and of who is on duty for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.pages.errors import UnknownPage, UnknownTeam
from apps.pages.models import Page
from apps.people.models import Agent, Team
from apps.rotations.models import Rotation
from apps.rotations.schedules import Current, on_call

# How people call the roles of the SET, in the order in which they are paged.
USUAL = ("primary", "backup", "lead")
LISTED = 20


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty as `role`, and why."""

    agent: Agent
    role: str
    because: str
    until: datetime | None


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


def roles_in(current: Sequence[Current], role: str) -> list[Current]:
    """Of a rotation's roles those that `role` means.

    Where a rotation calls none of its roles primary, backup or lead, these are its first, second and third.
    """
    wanted = role.casefold()
    named = [each for each in current if each.role.casefold() == wanted]
    usual = any(each.role.casefold() in USUAL for each in current)
    if not named and not usual and wanted in USUAL and USUAL.index(wanted) < len(current):
        return [current[USUAL.index(wanted)]]
    return named


def on_duty(team: Team, *, at: datetime) -> list[OnDuty]:
    """Everybody on duty in the team's rotations, role by role in their order."""
    rotations = Rotation.objects.filter(team=team, archived_at=None)
    return [
        OnDuty(agent, current.role, f"is {current.role} of {rotation}: {current.because}", current.end)
        for rotation, roles in on_call(at, rotations).items()
        for current in roles
        for agent in current.people
        if agent.is_active
    ]
