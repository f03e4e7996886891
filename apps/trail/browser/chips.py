"""What a list is narrowed by, each part with the address of the list without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.trail.browser.asking import WITHIN, Asked
from apps.trail.events import in_words


@dataclass(frozen=True)
class Chip:
    """One part of what is asked; `at` is the instant it ends with, and `without` the query of the rest."""

    text: str
    without: str
    at: datetime | None = None


def chips(asked: Asked, named: Mapping[str, str]) -> list[Chip]:
    """The parts, in the order of the form; `named` says what some are called."""
    return list(_chips(asked, named))


def _chips(asked: Asked, named: Mapping[str, str]) -> Iterator[Chip]:
    if asked.q:
        stream = named.get("q", "")
        kind, _, key = stream.partition(":")
        said = f"{kind.capitalize()} {key}" if stream else f"Words: {asked.q}"
        yield Chip(said, asked.address(q=""))
    if asked.customer:
        yield Chip(f"Customer: {named.get('customer', asked.customer)}", asked.address(customer=""))
    if asked.person:
        yield Chip(f"By: {named.get('person', asked.person)}", asked.address(person=""))
    for name in asked.types:
        rest = tuple(other for other in asked.types if other != name)
        yield Chip(f"Type: {in_words(name)}", asked.address(types=rest))
    if asked.within:
        yield Chip(f"In {WITHIN[asked.within][0]}", asked.address(within=""))
    if asked.since:
        yield Chip("From", asked.address(since=None), asked.since)
    if asked.until:
        yield Chip("Until", asked.address(until=None), asked.until)
    if asked.stream:
        yield Chip(f"Stream: {asked.stream}", asked.address(stream=""))
    if asked.correlation:
        yield Chip("One chain of events", asked.address(correlation=None))
