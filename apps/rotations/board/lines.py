"""A segment in words, with what the viewer may do about it: a line of the table, and the dialog of the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from apps.people.models import Agent
from apps.rotations.board.boards import Board
from apps.rotations.board.drawing import names
from apps.rotations.board.shape import Segment
from apps.rotations.models import Override, Rotation
from apps.rotations.rights import Rights


@dataclass(frozen=True)
class Note:
    """What is remarkable: a word, its style, and a sentence that may be empty."""

    word: str
    style: str
    says: str = ""


@dataclass(frozen=True)
class Action:
    """What may be done, and where; `kind` is a word for the script."""

    kind: str
    label: str
    address: str


@dataclass(frozen=True)
class Line:
    """One segment as it is told."""

    number: int
    segment: Segment
    who: str
    because: str
    notes: list[Note]
    actions: list[Action]
    running: bool
    over: bool


@dataclass(frozen=True)
class Planned:
    """One override as it is told, and where it is ended, if the viewer may."""

    override: Override
    end: Action | None


def lines(board: Board, rights: Rights, *, now: datetime, back: str) -> list[Line]:
    """Every segment of the board; `back` is where one comes back to."""
    called = board.book.called
    return [
        Line(
            number=number,
            segment=segment,
            who=names(segment.people, called),
            because=_because(segment, board),
            notes=list(_notes(segment, board)),
            actions=[] if segment.end <= now else list(_actions(segment, board, rights, now=now, back=back)),
            running=segment.holds(now),
            over=segment.end <= now,
        )
        for number, segment in enumerate(board.segments)
    ]


def planned(board: Board, rights: Rights, *, now: datetime, back: str) -> list[Planned]:
    """The overrides of the board's weeks."""
    may = rights.may_override(board.rotation)
    return [
        Planned(
            override,
            _end(board.rotation, override, now=now, back=back) if may and override.ends_at > now else None,
        )
        for override in board.overrides
    ]


def swap_address() -> str:
    """Where a swap is asked for; "" where swaps are not there."""
    try:
        return reverse("rotations_swaps:ask")
    except NoReverseMatch:
        return ""


def _because(segment: Segment, board: Board) -> str:
    reasons = list(dict.fromkeys(each.because for each in segment.because))
    if len(reasons) < 2:
        return reasons[0] if reasons else ""
    return "; ".join(f"{board.book.called(each.person)}: {each.because}" for each in segment.because)


def _notes(segment: Segment, board: Board) -> Iterator[Note]:
    if segment.gap:
        yield Note("Gap", "portal-bad", f"Nobody is {segment.role}.")
    if segment.overrides:
        # Whoever is on by one says so; of one that only takes somebody off nothing else tells.
        gone = [each.told for each in board.acting if each.key in segment.overrides and not each.add]
        yield Note("Override", "board-hatched", "; ".join(gone))
    for person, roles in dict.fromkeys((double.person, double.roles) for double in segment.doubles):
        others = " and ".join(role for role in roles if role != segment.role)
        yield Note("Double", "portal-warn", f"{board.book.called(person)} is {others} as well.")
    for leave in segment.leaves:
        said = f": {leave.label}" if leave.label else ""
        yield Note("Leave", "portal-warn", f"{board.book.called(leave.person)} is away{said}.")


def _actions(segment: Segment, board: Board, rights: Rights, *, now: datetime, back: str) -> Iterator[Action]:
    rotation, me = board.rotation, rights.agent
    people = segment.people
    asked = {"role": segment.role, "start": _stamp(segment.start), "end": _stamp(segment.end)}
    come_back = {"back": back}
    if rights.may_override(rotation):
        removed = {"remove": people[0]} if len(people) == 1 else {}
        yield Action(
            "override",
            "Fill the gap…" if segment.gap else "Override…",
            f"{_of(rotation, 'override')}?{urlencode({**asked, **removed, **come_back})}",
        )
    if segment.holds(now) and me.email not in people and rights.may_take(rotation):
        address = f"{_of(rotation, 'take')}?{urlencode({'role': segment.role, **come_back})}"
        yield Action("take", "Take this shift now…", address)
    if people and (me.email in people or rights.may_override(rotation)) and (swap := swap_address()):
        holder = me.email if me.email in people else people[0]
        address = f"{swap}?{urlencode({'rotation': rotation.slug, **asked, 'person': holder})}"
        yield Action("swap", "Swap with…", address)
    if segment.overrides and rights.may_override(rotation):
        for override in board.overrides:
            if override.pk in segment.overrides and override.ends_at > now:
                yield _end(rotation, override, now=now, back=back)


def _end(rotation: Rotation, override: Override, *, now: datetime, back: str) -> Action:
    label = "End this override…" if override.starts_at <= now else "Withdraw this override…"
    address = reverse("rotations_board:end", args=[rotation.slug, override.pk])
    return Action("end", label, f"{address}?{urlencode({'back': back})}")


def _of(rotation: Rotation, name: str) -> str:
    return reverse(f"rotations_board:{name}", args=[rotation.slug])


def _stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def whose(people: list[Agent]) -> dict[str, str]:
    """Email to name."""
    return {agent.email: str(agent) for agent in people}
