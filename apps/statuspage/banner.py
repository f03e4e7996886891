"""How everything is, in one line: the words above the page, and Statuspage's indicator. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from apps.statuspage.snapshot import Snapshot

OPERATIONAL, DEGRADED, OUTAGE, MAINTENANCE, UNKNOWN = "operational", "degraded", "outage", "maintenance", "unknown"
ALL_WELL = "All Systems Operational"
MAINTAINED = "Service Under Maintenance"
NOT_KNOWN = "Status Unknown"
INDICATORS = ("none", "minor", "major", "critical")
# How bad an incident is that leaves a component so.
OF_COMPONENTS = {
    "operational": "none",
    "under_maintenance": "none",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}
USUAL = {
    "none": ALL_WELL,
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}


@dataclass(frozen=True)
class Banner:
    """`kind`: operational, degraded, outage, maintenance or unknown. `indicator`: Statuspage's word."""

    kind: str
    indicator: str
    words: str


def banner(snapshot: Snapshot, *, current: bool) -> Banner:
    """The worst of the open incidents and the components; maintenance only where nothing is wrong.

    Not current: nobody knows. Clients know no such indicator, and `none` would tell them that all is well, so it is
    at least `minor`.
    """
    found = [each.impact for each in snapshot.open_incidents]
    found += [OF_COMPONENTS[each.status] for each in snapshot.components]
    worst = max(found, key=INDICATORS.index, default="none")
    if not current:
        return Banner(UNKNOWN, max(worst, "minor", key=INDICATORS.index), NOT_KNOWN)
    if worst != "none":
        kind = DEGRADED if worst == "minor" else OUTAGE
        return Banner(kind, worst, snapshot.words.get(worst) or USUAL[worst])
    if any(each.status in {"in_progress", "verifying"} for each in snapshot.maintenances):
        return Banner(MAINTENANCE, "maintenance", MAINTAINED)
    # A cosmetic incident is open, and a manager may call that another thing.
    words = snapshot.words.get("none") if snapshot.open_incidents else ""
    return Banner(OPERATIONAL, "none", words or ALL_WELL)
