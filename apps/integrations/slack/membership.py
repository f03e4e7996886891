"""Who is in which channel, as Slack said last: read by a job, asked by pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.integrations.slack.gateway import Gateway, GatewayError, RateLimited, Refused, Unreachable
from apps.integrations.slack.models import ChannelMembers
from apps.people.models import Agent
from apps.rotations.handovers import selectors as handovers
from apps.rotations.handovers.selectors import with_people
from apps.rotations.models import HandOver, HandOverPerson

# Slack allows a hundred such calls a minute.
MOST = 50


@dataclass(frozen=True)
class Membership:
    """What is known of a channel: its members at an instant, or a reason why nobody knows."""

    member_ids: frozenset[str]
    read_at: datetime | None
    problem: str


def wanted(*, now: datetime) -> list[str]:
    """The channels of the hand-overs whose people have not changed yet; those asked longest ago come first."""
    open_ones = with_people(HandOver.objects.filter(changes_at__gt=now, rotation__archived_at=None))
    found = {
        place.slack_id
        for handover in open_ones
        for place in handovers.places(handover, handovers.sections(handover.rotation.team))
    }
    asked = dict(ChannelMembers.objects.filter(slack_id__in=found).values_list("slack_id", "asked_at"))
    return sorted(found, key=lambda channel: (channel in asked, asked.get(channel, now), channel))[:MOST]


def coming(channels: Iterable[str], *, now: datetime) -> list[tuple[int, list[tuple[str, Agent]]]]:
    """For each hand-over whose people have not changed yet: who comes, with each of `channels` they must be in."""
    asked = set(channels)
    open_ones = with_people(HandOver.objects.filter(changes_at__gt=now, rotation__archived_at=None)) if asked else ()
    found = []
    for handover in open_ones:
        places = handovers.places(handover, handovers.sections(handover.rotation.team))
        there = [place.slack_id for place in places if place.slack_id in asked]
        people = [row.agent for row in handovers.on_side(handover, HandOverPerson.Side.INCOMING) if row.agent.is_active]
        found.append((handover.pk, [(channel, agent) for channel in there for agent in people]))
    return found


def read(channels: Iterable[str], gateway: Gateway, *, clock: Callable[[], datetime]) -> int:
    """Each channel's members are known as Slack has them now; how many could be read. The last good copy stays."""
    count = 0
    for channel in channels:
        try:
            members = gateway.members(channel)
        except (RateLimited, Unreachable):
            # The others would hear the same; they are asked first next time.
            break
        except GatewayError as error:
            _keep(channel, clock(), error=_reason(error))
        else:
            _keep(channel, clock(), member_ids=members)
            count += 1
    return count


def known(channels: Iterable[str]) -> dict[str, Membership]:
    """What is known of these channels; nothing of those that were never asked for."""
    rows = ChannelMembers.objects.filter(Q(read_at__isnull=False) | ~Q(error=""), slack_id__in=list(channels))
    return {row.slack_id: Membership(frozenset(row.member_ids), row.read_at, row.error) for row in rows}


def _keep(channel: str, at: datetime, *, member_ids: list[str] | None = None, error: str = "") -> None:
    told: dict[str, object] = {"asked_at": at, "error": error[:300]}
    if member_ids is not None:
        told |= {"member_ids": member_ids, "read_at": at}
    ChannelMembers.objects.update_or_create(slack_id=channel, defaults=told)


def _reason(error: GatewayError) -> str:
    if isinstance(error, Refused) and error.error in ("channel_not_found", "not_in_channel"):
        return "The bot is not in it: invite it there."
    return str(error)
