"""What a draft is going to be filed as: the decisions of steps two to four, as things."""

from __future__ import annotations

from dataclasses import dataclass

from apps.people.models import Team
from apps.rfhs.models import RFH, Area
from apps.rfhs.routing.reaching import Reach, reach
from apps.rfhs.selectors import counts_as_engineering
from apps.rfhs.services.filing import suggested_tracker


@dataclass(frozen=True)
class Plan:
    """Whom the draft will ask, where they hear, and what becomes of the issue."""

    team: Team | None = None
    area: Area | None = None
    sub_team: str = ""
    proposed: Area | None = None
    because: str = ""
    tracker: str = ""
    title: str = ""
    body: str = ""
    issue: str = ""

    @property
    def engineering(self) -> bool:
        """Whether it makes an issue, and counts as engineering's help."""
        return self.team is not None and counts_as_engineering(self.team, self.area)

    @property
    def reach(self) -> Reach | None:
        """Where the team will hear of it."""
        return reach(self.team, self.area, self.sub_team) if self.team else None

    @property
    def whom(self) -> str:
        """The team as people call it: with its area and its part."""
        if self.team is None:
            return ""
        return in_words(self.team, self.area, self.sub_team)


def in_words(team: Team, area: Area | None, sub_team: str) -> str:
    """Team, area and part, of which one may be called like the other."""
    parts = {name.casefold(): name for name in (str(team), str(area) if area else "", sub_team) if name}
    return ", ".join(parts.values())


def plan_of(rfh: RFH) -> Plan:
    """The draft's plan; a team or an area that is no more is none."""
    said = rfh.filing
    team = Team.objects.select_related("channel").filter(slug=said.get("team", "")).first()
    areas = {
        area.slug: area
        for area in Area.objects.filter(slug__in=[said.get("area", ""), said.get("proposed", "")]).select_related(
            "team", "channel"
        )
    }
    return Plan(
        team=team,
        area=areas.get(said.get("area", "")),
        sub_team=said.get("sub_team", ""),
        proposed=areas.get(said.get("proposed", "")),
        because=said.get("because", ""),
        tracker=said.get("tracker", "") or suggested_tracker(rfh),
        title=said.get("title", ""),
        body=said.get("body", ""),
        issue=said.get("issue", ""),
    )
