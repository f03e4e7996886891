"""The words of the page where nobody wrote any. Pure."""

from __future__ import annotations

from apps.statuspage.snapshot import PublicUpdate

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
