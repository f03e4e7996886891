"""What an RCA begins with: what is known already, and what somebody must find out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.sla.durations import spell

CAUSES = """\
**What set it off**


**What made it possible**


**Why we did not notice earlier**


**What helped, and what got in the way**

"""
# Beside each field: what belongs there.
HINTS = {
    "summary": "What happened, in a few sentences that somebody of another team understands.",
    "impact": "Who could not do what, for how long, and what of it is still so.",
    "timeline": "From the story, in Markdown: leave out what nobody needs, and add what is known by now.",
    "causes": "Ask why until the answer is something we can change. No names: people did what seemed right.",
    "actions": "What is done so that it does not happen again, by whom and until when.",
}


@dataclass(frozen=True)
class Hit:
    """A component was so for a while; no end: it still is."""

    name: str
    status: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Known:
    """What is known of an incident when its RCA is begun."""

    number: str
    title: str
    severity: str
    meaning: str
    reported_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    public_at: datetime | None
    hits: Sequence[Hit] = ()
    tickets: Sequence[str] = ()
    customers: Sequence[str] = ()


def begun(known: Known, timeline: str) -> dict[str, str]:
    """The texts an RCA begins with."""
    return {"summary": _summary(known), "impact": _impact(known), "timeline": timeline, "causes": CAUSES}


def _summary(known: Known) -> str:
    began = f"It began {_at(known.reported_at)}"
    if known.closed_at is None:
        return f"{known.title}. {began}, and is not over."
    took = spell(known.closed_at - known.reported_at)
    return f"{known.title}. {began} and was over {_at(known.closed_at)}, after {took}."


def _impact(known: Known) -> str:
    lines = [f"{known.severity}: {known.meaning}"]
    for hit in known.hits:
        until = f"to {_at(hit.until)} ({spell(hit.until - hit.since)})" if hit.until else "and still is"
        lines.append(f"{hit.name}: {hit.status.lower()} from {_at(hit.since)} {until}")
    if known.tickets:
        whose = f", of {', '.join(known.customers)}" if known.customers else ""
        count = f"{len(known.tickets)} ticket{'s' if len(known.tickets) != 1 else ''}"
        lines.append(f"{count}{whose}: {', '.join(known.tickets)}")
    if known.acknowledged_at:
        lines.append(f"Acknowledged {_after(known, known.acknowledged_at)}")
    if known.public_at:
        lines.append(f"The public was told {_after(known, known.public_at)}")
    return "\n".join(f"- {each}" for each in lines)


def _after(known: Known, at: datetime) -> str:
    passed = at - known.reported_at
    return f"after {spell(passed)}" if passed >= timedelta(minutes=1) else "at once"


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
