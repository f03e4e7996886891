"""Where a lead's right ends: at the own teams."""

from __future__ import annotations

from django.http import HttpRequest

from apps.people.models import Agent, Team


def is_bounded(request: HttpRequest) -> bool:
    """Whether the right ends at the own teams: a lead's does, a manager's does not."""
    # Whoever may change teams may put anybody in their own, so the bound would hold nobody back.
    return not request.user.has_perm("people.change_team")


def teams_of(request: HttpRequest) -> set[int]:
    """The teams of whoever asks."""
    return set(Team.objects.filter(members=request.user.pk).values_list("pk", flat=True))


def may_change(request: HttpRequest, team: int) -> bool:
    """Whether this team's rotations are theirs to change, given the right to change any."""
    return not is_bounded(request) or team in teams_of(request)


def agents_of(request: HttpRequest) -> set[int]:
    """Everybody who shares a team with whoever asks."""
    return set(Agent.objects.filter(teams__in=teams_of(request)).values_list("pk", flat=True))
