"""Which teams a text should go to, by the table managers edit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from apps.people.models import Team
from apps.rfhs.models import RFH, Area, NamedOwner
from apps.rfhs.routing.matching import Exempt, Field, Owned, Part, match
from apps.rfhs.selectors import counts_as_engineering

# Longer texts are logs; what the question is about stands in front.
LONGEST = 20_000


@dataclass(frozen=True)
class Proposal:
    """A team for a text. An area that is not the team's own came by an exception, or by a name (`named`).

    `ask` is the question that tells it apart from another proposal; empty when nothing is to be asked.
    """

    team: Team
    area: Area | None
    score: int
    matched: list[str] = field(default_factory=list)
    sub_team: str = ""
    ask: str = ""
    # Who passes it on, such as CE; the alert or dashboard it is about.
    via: str = ""
    named: str = ""

    @property
    def engineering(self) -> bool:
        """Whether help there counts as engineering's, and makes an issue."""
        return counts_as_engineering(self.team, self.area)


def propose_for(rfh: RFH, *, today: date) -> list[Proposal]:
    """The same for what a request asks. Its context is left out: affected users are no question about users."""
    return propose(f"{rfh.summary}\n{rfh.description}", today=today)


def propose(text: str, *, today: date) -> list[Proposal]:
    """The teams whose words the text has, the likeliest first; empty when it has none. A person decides."""
    areas = {
        str(area.pk): area
        for area in Area.objects.filter(archived=False)
        .select_related("team__channel", "channel")
        .prefetch_related("sub_teams", "exceptions")
    }
    owners = list(NamedOwner.objects.filter(archived=False).select_related("team__channel"))
    exempt = {exception.team_id for area in areas.values() for exception in area.exceptions.all()}
    teams = {str(team.pk): team for team in Team.objects.filter(pk__in=exempt).select_related("channel")}
    teams |= {str(area.team_id): area.team for area in areas.values()}
    teams |= {str(owner.team_id): owner.team for owner in owners}
    matches = match(
        text[:LONGEST],
        [_field(key, area) for key, area in areas.items()],
        today=today,
        owned=[Owned(owner.kind, owner.name, str(owner.team_id)) for owner in owners],
    )
    return [
        Proposal(
            team=teams[one.team],
            area=areas.get(one.key),
            score=one.score,
            matched=list(one.matched),
            sub_team=one.part,
            ask=one.ask,
            via=one.via,
            named=one.named,
        )
        for one in matches
    ]


def _field(key: str, area: Area) -> Field:
    return Field(
        key=key,
        team=str(area.team_id),
        keywords=tuple(area.keywords),
        any_language=area.any_language,
        exempt=tuple(Exempt(each.keyword, str(each.team_id), each.until, each.via) for each in area.exceptions.all()),
        parts=tuple(Part(each.name, tuple(each.keywords), each.about) for each in area.sub_teams.all()),
        tie_break=area.tie_break,
    )
