"""A policy as somebody asks for it, whichever door they came through. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from apps.sla.audiences import Audience


@dataclass(frozen=True)
class TierSpec:
    """So long after the start, tell these people; only the field that `kind` asks for is looked at.

    kind: one of audiences.KINDS. user_group: a Slack id or handle. group: a named group's slug.
    agents: emails. channel: a Slack id. message: empty means the usual words.
    role: of whom is on duty. rotation: its slug; empty, in a policy for pages or requests, means those of the team
    that is paged or has the request, and in one for incidents those of the Sustained Engineering Team.
    """

    after: timedelta
    kind: str
    user_group: str = ""
    group: str = ""
    agents: tuple[str, ...] = ()
    channel: str = ""
    message: str = ""
    role: str = ""
    rotation: str = ""


@dataclass(frozen=True)
class PromiseSpec:
    """What will have happened within how long, and who hears on the way, soonest first.

    repeat: how often a page begins anew.
    """

    kind: str
    within: timedelta
    tiers: tuple[TierSpec, ...]
    repeat: int = 0


@dataclass(frozen=True)
class PolicySpec:
    """A whole policy. Plans and teams by slug, channels by Slack id; empty conditions mean any.

    position: counted from 1; the others make way. None keeps an existing policy where it is and puts a new one
    before the fallback.
    """

    name: str
    applies_to: str = "ticket"
    position: int | None = None
    enabled: bool = True
    plans: tuple[str, ...] = ()
    without_plan: bool = False
    teams: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    excluded_types: tuple[str, ...] = ("feedback",)
    promises: tuple[PromiseSpec, ...] = ()


def audience_of(tier: TierSpec, label: str) -> Audience:
    """Whom the tier means, with only what its kind asks for."""
    return Audience(
        kind=tier.kind,
        user_group=tier.user_group if tier.kind == "user_group" else "",
        group=tier.group if tier.kind == "group" else "",
        agents=tier.agents if tier.kind == "agents" else (),
        channel=tier.channel if tier.kind == "channel" else "",
        role=tier.role if tier.kind == "rotation" else "",
        rotation=tier.rotation if tier.kind == "rotation" else "",
        label=label,
    )
