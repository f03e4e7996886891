"""What people read instead of Statuspage's words, and where nobody wrote any. Pure."""

from __future__ import annotations

from datetime import timedelta

from apps.statuspage.snapshot import PublicUpdate

COMPONENT = {
    "operational": "Operational",
    "under_maintenance": "Under maintenance",
    "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage",
    "major_outage": "Major outage",
}
INCIDENT = {
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
    "scheduled": "Scheduled",
    "in_progress": "In progress",
    "verifying": "Verifying",
    "completed": "Completed",
}
IMPACT = {
    "none": "No impact",
    "minor": "Minor impact",
    "major": "Major impact",
    "critical": "Critical impact",
    "maintenance": "Maintenance",
}
BANNERS = {
    "operational": "Everything works as it should.",
    "degraded": "Something does not work as it should. What is known is below.",
    "outage": "Something does not work. What is known is below.",
    "maintenance": "Planned work is under way. What it touches is below.",
    "unknown": "We have not heard from our own systems for more than five minutes, so what is below is how things were "
    "last known to be.",
}
USUAL = {
    "investigating": "We are investigating this incident.",
    "identified": "The cause has been identified, and a fix is being made.",
    "monitoring": "A fix is in place, and we are watching the results.",
    "resolved": "This incident has been resolved.",
    "postmortem": "What happened, and why, can be read now.",
    "scheduled": "This maintenance is planned.",
    "in_progress": "This maintenance has begun.",
    "verifying": "The work is done and is being checked.",
    "completed": "This maintenance has been completed.",
}


def body_of(update: PublicUpdate) -> str:
    """What an update says, as Markdown: its own text, or what its status means."""
    return update.body or USUAL.get(update.status, "")


def lasting(span: timedelta) -> str:
    """2 h 5 min."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    # Never broken over two lines.
    parts = [f"{count}\u00a0{unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return "\u00a0".join(parts[:2])
