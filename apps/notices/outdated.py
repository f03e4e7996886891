"""Messages that waited so long that they are no longer true."""

from __future__ import annotations

from collections.abc import Sequence

from apps.escalations.models import Clock
from apps.notices.events import NoticeDropped
from apps.notices.models import Notice
from apps.trail.models import StoredEvent


def drop_reasons(waiting: Sequence[Notice]) -> dict[int, str]:
    """Why some of these need not be said any more, by key; the rest still holds.

    A tier's message is outdated when the promise it is about runs no longer: who connects Slack in the evening
    should not wake people for what was answered in the morning. And when a higher tier of the same promise waits
    for the same thread, that one speaks, as in a sweep after an outage. Costs two queries.
    """
    tiers = {
        event_id: (clock, tier)
        for event_id, clock, tier in StoredEvent.objects.filter(
            event_id__in=[notice.event_id for notice in waiting], type="EscalationReached"
        ).values_list("event_id", "payload__clock", "payload__tier")
    }
    ended = dict(
        Clock.objects.filter(pk__in={clock for clock, _ in tiers.values()})
        .exclude(state=Clock.State.RUNNING)
        .values_list("pk", "state")
    )
    highest: dict[tuple[int, str], int] = {}
    for notice in waiting:
        if notice.event_id in tiers:
            clock, tier = tiers[notice.event_id]
            place = (clock, notice.recipient)
            highest[place] = max(tier, highest.get(place, tier))
    reasons = {}
    for notice in waiting:
        if notice.event_id not in tiers:
            continue
        clock, tier = tiers[notice.event_id]
        higher = highest[clock, notice.recipient]
        if clock in ended:
            answered = ended[clock] in (Clock.State.MET, Clock.State.MISSED)
            reasons[notice.pk] = "the ticket was answered meanwhile" if answered else "the promise ended meanwhile"
        elif higher > tier:
            reasons[notice.pk] = f"tier {higher} speaks instead"
    return reasons


def dropped(notice: Notice, because: str) -> NoticeDropped:
    """The event of a message that was not said."""
    return NoticeDropped(notice=notice.pk, summary=notice.summary, channel=notice.channel, because=because)
