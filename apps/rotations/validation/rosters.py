"""Why a roster cannot be so, or not from then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.people.models import Agent
from apps.rotations.models import Layer
from apps.rotations.turning import Handoff
from apps.trail.instants import slip_in

MOST_TURNS = 200
MOST_SHARING = 20

Problems = dict[str, list[str]]


def roster_problems(turns: Sequence[Sequence[str]]) -> Problems:
    """What is wrong with who takes turns, by path: "" is about them all, ".2" about the third turn.

    Nobody at all is accepted: it is warned about, not refused.
    """
    if len(turns) > MOST_TURNS:
        return {"": [f"A roster has at most {MOST_TURNS} turns."]}
    found: Problems = {}
    named = {email.lower() for turn in turns for email in turn}
    agents = {agent.email: agent for agent in Agent.objects.filter(email__in=named)}
    for place, turn in enumerate(turns):
        said = []
        if not turn:
            said.append("Say who takes this turn, or leave it out.")
        if len(turn) > MOST_SHARING:
            said.append(f"At most {MOST_SHARING} people share a turn.")
        if len({email.lower() for email in turn}) < len(turn):
            said.append("Name each person of a turn once.")
        said += [f"There is no agent “{email}”." for email in turn if email.lower() not in agents]
        if said:
            found[f".{place}"] = said
    return found


def why_not_at(at: datetime, layer: Layer, handoff: Handoff | None, *, now: datetime) -> str:
    """Why a roster cannot take over at this instant; empty when it can."""
    if slip := slip_in(at):
        return slip
    if at < now:
        return "What was is kept as it was: choose an instant to come."
    if layer.kind == Layer.Kind.TURNS and handoff is not None and handoff.number > 0 and at < handoff.at:
        local = handoff.at.astimezone(ZoneInfo(layer.rotation.time_zone))
        return (
            f"The turn that runs now stays as it is until {local:%-d %b %Y %H:%M} {local.tzname()}: choose that or "
            "later, or make an override."
        )
    return ""
