"""Where a team hears of a request: its channel, and the handle of who helps support there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from apps.people.models import Team, UserGroup
from apps.rfhs.models import Area


@dataclass(frozen=True)
class Reach:
    """A Slack channel's id, and a handle that exists in Slack, with its @; both empty where there is none.

    `lacks` says what is missing, each in a sentence that asks for it.
    """

    channel: str = ""
    channel_name: str = ""
    handle: str = ""
    # The id of the handle's user group, for a mention.
    group: str = ""
    lacks: list[str] = field(default_factory=list)

    @property
    def possible(self) -> bool:
        """Whether anybody of the team would hear."""
        return bool(self.channel or self.handle)


def known_groups() -> dict[str, UserGroup]:
    """Slack's user groups by id and by handle, in small letters."""
    return {name.lower(): group for group in UserGroup.objects.all() for name in (group.slack_id, group.handle)}


def reach(
    team: Team, area: Area | None = None, sub_team: str = "", *, groups: Mapping[str, UserGroup] | None = None
) -> Reach:
    """How the team hears. What an area says holds for its own team alone.

    An exception's team, or an alert's, is reached by its own channel and handle, else by those of its own areas.
    `groups`: known_groups(), for who asks of many.
    """
    own = area if area is not None and area.team_id == team.pk else None
    channel, wanted = (own.channel if own else None) or team.channel, _handles(team, own, sub_team)
    if own is None and (channel is None or not wanted):
        for other in _areas_of(team):
            channel = channel or other.channel
            wanted = wanted or list(other.handles)
    group = _first_that_exists(wanted, known_groups() if groups is None else groups)
    return Reach(
        channel=channel.slack_id if channel else "",
        channel_name=channel.name if channel else "",
        handle=f"@{group.handle}" if group else "",
        group=group.slack_id if group else "",
        lacks=_lacks(team, own, has_channel=channel is not None, wanted=wanted, has_handle=group is not None),
    )


def _areas_of(team: Team) -> list[Area]:
    return list(Area.objects.filter(team=team, archived=False).select_related("channel"))


def _handles(team: Team, own: Area | None, sub_team: str) -> list[str]:
    """Handles in order: of the sub-team, of the area, of the team."""
    wanted: list[str] = []
    if own is not None:
        if sub_team:
            for part in own.sub_teams.all():
                if part.name.lower() == sub_team.lower():
                    wanted += [part.handle, part.mention]
        wanted += own.handles
    wanted.append(team.user_group)
    return list(dict.fromkeys(each for each in (said.strip() for said in wanted) if each))


def _first_that_exists(wanted: Iterable[str], groups: Mapping[str, UserGroup]) -> UserGroup | None:
    names = [said.removeprefix("@").lower() for said in wanted]
    return next((groups[name] for name in names if name in groups), None)


def _lacks(team: Team, own: Area | None, *, has_channel: bool, wanted: list[str], has_handle: bool) -> list[str]:
    place = f"area {own} or of team {team}" if own else f"team {team}"
    lacks = []
    if not has_channel:
        lacks.append(f"No Slack channel is known for {team}: which one reads it? Add it to the page of {place}.")
    if not has_handle and wanted:
        handles = " nor ".join(_shown(said) for said in wanted)
        lacks.append(
            f"{'None of them exists in Slack' if len(wanted) > 1 else 'It does not exist in Slack'}: {handles}."
            f" Which handle helps support? Put it on the page of {place}."
        )
    elif not has_handle and own is not None and (parts := [part.name for part in own.sub_teams.all() if part.handle]):
        lacks.append(f"Which part of {team} helps: {' or '.join(parts)}? Each has a handle of its own.")
    elif not has_handle:
        lacks.append(f"No Slack handle is known for {team}: who helps support there? Add it to the page of {place}.")
    return lacks


def _shown(said: str) -> str:
    return said if said.startswith("@") else f"@{said}"
