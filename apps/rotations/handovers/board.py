"""What a hand-over's page shows: what is open and whose, who takes it, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.rotations.handovers.items import Item
from apps.rotations.handovers.people import spread
from apps.rotations.handovers.selectors import Section, Side, on_side, sections, sides_stored
from apps.rotations.models import HandOver, PassedOn

# What a page lists, and a form can carry.
MOST = 200
# What came up just before the change and is nobody's yet is asked for by its own ladder: taking it would silence that.
JUST_CAME_UP = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """An open item: whose it is, and what is said of it here. `red` until somebody of the incoming has it."""

    key: str
    provider: str
    item: Item
    red: bool
    left: bool
    suggested: str
    kept: PassedOn | None

    @property
    def note(self) -> str:
        return self.kept.note if self.kept else ""


@dataclass(frozen=True)
class Board:
    """`waiting` are open items nobody of the incoming took, those left to the lead too; `taken` are theirs, by email.

    `over` are items that were spoken of here and are not open any more.
    """

    sections: Sequence[Section]
    waiting: Sequence[Row] = ()
    taken: dict[str, list[Row]] = field(default_factory=dict)
    over: Sequence[PassedOn] = ()
    cut: int = 0

    @property
    def red(self) -> int:
        """How many nobody of the incoming has, or were left to the lead."""
        return sum(row.red for row in self.rows)

    @property
    def rows(self) -> list[Row]:
        return [*self.waiting, *(row for rows in self.taken.values() for row in rows)]

    @property
    def problems(self) -> list[str]:
        return [section.problem for section in self.sections if section.problem]


def board(handover: HandOver) -> Board:
    """As it is now. Of a hand-over that is settled only what was spoken of then: the rest is another's business."""
    read = sections(handover.rotation.team)
    kept = {(one.provider, one.item): one for one in handover.items.select_related("to")}
    items = {f"{section.name}|{item.id}": (section.name, item) for section in read for item in section.items}
    if handover.settled_at and handover.kind == HandOver.Kind.FULL:
        items = {key: found for key, found in items.items() if (found[0], found[1].id) in kept}
    sides = sides_stored(handover)
    suggested = spread({key: item.owner_email for key, (_, item) in items.items()}, sides)
    coming = [hand.email for hand in sides.incoming]
    waiting: list[Row] = []
    taken: dict[str, list[Row]] = {email: [] for email in coming}
    for key, (provider, item) in items.items():
        spoken = kept.get((provider, item.id))
        left = bool(spoken and spoken.left and spoken.to and spoken.to.email == item.owner_email)
        # At mid-cycle everybody stays in the team, so what is not passed on is not lost.
        red = left or (handover.kind == HandOver.Kind.FULL and needs_somebody(handover, item))
        row = Row(key, provider, item, red, left, suggested.get(key, ""), spoken)
        (waiting if left else taken.get(item.owner_email, waiting)).append(row)
    waiting.sort(key=lambda row: not row.red)
    unread = {section.name for section in read if section.problem}
    over = [
        one
        for (provider, item_id), one in kept.items()
        if f"{provider}|{item_id}" not in items and provider not in unread
    ]
    return Board(read, waiting[:MOST], taken, over, max(len(waiting) - MOST, 0))


def needs_somebody(handover: HandOver, item: Item) -> bool:
    """Whether it is still owned by somebody who goes, or by nobody; not what came up just before people change."""
    staying = {person.agent.email for person in on_side(handover, Side.INCOMING)}
    going = {person.agent.email for person in on_side(handover, Side.OUTGOING)} - staying
    if item.owner_email:
        return item.owner_email in going
    return item.since <= handover.changes_at - JUST_CAME_UP


def state_of(handover: HandOver, now: datetime) -> tuple[str, str]:
    """(tone, words): how it stands."""
    if handover.closed_at:
        # What is confirmed after people changed was not confirmed in time.
        signed = (person.signed_at for person in handover.people.all() if person.signs)
        if all(at and at <= handover.closed_at for at in signed):
            return "good", "Confirmed"
        return "bad", "Not confirmed before people changed"
    if handover.due_at <= now:
        return "bad", "Overdue"
    return "warn", "Open"
