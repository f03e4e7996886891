"""The checklist a cycle begins with. Pure. Mattermost SET handbook: phases, sources of escalations, hand-over."""

from __future__ import annotations

from typing import NamedTuple

from apps.rotations.cycles.phases import DAILY, HANDOVER, MONITOR, ONCE, START, SWAP, TWICE, WEEKLY


class Entry(NamedTuple):
    """An item of the template; what `hours` are counted from is said in ChecklistItem."""

    part: str
    text: str
    repeats: str = ONCE
    hours: int = 8
    by_digest: bool = False
    by_handover: bool = False


def checklist(*, asks_a_day: int = 1) -> tuple[Entry, ...]:
    """asks_a_day: how often Ask R&D is looked at, once or twice."""
    return (
        Entry(START, "Every ongoing item has an owner in this team"),
        Entry(START, "The board's tickets are in the order of priority"),
        Entry(START, "Everybody on duty is in the team's channel, and its topic names them"),
        Entry(MONITOR, "Sources looked at: pages, the team's channel, the board", DAILY),
        Entry(MONITOR, "Ask R&D looked at", TWICE if asks_a_day == 2 else DAILY),
        Entry(MONITOR, "Every L1 and L2 incident has an update of today", DAILY),
        Entry(MONITOR, "Status digest sent to the stakeholders", WEEKLY, by_digest=True),
        Entry(SWAP, "Whoever is primary next knows what is open", hours=0, by_handover=True),
        Entry(HANDOVER, "Incoming people are in the channels of the incidents that go on", hours=0),
        Entry(HANDOVER, "Open tickets and pages have owners in the incoming team", hours=0),
        Entry(HANDOVER, "What they need beside tickets and channels is written down", hours=0),
    )
