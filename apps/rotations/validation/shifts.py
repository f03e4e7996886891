"""Why a shift cannot be as it is asked for: what every door looks at."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from apps.people.models import Agent
from apps.rotations.models import Shift
from apps.trail.instants import slip_in

# Longer is a slip in the year.
LONGEST = timedelta(days=366)

Problems = dict[str, list[str]]


def problems(
    shift: Shift | None,
    *,
    agent: Agent | None,
    kind: str | None,
    product: str,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> Problems:
    """What is wrong by field if `shift` (None: a new one) became like that; empty when it can.

    What is None could not be read, and is left out.
    """
    found: Problems = {}
    if agent is not None and not agent.is_active and (shift is None or shift.agent_id != agent.pk):
        found["agent"] = [f"{agent} does not work here any more. Choose somebody who does."]
    if kind == Shift.Kind.EMBEDDED and not product.strip():
        found["product"] = ["Say which product the agent is embedded in."]
    if kind == Shift.Kind.SUPPORT and product.strip():
        found["product"] = ["Only an embedded shift has a product. Leave it empty, or make the shift an embedded one."]
    for name, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if at is not None and (slip := slip_in(at)):
            found[name] = [slip]
    if starts_at is None or ends_at is None or {"starts_at", "ends_at"} & found.keys():
        return found
    if ends_at <= starts_at:
        found["ends_at"] = ["The shift must end after it starts."]
    elif ends_at - starts_at > LONGEST:
        found["ends_at"] = [f"A shift is at most {LONGEST.days} days long."]
    elif agent is not None and kind in Shift.Kind.values:
        other = overlapping(shift, agent=agent, starts_at=starts_at, ends_at=ends_at, kind=kind)
        if other is not None:
            found["starts_at"] = [
                f"{other} is on then already, from {_spell(other.starts_at)} to {_spell(other.ends_at)}. "
                "Change that shift, or choose other times."
            ]
    return found


def overlapping(
    shift: Shift | None, *, agent: Agent, starts_at: datetime, ends_at: datetime, kind: str
) -> Shift | None:
    """The agent's first other shift of this kind with an instant in the interval; a handoff is none."""
    others = Shift.objects.select_related("agent").filter(
        agent=agent, kind=kind, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    return others.exclude(pk__in=[shift.pk] if shift else []).order_by("starts_at", "pk").first()


def why_it_stays(shift: Shift, *, now: datetime) -> str:
    """Why the shift cannot be cancelled; empty when it can, since it has not begun."""
    if shift.starts_at > now:
        return ""
    if shift.ends_at > now:
        return "This shift has begun, and who was on it may have been told. Give it an earlier end instead."
    return "This shift is over: it says who was there, so it stays."


def _spell(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%-d %b %Y %H:%M} {local.tzname()}"
