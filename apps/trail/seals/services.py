"""What is recorded of verifying, and of showing the newest seal outside."""

from __future__ import annotations

from datetime import datetime

from apps.trail import services as trail
from apps.trail.reacting import Recorded
from apps.trail.seals import selectors
from apps.trail.seals.events import SealHeadShown, TrailTampered, TrailVerified
from apps.trail.seals.models import Seal
from apps.trail.seals.verifying import Verified

STREAM = "trail:seals"
MOST_FOUND = 5


def record_outcome(verified: Verified, *, now: datetime) -> Recorded[TrailVerified] | Recorded[TrailTampered] | None:
    """What was found is on the trail; None when there was nothing to look through."""
    if not verified.holds:
        first = verified.findings[0]
        found = [finding.says for finding in verified.findings[:MOST_FOUND]]
        tampered = TrailTampered(seal=first.seal, found=found, position=first.position)
        return trail.record(tampered, about=[STREAM], now=now)
    if verified.newest is None:
        return None
    holds = TrailVerified(
        seals=verified.seals,
        events=verified.events,
        first=verified.first or 1,
        newest=verified.newest.number,
        hash=bytes(verified.newest.hash).hex(),
    )
    return trail.record(holds, about=[STREAM], now=now)


def show_head(*, channel: str, now: datetime) -> Seal | None:
    """The newest seal is told to the channel, which notices do; None when there is none yet."""
    newest = selectors.newest()
    if newest is None:
        return None
    shown = SealHeadShown(newest=newest.number, hash=bytes(newest.hash).hex(), channel=channel)
    trail.record(shown, about=[STREAM], now=now)
    return newest
