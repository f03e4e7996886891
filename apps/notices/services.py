"""Owing messages, and trying them again. Sending is in delivery.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.notices import folding, routing, store
from apps.notices.errors import NotSendable
from apps.notices.events import NoticeFailed, NoticeSentAgain
from apps.notices.models import Lane, Notice
from apps.notices.routing import Owed
from apps.trail import services as trail
from apps.trail.reacting import Recorded

BATCH = 1000


@transaction.atomic
def owe(owed: Sequence[tuple[Recorded[Any], Owed]]) -> None:
    """The messages are owed because of their events; one that is owed already is not owed twice.

    The number of statements does not depend on the number of messages.
    """
    fresh = store.add([_notice(entry, one) for entry, one in owed])
    # In one order everywhere: two transactions that add the same channels must not wait for each other in a ring.
    channels = sorted({notice.channel for notice in fresh if notice.channel})
    now = max((entry.occurred_at for entry, _ in owed), default=None)
    if now is not None:
        Lane.objects.bulk_create([Lane(channel=channel, next_at=now) for channel in channels], ignore_conflicts=True)
    _tell_of_failed([notice for notice in fresh if notice.state == Notice.State.FAILED])


@transaction.atomic
def send_again(keys: Iterable[int], *, now: datetime) -> int:
    """What had failed is tried anew, and what may have arrived is looked for at once; how many there were.

    Raises NotSendable, changing nothing, when one of them cannot be.
    """
    notices = list(Notice.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk"))
    for notice in notices:
        _refuse_unless_sendable(notice)
    happenings = [
        trail.Happening(
            event=NoticeSentAgain(
                notice=notice.pk,
                summary=notice.summary,
                channel=notice.channel,
                before=notice.state,
                reason=notice.error,
            ),
            about=streams_of(notice),
            cause=notice.event_id,
            correlation=notice.correlation_id,
        )
        for notice in notices
    ]
    for notice in notices:
        if notice.state == Notice.State.FAILED:
            notice.state = Notice.State.WAITING
            notice.channel = notice.channel or routing.usable(settings.SLACK_DEFAULT_CHANNEL)
            notice.attempts, notice.folded_into = 0, None
        notice.ready_at, notice.error = now, ""
    Notice.objects.bulk_update(
        notices, ["state", "channel", "attempts", "folded_into", "ready_at", "error"], batch_size=BATCH
    )
    Lane.objects.bulk_create(
        [Lane(channel=channel, next_at=now) for channel in sorted({notice.channel for notice in notices})],
        ignore_conflicts=True,
    )
    trail.record_many(happenings, now=now)
    return len(notices)


def streams_of(notice: Notice) -> list[str]:
    """What events about the notice are about."""
    return [notice.about] if notice.about else [f"notice:{notice.pk}"]


def _refuse_unless_sendable(notice: Notice) -> None:
    if notice.state not in (Notice.State.FAILED, Notice.State.UNSURE):
        raise NotSendable(f"“{notice}” is {notice.get_state_display().lower()}; there is nothing to send again.")
    if notice.recipient.endswith(folding.SUMMARY) and notice.state == Notice.State.FAILED:
        raise NotSendable(f"“{notice}” spoke for others, and those wait or failed themselves: send them again.")
    if not (notice.channel or routing.usable(settings.SLACK_DEFAULT_CHANNEL)):
        raise NotSendable(f"“{notice}” still has nowhere to go: set SLACK_DEFAULT_CHANNEL to a channel's id first.")


def _notice(entry: Recorded[Any], owed: Owed) -> Notice:
    return Notice(
        event_id=entry.id,
        correlation_id=entry.correlation,
        recipient=owed.recipient,
        kind=owed.kind,
        about=owed.about,
        summary=owed.summary,
        channel=owed.channel,
        thread_ts=owed.thread_ts,
        user=owed.user,
        text=owed.text,
        blocks=owed.blocks,
        replaces_id=owed.replaces,
        created_at=entry.occurred_at,
        ready_at=entry.occurred_at,
        state=Notice.State.FAILED if owed.error else Notice.State.WAITING,
        error=owed.error,
    )


def _tell_of_failed(notices: Sequence[Notice]) -> None:
    happenings = [
        trail.Happening(
            event=NoticeFailed(notice=notice.pk, summary=notice.summary, channel=notice.channel, reason=notice.error),
            about=streams_of(notice),
            occurred_at=notice.created_at,
            cause=notice.event_id,
            correlation=notice.correlation_id,
        )
        for notice in notices
    ]
    if happenings:
        trail.record_many(happenings, now=notices[0].created_at)
