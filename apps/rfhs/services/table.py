"""Loading a routing table: what is not there is made, what managers have is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.people import services as people
from apps.people.models import Channel, Team
from apps.rfhs.models import Area, RoutingException, SubTeam
from apps.rfhs.routing.reading import Listed, slug_of
from apps.trail.managed import saving


@dataclass
class Loaded:
    """What loading did, each in a line."""

    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    # What a person has to add, so that the areas can be used.
    asked: list[str] = field(default_factory=list)


@transaction.atomic
def load_table(areas: Sequence[Listed], *, now: datetime) -> Loaded:
    """Every area of the table stands, with its team; one that is there already stays as its managers made it.

    Only where neither it nor its team had a Slack channel, and the table's is known by now, it gets that.
    """
    done = Loaded()
    known = {area.slug: area for area in Area.objects.select_related("team__channel", "channel")}
    by_name = {area.name.lower(): area for area in known.values()}
    first = max((area.position for area in known.values()), default=0)
    for place, listed in enumerate(areas, start=first + 1):
        kept = known.get(listed.slug) or by_name.get(listed.name.lower())
        if kept is None:
            _make(listed, place, done, now=now)
        elif not _give_channel(kept, listed, done, now=now):
            done.kept.append(f"area {kept} of {kept.team}")
    return done


def _make(listed: Listed, position: int, done: Loaded, *, now: datetime) -> None:
    kind = Team.Kind.ENGINEERING if listed.engineering else Team.Kind.OTHER
    team = _team(listed.team, kind, done, now=now)
    area = Area(
        slug=listed.slug,
        name=listed.name,
        team=team,
        engineering=listed.engineering,
        keywords=list(listed.keywords),
        any_language=listed.any_language,
        channel=_channel(listed, done, has_another=team.channel is not None),
        handles=list(listed.handles),
        label=listed.label,
        note=listed.note,
        tie_break=listed.tie_break,
        position=position,
    )
    with saving(area, now=now):
        area.save()
        for part in listed.parts:
            SubTeam.objects.create(
                area=area,
                name=part.name,
                handle=part.handle,
                mention=part.mention,
                label=part.label,
                about=part.about,
                keywords=list(part.keywords),
            )
        for each in listed.exceptions:
            # Engineering's questions go to another of its teams.
            other = _team(each.team, kind, done, now=now)
            RoutingException.objects.create(area=area, keyword=each.keyword, team=other, until=each.until, via=each.via)
    words = f"{len(listed.keywords)} keywords{' and any programming language' if listed.any_language else ''}"
    done.made.append(f"area {area} of {team}, with {words}")


def _team(name: str, kind: str, done: Loaded, *, now: datetime) -> Team:
    known = Team.objects.filter(Q(name__iexact=name) | Q(slug=slug_of(name))).select_related("channel").first()
    if known is None:
        known = people.save_team(None, slug=slug_of(name), name=name, kind=kind, now=now)
        done.made.append(f"team {known} ({known.get_kind_display().lower()})")
    return known


def _channel(listed: Listed, done: Loaded, *, has_another: bool) -> Channel | None:
    found = Channel.objects.filter(name__iexact=listed.channel).first() if listed.channel else None
    if found is None and not has_another:
        which = f"#{listed.channel} is not known here yet" if listed.channel else "the table names none"
        done.asked.append(f"A Slack channel for {listed.name} ({listed.team}): {which}.")
    return found


def _give_channel(area: Area, listed: Listed, done: Loaded, *, now: datetime) -> bool:
    if area.archived or area.channel or area.team.channel:
        return False
    found = _channel(listed, done, has_another=False)
    if found is None:
        return False
    with saving(area, now=now):
        area.channel = found
        area.save(update_fields=["channel"])
    done.made.append(f"channel {found} for area {area}")
    return True
