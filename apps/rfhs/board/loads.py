"""How many open requests each team has, against how many it takes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from apps.people.models import Team
from apps.rfhs.models import Desk
from apps.rfhs.states import WITH_A_TEAM

USUAL_STUCK_AFTER = 3


@dataclass(frozen=True)
class Load:
    """A team's open requests; `limit`: how many it takes at once, None where no desk says so."""

    team: Team
    open: int
    limit: int | None

    @property
    def over(self) -> bool:
        """Whether priorities have to be set across teams."""
        return self.limit is not None and self.open > self.limit


def loads() -> list[Load]:
    """Every team that has open requests or a desk, by name."""
    counted = Count("rfhs", filter=Q(rfhs__state__in=sorted(WITH_A_TEAM)))
    teams = Team.objects.annotate(open_rfhs=counted).filter(Q(open_rfhs__gt=0) | Q(desk__isnull=False))
    limits = dict(Desk.objects.values_list("team_id", "limit"))
    return [Load(team, team.open_rfhs, limits.get(team.pk)) for team in teams.order_by("name")]


def why_all(found: Sequence[Load], *, team: str) -> str:
    """Why the queues are shown as one list: a team, or the one that is looked at, has more than its limit; else ""."""
    over = [each for each in found if each.over and team in ("", each.team.slug)]
    if not over:
        return ""
    said = ", ".join(f"{each.team} has {each.open} open requests and takes {each.limit}" for each in over)
    return f"{said}. So all queues are one list: set priorities across the teams before they have to ask for it."


def stuck_after() -> dict[int | None, int]:
    """By team the days without movement after which a request counts as stuck."""
    return dict(Desk.objects.values_list("team_id", "stuck_after_days"))
