"""Taking work out of the outbox: one message a lane, several folded into one, and what a crash left behind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from apps.integrations.slack import incident_messages
from apps.notices import folding, lanes, outcomes, outdated
from apps.notices.calls import Call, Doing
from apps.notices.events import NoticesFolded
from apps.notices.models import Lane, Notice
from apps.trail import services as trail

# A message being sent by another deliverer, and by any: after so long whoever sent it is not there any more.
GONE = timedelta(seconds=12)
SURELY_GONE = timedelta(seconds=20)

STEP_BACK = timedelta(seconds=0.5)

# How far into a channel's queue is looked for what may go.
WINDOW = 2 * folding.MOST

State = Notice.State


@transaction.atomic
def claim(*, token: str, room: int, busy: Collection[str], now: datetime) -> list[Call]:
    """At most `room` calls to make now, each in a channel of its own that is free, not `busy`, and now leased.

    Two deliverers never get the same channel, hence never the same notice. In a channel with a message
    whose fate is unknown that one is settled first: so an outage makes one such message a channel, not all
    of them, and what waits keeps its order.
    """
    here = Notice.objects.filter(channel=OuterRef("channel"))
    free = (
        Lane.objects.select_for_update(skip_locked=True)
        .filter(
            Exists(here.filter(state__in=(State.WAITING, State.UNSURE), ready_at__lte=now)),
            ~Exists(here.filter(state=State.UNSURE, ready_at__gt=now)),
            next_at__lte=now,
        )
        .exclude(channel__in={*busy, lanes.EVERYBODY})
        # The lane that has been free for longest first, so that none starves.
        .order_by("next_at", "channel")[:room]
    )
    channels = [lane.channel for lane in free]
    calls = [call for channel in channels if (call := _work_in(channel, token, now))]
    leased = [call.channel for call in calls]
    Lane.objects.filter(channel__in=leased).update(next_at=now + lanes.LEASE)
    # A lane that has something and may not say it yet steps back, or a few of them would keep all others waiting.
    Lane.objects.filter(channel__in=set(channels) - set(leased)).update(next_at=now + STEP_BACK)
    return calls


@transaction.atomic
def rescue(*, token: str, now: datetime) -> int:
    """What a deliverer that is gone was sending becomes unsure, to be looked for; how many there were."""
    gone = Q(claimed_at__lte=now - SURELY_GONE) | (Q(claimed_at__lte=now - GONE) & ~Q(claim=token))
    left = list(Notice.objects.select_for_update(skip_locked=True).filter(gone, state=State.SENDING))
    for notice in left:
        outcomes.doubt(notice, "the process that sent it ended", at=now, look_at=now)
    return len(left)


def mark(notice: Notice) -> str:
    """What we put into the message's metadata: unique beyond this database, as several may share a workspace."""
    return f"{notice.event_id}:{notice.pk}"


def _work_in(channel: str, token: str, now: datetime) -> Call | None:
    here = Notice.objects.select_for_update(skip_locked=True).filter(channel=channel)
    unsure = here.filter(state=State.UNSURE, ready_at__lte=now).order_by("ready_at", "pk").first()
    if unsure is not None:
        Notice.objects.filter(pk=unsure.pk).update(claim=token, attempts=F("attempts") + 1)
        return _call(unsure, Doing.LOOK)
    waiting = _still_true(list(here.filter(state=State.WAITING).order_by("created_at", "pk")[:WINDOW]), now)
    waiting = _in_turn(waiting, now)[: folding.MOST]
    if not waiting:
        return None
    foldable = [notice for notice in waiting if _may_fold(notice)]
    if waiting[0] in foldable and len(foldable) > folding.PATIENCE:
        return _call(_fold(channel, foldable, token, now), Doing.SAY)
    first = waiting[0]
    Notice.objects.filter(pk=first.pk).update(
        state=State.SENDING, claim=token, claimed_at=now, attempts=F("attempts") + 1
    )
    return _call(first, Doing.SAY)


def _still_true(waiting: list[Notice], now: datetime) -> list[Notice]:
    """Without those that waited until they were no longer true: these are settled unsaid, and the trail says why."""
    reasons = outdated.drop_reasons(waiting)
    if not reasons:
        return waiting
    Notice.objects.filter(pk__in=reasons).update(state=State.OUTDATED)
    trail.record_many(
        [
            trail.Happening(
                event=outdated.dropped(notice, reasons[notice.pk]),
                about=[notice.about] if notice.about else [],
                cause=notice.event_id,
                correlation=notice.correlation_id,
            )
            for notice in waiting
            if notice.pk in reasons
        ],
        now=now,
    )
    return [notice for notice in waiting if notice.pk not in reasons]


def _in_turn(waiting: list[Notice], now: datetime) -> list[Notice]:
    """Those that may go now: in one thread nothing overtakes a message that is being tried again."""
    held_up: set[str] = set()
    free = []
    for notice in waiting:
        if notice.ready_at > now:
            held_up.add(notice.recipient)
        elif notice.recipient not in held_up:
            free.append(notice)
    return free


def _may_fold(notice: Notice) -> bool:
    """Not what one person alone sees, not a summary, and not what a summary failed to say: that goes alone."""
    return (
        notice.kind == Notice.Kind.MESSAGE
        and notice.folded_into_id is None
        # What shows a page or an incident has buttons, which a summary has not; and an incident's has its thread.
        and not notice.about.startswith("page:")
        and not incident_messages.is_post(notice.blocks)
        and not notice.recipient.endswith(folding.SUMMARY)
    )


def _fold(channel: str, notices: list[Notice], token: str, now: datetime) -> Notice:
    said = folding.fold(
        [
            folding.line(summary=notice.summary, text=notice.text, channel=notice.channel, thread_ts=notice.thread_ts)
            for notice in notices
        ]
    )
    folded = notices[: said.count]
    recorded = trail.record(
        NoticesFolded(channel=channel, notices=[notice.pk for notice in folded]),
        about=[f"channel:{channel}", *(notice.about for notice in folded if notice.about)],
        now=now,
    )
    summary = Notice.objects.create(
        event_id=recorded.id,
        correlation_id=recorded.correlation,
        recipient=f"{channel}{folding.SUMMARY}",
        about=f"channel:{channel}",
        summary=f"{said.count} messages at once",
        channel=channel,
        text=said.text,
        blocks=said.blocks,
        created_at=now,
        ready_at=now,
        state=State.SENDING,
        claim=token,
        claimed_at=now,
        attempts=1,
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in folded]).update(state=State.FOLDED, folded_into=summary)
    return summary


def _call(notice: Notice, doing: Doing) -> Call:
    return Call(
        doing=doing,
        channel=notice.channel,
        notice=notice.pk,
        mark=mark(notice),
        private=notice.kind == Notice.Kind.PRIVATE,
        thread_ts=notice.thread_ts,
        user=notice.user,
        text=notice.text,
        blocks=notice.blocks,
        oldest=notice.created_at,
        updates=notice.replaces.slack_ts if notice.replaces else "",
    )
