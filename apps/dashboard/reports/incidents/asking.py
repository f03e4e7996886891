"""What is asked of the figures: a period, and which incidents of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from apps.dashboard.reports.months import BadPeriod, Period, read
from apps.incidents.models import SEVERITIES, Component

# What the incidents behind a figure have in common, in words.
ONLY: Mapping[str, str] = {
    "open": "still open",
    "acknowledged": "acknowledged",
    "unacknowledged": "acknowledged by nobody yet",
    "resolved": "resolved",
    "told": "told to the public",
    "untold": "not told to the public",
    "unnamed": "without a component",
}


class BadQuestion(ValueError):
    """The message says what can be asked; `field` is the parameter that is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True)
class Asked:
    """The incidents reported in a period, of one severity and component where these are named."""

    period: Period
    severity: str = ""
    component: Component | None = None
    only: tuple[str, ...] = ()

    @property
    def said(self) -> list[tuple[str, str]]:
        """The same as parameters of an address."""
        said = [("from", str(self.period.first)), ("until", str(self.period.last))]
        said += [("severity", self.severity)] if self.severity else []
        said += [("component", self.component.slug)] if self.component else []
        return said + [("only", each) for each in self.only]

    @property
    def words(self) -> str:
        """What narrows it, for people."""
        words = [self.severity] if self.severity else []
        words += [str(self.component)] if self.component else []
        return ", ".join(words + [ONLY[each] for each in self.only])


def understand(said: Mapping[str, str], only: Sequence[str] = (), *, today: date, zone: ZoneInfo) -> Asked:
    """What the parameters from, until, severity, component and `only` ask. Raises BadQuestion."""
    try:
        period = read(said.get("from", ""), said.get("until", ""), today=today, zone=zone)
    except BadPeriod as bad:
        raise BadQuestion(bad.field, str(bad)) from bad
    severity, slug = said.get("severity", ""), said.get("component", "")
    known = [name for name, _ in SEVERITIES]
    if severity and severity not in known:
        raise BadQuestion("severity", f"The severity is one of {', '.join(known)}, not “{severity[:40]}”.")
    component = None
    if slug:
        component = Component.objects.filter(slug=slug.replace("\x00", "")).first()
        if component is None:
            raise BadQuestion("component", f"There is no component “{slug[:60]}”.")
    if unknown := [each for each in only if each not in ONLY]:
        raise BadQuestion("only", f"Incidents can be {', '.join(ONLY)}, not “{unknown[0][:40]}”.")
    return Asked(period, severity, component, tuple(only))
