"""What saving would do, as a page shows it: warnings, before and after, hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from apps.rotations.effects import Effect, effect
from apps.rotations.schedules import Book
from apps.rotations.selectors import leaves, without_slack
from apps.rotations.services.trying import Tried
from apps.rotations.wording import numbered, skipped_starts

SHOWN = 30


def effect_of(tried: Tried, *, start: datetime, end: datetime, rosters: bool = True) -> Effect:
    """What is different within [start, end), and what of it has to be warned about.

    Without `rosters` not who of them never serves then: within a few days most do not.
    """
    before = tried.before.window(start, end) if tried.before else None
    book = tried.after
    return effect(
        before,
        book.window(start, end),
        named=_named(book) if rosters else (),
        deactivated=book.written.away,
        leaves=leaves(start, end),
    )


def effect_context(tried: Tried, found: Effect, *, start: datetime, end: datetime) -> dict[str, Any]:
    """The effect for the template admin/rotations/effect.html."""
    book = tried.after

    def called(email: str) -> str:
        return book.called(email) if email in book.written.people or not tried.before else tried.before.called(email)

    def names(emails: Iterable[str]) -> str:
        return ", ".join(called(email) for email in emails) or "nobody"

    return {
        "start": start,
        "end": end,
        "effect": found,
        "gaps": found.gaps[:SHOWN],
        "doubles": [(called(one.person), one.roles, one.start, one.end) for one in found.doubles[:SHOWN]],
        "leaves": [(called(one.person), one.role, one.start, one.end, one.label) for one in found.leaves[:SHOWN]],
        "skipped": [(begins, said) for begins, said in _skipped(book) if begins >= start],
        "never": names(found.never) if found.never else "",
        "deactivated": names(found.deactivated) if found.deactivated else "",
        "affected": names(found.affected) if found.affected else "",
        "untold": names(without_slack(found.affected)),
        "hours": [
            (called(one.person), _hours(one.before), _hours(one.after), _signed(one.more)) for one in found.hours
        ],
        "moved": [(one.role, one.start, one.end, names(one.before), names(one.after)) for one in found.moved[:SHOWN]],
        "more": max(0, len(found.moved) - SHOWN),
        "new": tried.before is None,
    }


def _skipped(book: Book) -> Iterator[tuple[datetime, str]]:
    layers = book.written.definition.layers
    names = [layer.name or number for layer, number in zip(layers, numbered("layer", len(layers)), strict=True)]
    return skipped_starts(book.written.definition, names)


def _named(book: Book) -> list[str]:
    layers = book.written.definition.layers
    turns = (person for layer in layers if layer.turns for turn in layer.turns.participants for person in turn)
    return [*turns, *(person for layer in layers for person in layer.people)]


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:,.0f} h"


def _signed(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    return f"{'+' if hours > 0 else '−' if hours < 0 else '±'}{abs(hours):,} h"
