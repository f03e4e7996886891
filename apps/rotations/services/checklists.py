"""What leads do with a run's checklist, and the digest they send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from apps.people.models import Agent, Channel
from apps.rotations.cycles.events import (
    ChecklistItemAdded,
    ChecklistItemChanged,
    ChecklistItemDone,
    ChecklistItemReopened,
    DigestSent,
)
from apps.rotations.errors import CycleRefused, DigestMoved, ItemMoved, RunStays
from apps.rotations.handovers.events import HandOverClosed
from apps.rotations.models import CycleRun, HandOver, Part, RunItem
from apps.rotations.services.cycle_runs import move_on, told
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.reacting import Recorded

LONGEST_TEXT, LONGEST_NOTE, LONGEST_DIGEST = 300, 1_000, 3_000
# More than any run needs; it keeps the page and its reminders readable.
MOST_ITEMS = 500
# One sent on Tuesday is the one that is due on Friday.
DIGEST_COUNTS_FOR = timedelta(days=7)


@transaction.atomic
def tick(item: RunItem, *, by: Agent | None, now: datetime) -> None:
    """The item is done; nobody as `by` is the portal, that knows it.

    Raises ItemMoved if somebody ticked it first, RunStays when its run does not run.
    """
    run = _running(item.run)
    if not RunItem.objects.filter(pk=item.pk, done_at=None).update(done_at=now, done_by=by):
        raise ItemMoved(_who_ticked(item))
    event = ChecklistItemDone(**told(run), item=item.pk, text=item.text)
    trail.record(event, about=[run], now=now)
    # All of Start done is what Monitor waits for.
    move_on(run, now=now)


@transaction.atomic
def tick_handed_over(handover: HandOver, *, because: Recorded[HandOverClosed], now: datetime) -> int:
    """What the hand-over's confirmation does in its run is done, for the event `because`; how many items that were.

    Nothing is where its run does not run, and what somebody ticked before stays theirs.
    """
    short = handover.kind == HandOver.Kind.SHORT
    there = Q(mid_at=handover.changes_at) if short else Q(ends_at=handover.changes_at)
    runs = CycleRun.objects.filter(there, cycle__rotation=handover.rotation, started_at__isnull=False, ended_at=None)
    # Until this transaction ends it does not end, and nobody ticks anything of it.
    run = runs.select_for_update(no_key=True, of=("self",)).first()
    if run is None:
        return 0
    items = run.items.filter(template__by_handover=True, done_at=None)
    own = list(items.filter(part=Part.SWAP) if short else items.exclude(part=Part.SWAP))
    with acting(actor=Actor(kind="system", label="SupportOps"), cause=because.id, correlation=because.correlation):
        for item in own:
            tick(item, by=None, now=now)
    return len(own)


@transaction.atomic
def untick(item: RunItem, *, now: datetime) -> None:
    """The item is to be done after all; its lead is reminded anew when it is due. Raises ItemMoved, RunStays."""
    run = _running(item.run)
    done = RunItem.objects.filter(pk=item.pk).exclude(done_at=None)
    if not done.update(done_at=None, done_by=None, nagged_at=None):
        raise ItemMoved(f"“{item.text}” is not done, so there is nothing to take back.")
    trail.record(ChecklistItemReopened(**told(run), item=item.pk, text=item.text), about=[run], now=now)


@transaction.atomic
def change_item(item: RunItem, *, owner: Agent | None, note: str, now: datetime) -> None:
    """`owner` sees to the item (None: nobody in particular), and its note is this. Raises CycleRefused, RunStays."""
    run = _running(item.run)
    note = note.replace("\x00", "")
    if len(note.strip()) > LONGEST_NOTE:
        raise CycleRefused({"note": [f"A note has at most {LONGEST_NOTE:,} characters."]})
    row = RunItem.objects.select_for_update(no_key=True).filter(pk=item.pk).first()
    if row is None:
        raise ItemMoved("There is no such item any more.")
    if owner is not None and not owner.is_active and owner.pk != row.owner_id:
        raise CycleRefused({"owner": [f"{owner} does not work here any more. Choose somebody who does."]})
    if (row.owner_id, row.note) == (owner.pk if owner else None, note.strip()):
        return
    row.owner, row.note = owner, note.strip()
    row.save(update_fields=["owner", "note"])
    event = ChecklistItemChanged(
        **told(run), item=row.pk, text=row.text, owner=owner.email if owner else "", note=row.note
    )
    trail.record(event, about=[run], now=now)


@transaction.atomic
def add_item(run: CycleRun, *, part: str, text: str, due_at: datetime, now: datetime) -> RunItem:
    """The run has this to do as well. Raises CycleRefused with the reasons by field, RunStays."""
    row = _running(run)
    found: dict[str, list[str]] = {}
    if not text.strip():
        found["text"] = ["Say what is to be done."]
    elif len(text.strip()) > LONGEST_TEXT:
        found["text"] = [f"An item has at most {LONGEST_TEXT} characters."]
    if part not in Part.values:
        found["part"] = [f"There are the phases {', '.join(str(label) for label in Part.labels)}."]
    if due_at <= now:
        found["due_at"] = ["This is over already: choose an instant to come."]
    elif due_at > row.ends_at:
        local = row.ends_at.astimezone(ZoneInfo(row.cycle.rotation.time_zone))
        found["due_at"] = [f"The cycle ends on {local:%-d %b %Y %H:%M} {local.tzname()}: choose that or earlier."]
    if row.items.count() >= MOST_ITEMS:
        found[""] = [f"A run has at most {MOST_ITEMS} items."]
    if found:
        raise CycleRefused(found)
    last = row.items.filter(part=part).order_by("-position").first()
    item = RunItem.objects.create(
        run=row, part=part, text=text.strip(), due_at=due_at, position=last.position + 1 if last else 1
    )
    event = ChecklistItemAdded(**told(row), item=item.pk, text=item.text, due_at=due_at)
    trail.record(event, about=[row], now=now)
    return item


@transaction.atomic
def send_digest(
    run: CycleRun,
    *,
    text: str,
    people: Sequence[Agent],
    channels: Sequence[Channel],
    by: Agent,
    seen: int,
    now: datetime,
) -> None:
    """Each of them hears how the cycle goes, once; `seen` is how many digests there were when this one was looked at.

    What a digest ticks is done: the first of those that are overdue or due within a week.

    Raises CycleRefused with the reasons by field, DigestMoved when somebody sent one meanwhile, RunStays.
    """
    row = _running(run)
    found: dict[str, list[str]] = {}
    if not text.strip():
        found["text"] = ["Say how the cycle goes."]
    elif len(text) > LONGEST_DIGEST:
        found["text"] = [f"A digest has at most {LONGEST_DIGEST:,} characters; this has {len(text):,}."]
    if not people and not channels:
        found["people"] = ["Say who gets it: people, channels, or both."]
    if silent := [str(each) for each in people if not each.slack_id]:
        found["people"] = [f"No Slack id is known of {', '.join(silent)}: leave them out, or have it entered first."]
    if found:
        raise CycleRefused(found)
    if not CycleRun.objects.filter(pk=row.pk, digests=seen).update(digests=F("digests") + 1):
        raise DigestMoved("A digest was sent meanwhile. Look at it before you send another.")
    event = DigestSent(
        **told(row),
        text=text.strip(),
        by=str(by),
        people=[{"email": each.email, "name": str(each), "slack_id": each.slack_id or ""} for each in people],
        channels=[each.slack_id for each in channels],
    )
    trail.record(event, about=[row], now=now)
    waiting = row.items.filter(template__by_digest=True, done_at=None, due_at__lte=now + DIGEST_COUNTS_FOR)
    if (item := waiting.order_by("due_at", "pk").first()) is not None:
        tick(item, by=by, now=now)


def _running(run: CycleRun) -> CycleRun:
    """The run as it is stored; until this transaction ends it does not end."""
    row = CycleRun.objects.select_related("cycle__rotation").select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
    if row.state != "running":
        words = "has not begun" if row.state == "planned" else "is over"
        raise RunStays(f"{row} {words}, so nothing of its checklist changes.")
    return row


def _who_ticked(item: RunItem) -> str:
    row = RunItem.objects.select_related("done_by").filter(pk=item.pk).first()
    if row is None:
        return "There is no such item any more."
    return f"“{item.text}” is done already: {row.done_by or 'the hand-over'} ticked it."
