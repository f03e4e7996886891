"""The only writers of Slack events, of the messages seen, and of how far a channel was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import uuid_utils.compat as uuids
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from apps.integrations.slack.candidates import ts_of
from apps.integrations.slack.models import SlackEvent, SlackMessage, WatchedChannel
from apps.trail.later import enqueue

WORK = "apps.integrations.slack.jobs.work"
MOST_ATTEMPTS = 5
WOULD_SHOW = "would_show"
State = SlackEvent.State


def receive(*, key: str, kind: str, payload: Mapping[str, Any], now: datetime) -> bool:
    """The event is kept and a worker will work it; False when it was known, for Slack sends things again."""
    # The verification token is Slack's old shared secret; it is of no use to us, so it is not kept.
    kept = {name: value for name, value in payload.items() if name != "token"}
    try:
        with transaction.atomic():
            event = SlackEvent.objects.create(
                event_id=key[:200], kind=kind[:60], payload=kept, received_at=now, correlation_id=uuids.uuid7()
            )
            enqueue(WORK, event.pk)
    except IntegrityError:
        return False
    return True


def begin(pk: int) -> SlackEvent | None:
    """The event, with one more attempt counted; None when nobody waits for it any more.

    Counted before the work, so that one that kills its worker is not tried for ever.
    """
    waiting = SlackEvent.objects.filter(pk=pk, state=State.WAITING)
    if waiting.filter(attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1):
        return SlackEvent.objects.get(pk=pk)
    waiting.update(state=State.FAILED)
    return None


def finish(
    event: SlackEvent, *, remark: str = "", forget: bool = False, would_show: Mapping[str, Any] | None = None
) -> None:
    """The event is worked. With `forget` what people said in it is not kept, only that it came.

    would_show: the modal nobody could be shown, because Slack is not configured.
    """
    settled: dict[str, Any] = {"state": State.DONE, "error": remark[:300]}
    if would_show is not None:
        settled["payload"] = {**event.payload, WOULD_SHOW: dict(would_show)}
    if forget:
        settled["payload"] = {}
    SlackEvent.objects.filter(pk=event.pk, state=State.WAITING).update(**settled)


def would_show(pk: int, view: Mapping[str, Any]) -> None:
    """Instead of the modal nobody could be shown, this one: the first was sent, and turned into it."""
    event = SlackEvent.objects.get(pk=pk)
    SlackEvent.objects.filter(pk=pk).update(payload={**event.payload, WOULD_SHOW: dict(view)})


def fail(event: SlackEvent, reason: str, *, for_good: bool = False) -> None:
    """The attempt failed; after the fifth, or `for_good`, only a person can help."""
    over = for_good or event.attempts >= MOST_ATTEMPTS
    SlackEvent.objects.filter(pk=event.pk, state=State.WAITING).update(
        error=reason[:300], state=State.FAILED if over else State.WAITING
    )


@transaction.atomic
def work_again(events: QuerySet[SlackEvent]) -> int:
    """Failed events wait once more; how many."""
    keys = list(events.select_for_update().filter(state=State.FAILED).values_list("pk", flat=True))
    SlackEvent.objects.filter(pk__in=keys).update(state=State.WAITING, attempts=0, error="")
    for key in keys:
        enqueue(WORK, key)
    return len(keys)


def claim_message(
    channel: str, ts: str, payload: Mapping[str, Any], *, outcome: str, now: datetime
) -> SlackMessage | None:
    """The message is seen, once; None when it was seen before, or is being seen by another at this moment."""
    try:
        with transaction.atomic():
            return SlackMessage.objects.create(
                channel=channel[:20], ts=ts, payload=dict(payload), outcome=outcome, seen_at=now
            )
    except IntegrityError:
        return None


def settle_message(seen: SlackMessage, outcome: str, *, reason: str = "", ticket: int | None = None) -> None:
    """What became of the message is known."""
    seen.outcome, seen.reason, seen.ticket_id = outcome, reason[:300], ticket
    seen.save(update_fields=["outcome", "reason", "ticket_id", "payload"])


def scanned(watched: WatchedChannel, newest: str, *, now: datetime) -> None:
    """Everything up to `newest` is stored; the cursor never goes back, however many scans there are."""
    WatchedChannel.objects.filter(pk=watched.pk).update(scanned_at=now, reading_at=None, error="")
    # Nobody posts in the future, but a cursor from there would hide everything until then.
    if newest and newest <= ts_of(now):
        WatchedChannel.objects.filter(pk=watched.pk, cursor__lt=newest).update(cursor=newest)


def still_reading(watched: WatchedChannel, *, now: datetime) -> None:
    """A job goes on with the channel's backlog."""
    WatchedChannel.objects.filter(pk=watched.pk).update(reading_at=now)


def scan_failed(watched: WatchedChannel, reason: str) -> None:
    """The channel could not be read, and the page of watched channels says why."""
    WatchedChannel.objects.filter(pk=watched.pk).update(error=reason[:300])
