"""What somebody asks of the trail, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from apps.trail.instants import slip_in

MOST_TYPES = 20
# The columns of the trail hold no more.
LONGEST = 200
WITHIN: Mapping[str, tuple[str, timedelta]] = {
    "1h": ("the last hour", timedelta(hours=1)),
    "24h": ("the last 24 hours", timedelta(hours=24)),
    "7d": ("the last 7 days", timedelta(days=7)),
    "30d": ("the last 30 days", timedelta(days=30)),
}
TEXTS = ("q", "customer", "person", "stream", "correlation", "within", "before")


@dataclass(frozen=True)
class Asked:
    """What the address says, as text where it has to be looked up; `problems` is what it cannot mean."""

    q: str = ""
    customer: str = ""
    person: str = ""
    types: tuple[str, ...] = ()
    stream: str = ""
    correlation: UUID | None = None
    # One of WITHIN: counted back from whenever the page is opened.
    within: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: str = ""
    problems: tuple[str, ...] = ()
    # What a field holds that cannot be read, to be shown in it again.
    unread: Mapping[str, str] = field(default_factory=dict)

    def window(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """From when to when, half-open."""
        since = now - WITHIN[self.within][1] if self.within else self.since
        return since, self.until

    def address(self, **changes: Any) -> str:
        """The query of an address that asks for this, with the changes; a page begins anew where nothing else says."""
        asked = replace(self, **{"before": "", **changes})
        given: list[tuple[str, str]] = [
            ("q", asked.q),
            ("customer", asked.customer),
            ("person", asked.person),
            *(("type", name) for name in asked.types),
            ("stream", asked.stream),
            ("correlation", str(asked.correlation or "")),
            ("within", asked.within),
            ("since", written(asked.since)),
            ("until", written(asked.until)),
            ("before", asked.before),
        ]
        return urlencode([(name, text) for name, text in given if text])

    @property
    def narrows(self) -> bool:
        """Whether it asks for anything but all."""
        return bool(self.address()) or bool(self.problems)


def read(given: QueryDict, zone: tzinfo) -> Asked:
    """What was asked; an instant without a zone is one of the reader's own."""
    texts = {name: given.get(name, "").strip()[:LONGEST].replace("\x00", "") for name in TEXTS}
    problems: list[str] = []
    unread: dict[str, str] = {}
    instants: dict[str, datetime | None] = {}
    for name in ("since", "until"):
        text = given.get(name, "").strip()[:LONGEST].replace("\x00", "")
        instants[name], problem = _instant(text, zone)
        if problem:
            problems.append(problem)
            unread[name] = text
    since, until = instants["since"], instants["until"]
    if since and until and since >= until:
        problems.append("The window ends before it begins: exchange From and Until.")
    correlation = None
    if texts["correlation"]:
        try:
            correlation = UUID(texts["correlation"])
        except ValueError:
            problems.append("That is no chain of events: take its link from an event's page.")
    within = texts["within"] if texts["within"] in WITHIN and not since and not until else ""
    names = (name.replace("\x00", "").strip()[:100] for name in given.getlist("type"))
    types = tuple(dict.fromkeys(filter(None, names)))[:MOST_TYPES]
    return Asked(
        **{name: texts[name] for name in ("q", "customer", "person", "stream", "before")},
        types=types,
        correlation=correlation,
        within=within,
        since=since,
        until=until,
        problems=tuple(problems),
        unread=unread,
    )


def is_lasting(given: QueryDict) -> bool:
    """Whether the address means the same to everybody: each instant with its zone, and nothing that says nothing."""
    instants = [text for name in ("since", "until") for text in given.getlist(name)]
    return all(text.endswith("Z") for text in instants) and all(text for _, texts in given.lists() for text in texts)


def _instant(text: str, zone: tzinfo) -> tuple[datetime | None, str]:
    if not text:
        return None, ""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        slip = slip_in(at)
        return (None, slip) if slip else (at.astimezone(UTC), "")
    except (ValueError, OverflowError):
        return None, f"“{text[:40]}” is no time: write it such as 2026-03-18 17:00."


def written(at: datetime | None) -> str:
    """The instant as it stands in an address."""
    if at is None:
        return ""
    return at.astimezone(UTC).isoformat(timespec="auto").removesuffix("+00:00").removesuffix(":00") + "Z"


def typed(at: datetime | None, zone: tzinfo) -> str:
    """The instant as a field for a date and a time holds it."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at else ""
