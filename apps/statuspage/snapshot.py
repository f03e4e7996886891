"""What the public may know, as values: an allow-list, so what is not named here reaches nobody outside. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class ComponentChange:
    """What an update changed of a component; statuses are Statuspage's words."""

    component: str
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class PublicUpdate:
    """One word to the public. `body` is Markdown and may be empty where a status alone changed."""

    id: str
    status: str
    body: str
    at: datetime
    updated_at: datetime
    components: tuple[ComponentChange, ...] = ()


@dataclass(frozen=True)
class PublicIncident:
    """An incident as the public was last told of it; `updates` newest first, never empty.

    `point`, `contact` and `modified_by` (whose the newest update is) are public names, empty where somebody set none.
    `components`: public id to how the incident leaves it now.
    """

    id: str
    number: str
    title: str
    status: str
    impact: str
    severity: str
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    updates: tuple[PublicUpdate, ...]
    components: dict[str, str]
    point: str = ""
    contact: str = ""
    modified_by: str = ""
    rca_url: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the public was not told that it is over."""
        return self.resolved_at is None


@dataclass(frozen=True)
class Interval:
    """A component was so between two instants; no end: it still is. `cause`: whose, an incident or maintenance."""

    status: str
    start: datetime
    end: datetime | None
    cause: str


@dataclass(frozen=True)
class PublicComponent:
    """A component. `status` is how it is now; `intervals` are all of what was not as it should be, in no order."""

    id: str
    name: str
    description: str
    status: str
    group: str
    position: int
    showcase: bool
    only_show_if_degraded: bool
    start_date: date
    created_at: datetime
    updated_at: datetime
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class PublicGroup:
    """Components that are shown together; a group without a public component is not here."""

    id: str
    name: str
    position: int
    created_at: datetime
    updated_at: datetime
    components: tuple[str, ...]


@dataclass(frozen=True)
class PublicMaintenance:
    """Planned work; `updates` newest first, never empty. `components`: public ids."""

    id: str
    title: str
    status: str
    scheduled_for: datetime
    scheduled_until: datetime
    started_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    updated_at: datetime
    updates: tuple[PublicUpdate, ...]
    components: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is ahead or running."""
        return self.ended_at is None


@dataclass(frozen=True)
class Page:
    """Whose page it is; `url` is the portal's address without a slash at its end, `time_zone` an IANA name."""

    id: str
    name: str
    url: str
    time_zone: str

    @property
    def home(self) -> str:
        """The address of the page itself."""
        return f"{self.url}/status/"

    def incident(self, id: str) -> str:
        """The address of an incident's page."""
        return f"{self.url}/status/incidents/{id}/"

    def maintenance(self, id: str) -> str:
        """The address of a maintenance's page."""
        return f"{self.url}/status/maintenance/{id}/"


@dataclass(frozen=True)
class Snapshot:
    """All the public may know at `at`: components in their order, incidents and maintenance newest first.

    `words`: impact to the banner's words, of the table of severities. `updated_at`: the last public change.
    """

    page: Page
    at: datetime
    updated_at: datetime
    components: tuple[PublicComponent, ...]
    groups: tuple[PublicGroup, ...]
    incidents: tuple[PublicIncident, ...]
    maintenances: tuple[PublicMaintenance, ...]
    words: dict[str, str]

    @property
    def open_incidents(self) -> Sequence[PublicIncident]:
        """Those that are not over."""
        return [each for each in self.incidents if each.is_open]
