"""What is told of the days ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.rotations.events import RotationName, RotationSlug, span
from apps.trail.events import Event, Personal

Zone = Annotated[str, "The rotation's time zone"]
Until = Annotated[datetime, "Up to when was looked"]
Channel = Annotated[str, "The Slack id of the rotation's channel, else of its team's; empty where there is none"]
Troubles = Annotated[
    list[dict[str, Any]],
    Personal,
    "What is wrong, each as {kind, role, start, end, person, label}; kind is gap, leave or gone, person a name",
]


@dataclass(frozen=True, kw_only=True)
class CoverageWarned(Event):
    """Something of the days ahead is not covered, and nobody was warned of it yet."""

    rotation: RotationSlug
    name: RotationName
    zone: Zone
    until: Until
    troubles: Troubles
    leads: Annotated[list[dict[str, str]], Personal, "Who leads and hears in person, each as {name, slack_id}"]
    channel: Channel

    def sentence(self) -> str:
        first = self.troubles[0]
        when = span(datetime.fromisoformat(first["start"]), datetime.fromisoformat(first["end"]))
        what = {
            "gap": f"nobody is on as {first['role']}",
            "leave": f"{first['person']} is on as {first['role']} while away",
            "gone": f"{first['person']}, who works here no more, would be on as {first['role']}",
        }[first["kind"]]
        more = f", and {len(self.troubles) - 1} more" if len(self.troubles) > 1 else ""
        return f"Warned of {self.name}: {what}, {when}{more}"


@dataclass(frozen=True, kw_only=True)
class WeekAhead(Event):
    """Who is on in the coming week is told in the rotation's channel."""

    rotation: RotationSlug
    name: RotationName
    zone: Zone
    since: Annotated[datetime, "From when on"]
    until: Until
    shifts: Annotated[
        list[dict[str, Any]], Personal, "Who is on, each as {role, names, start, end}; no names: nobody is"
    ]
    troubles: Troubles
    channel: Channel

    def sentence(self) -> str:
        return f"The week ahead in {self.name} was told: {span(self.since, self.until)}"
