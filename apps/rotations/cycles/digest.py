"""A digest's words before its lead makes them their own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.rotations.cycles import progress

MOST_LINES = 15


@dataclass(frozen=True)
class OpenItem:
    """Something that is open in the team, such as a page."""

    title: str
    owner: str
    since: datetime


@dataclass(frozen=True)
class Told:
    """An item of the checklist: what, in which state, and its note."""

    text: str
    state: str
    note: str = ""


def draft(
    *,
    title: str,
    phase: str,
    ends_at: datetime,
    zone: ZoneInfo,
    on_duty: Sequence[tuple[str, Sequence[str]]],
    sections: Iterable[tuple[str, Sequence[OpenItem] | None]],
    checklist: Sequence[Told],
) -> str:
    """What is known: who is on duty, what is open, what is done and what is not, in lines a person can change.

    on_duty: names by role. sections: what is open, by kind; None: it could not be read, which is said.
    """
    people = "; ".join(f"{role}: {', '.join(names) or 'nobody'}" for role, names in on_duty)
    lines = [f"{title} is in {phase} and ends on {_at(ends_at, zone)}.", f"On duty: {people or 'nobody'}.", ""]
    for name, items in sections:
        if items is None:
            lines.append(f"{name}: could not be read just now.")
            continue
        lines.append(f"{name}: {f'{len(items)} open' if items else 'none open'}")
        said = [f"{each.title} ({each.owner or 'nobody has it'}, since {_at(each.since, zone)})" for each in items]
        lines += _listed(said)
    lines += ["", f"Checklist: {progress.words(each.state for each in checklist)}"]
    for heading, state in (("Overdue", progress.OVERDUE), ("Done", progress.DONE)):
        # What is done every day is said once.
        said = list(dict.fromkeys(_noted(each) for each in checklist if each.state == state))
        if said:
            lines += [f"{heading}:", *_listed(said)]
    return "\n".join(lines).strip()


def _listed(said: Sequence[str]) -> list[str]:
    more = [f"• and {len(said) - MOST_LINES} more"] if len(said) > MOST_LINES else []
    return [f"• {each}" for each in said[:MOST_LINES]] + more


def _noted(told: Told) -> str:
    return f"{told.text}: {told.note}" if told.note else told.text


def _at(instant: datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    return f"{local:%-d %b %H:%M} {local.tzname()}"
