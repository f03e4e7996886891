"""The text for the customer. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

# Chosen by hand, so that the text is the same in every locale of the server.
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A sentence for the customer, with when it happened."""

    at: datetime
    text: str


def compose(lines: Iterable[Told], *, zone: tzinfo, letters: Callable[[datetime], str]) -> str:
    """The sentences in the order of their times, each with its time in the zone and the zone's letters."""
    said = []
    for line in sorted(lines, key=lambda line: line.at):
        local = line.at.astimezone(zone)
        day = f"{local.day} {MONTHS[local.month - 1]} {local.year}"
        said.append(f"{day}, {local:%H:%M} {letters(local)}: {line.text}")
    return "\n".join(said)
