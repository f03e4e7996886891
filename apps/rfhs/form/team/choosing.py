"""Whom one can choose: what the table proposes, and everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.people.models import Team
from apps.rfhs.form.plan import in_words
from apps.rfhs.models import RFH, Area
from apps.rfhs.routing.proposing import Proposal, propose
from apps.rfhs.routing.reaching import Reach, known_groups, reach
from apps.rfhs.routing.taken import with_counts
from apps.rfhs.selectors import counts_as_engineering


@dataclass(frozen=True)
class Option:
    """A team to choose, in an area or without one; `key` is what the form sends."""

    team: Team
    area: Area | None
    sub_team: str = ""
    # What is known of the part.
    about: str = ""
    proposal: Proposal | None = None
    reach: Reach | None = None
    proposed: int = 0
    taken: int = 0

    @property
    def key(self) -> str:
        return "|".join((self.team.slug, self.area.slug if self.area else "", self.sub_team))

    @property
    def name(self) -> str:
        return in_words(self.team, self.area, self.sub_team)

    @property
    def engineering(self) -> bool:
        return counts_as_engineering(self.team, self.area)


def text_of(rfh: RFH) -> str:
    """What is looked through for the table's words."""
    return "\n".join([rfh.summary, rfh.description, *(str(value) for value in rfh.context.values())])


def proposals(rfh: RFH, *, today: date) -> list[Option]:
    """What the table proposes, ranked; of an area with parts, each part."""
    groups = known_groups()
    found: list[Option] = []
    counted = {area.pk: area for area in with_counts(Area.objects.all())}
    for proposal in propose(text_of(rfh), today=today):
        area = proposal.area
        own = area if area is not None and area.team_id == proposal.team.pk else None
        parts = {part.name: part.about for part in own.sub_teams.all()} if own else {}
        if proposal.sub_team:
            parts = {proposal.sub_team: parts.get(proposal.sub_team, ""), **parts}
        of = counted.get(area.pk) if area else None
        for name, about in (parts or {"": ""}).items():
            found.append(
                Option(
                    team=proposal.team,
                    area=area,
                    sub_team=name,
                    about=about,
                    proposal=proposal,
                    reach=reach(proposal.team, area, name, groups=groups),
                    proposed=getattr(of, "proposed", 0),
                    taken=getattr(of, "taken", 0),
                )
            )
    return found


def everybody() -> list[tuple[str, list[Option]]]:
    """Every area and every team, in groups."""
    areas: list[Option] = []
    beside: list[Option] = []
    for area in Area.objects.filter(archived=False).select_related("team", "channel").prefetch_related("sub_teams"):
        into = areas if area.engineering else beside
        into.append(Option(area.team, area))
        into += [Option(area.team, area, part.name) for part in area.sub_teams.all()]
    teams = [Option(team, None) for team in Team.objects.order_by("name")]
    groups = [("Areas of engineering", areas), ("Not engineering", beside), ("Teams, in no area", teams)]
    return [(name, options) for name, options in groups if options]


def chosen(key: str) -> tuple[Team, Area | None, str] | None:
    """What was chosen; None when there is no such team, area or part."""
    slug, _, rest = key.replace("\x00", "").partition("|")
    of_area, _, sub_team = rest.partition("|")
    team = Team.objects.filter(slug=slug).first()
    area = Area.objects.filter(slug=of_area, archived=False).first() if of_area else None
    if team is None or (of_area and area is None):
        return None
    if sub_team and (area is None or not area.sub_teams.filter(name=sub_team).exists()):
        return None
    return team, area, sub_team
