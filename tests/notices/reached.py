"""A reached tier with plain defaults, and what is on the trail and in the outbox because of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apps.escalations.events import EscalationReached
from apps.notices.models import Notice
from apps.trail import services as trail
from apps.trail.reacting import Recorded
from tests.make import NOW

MINUTE = timedelta(minutes=1)
ANA = {"name": "Ana", "email": "ana@example.com", "slack_id": "UANA", "because": "is on shift"}
BEN = {"name": "Ben", "email": "ben@example.com", "slack_id": "", "because": "is on shift"}
THREAD = "1773824400.000100"


def reached(number: str = "4711", *, at: datetime = NOW, **fields: Any) -> EscalationReached:
    """Tier 1 of Enterprise, reached at `at`, ten minutes after the ticket came; it means Ana."""
    defaults: dict[str, Any] = {
        "check": 1,
        "clock": 1,
        "number": number,
        "subject": "It broke",
        "url": "https://desk.example.com/4711",
        "customer": "Acme",
        "plan": "Enterprise",
        "severity": "urgent",
        "type": "problem",
        "policy": "Enterprise",
        "promise": "first_response",
        "within": 50 * MINUTE,
        "tier": 1,
        "audience": {"kind": "not_embedded", "label": "Support on shift, not embedded"},
        "people": [ANA],
        "mentions": [],
        "channels": [],
        "notes": [],
        "message": "",
        "started_at": at - 10 * MINUTE,
        "due_at": at + 40 * MINUTE,
        "check_due_at": at,
        "next_tier": {
            "tier": 2,
            "due_at": (at + 10 * MINUTE).isoformat(),
            "label": "Everybody on shift, embedded too",
        },
        "unknown_since": None,
        "channel": "C100",
        "thread_ts": THREAD,
        "skipped": [],
    }
    return EscalationReached(**{**defaults, **fields})


def record(*events: EscalationReached, now: datetime) -> list[Recorded[Any]]:
    """The events are on the trail, each about its ticket; their notices are owed."""
    return trail.record_many(
        [trail.Happening(event=event, about=[f"ticket:{event.number}"]) for event in events], now=now
    )


def owe(number: str = "4711", *, now: datetime, **fields: Any) -> Notice:
    """One notice that waits since `now`."""
    [entry] = record(reached(number, at=now, **fields), now=now)
    return Notice.objects.get(event_id=entry.id)
