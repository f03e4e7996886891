"""What the board's address asks for: whose requests, and shown how. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

# As the load of the teams says; columns; every team's queue in one list.
VIEWS = ("", "columns", "all")
PRIORITIES = ("", "p1", "p2")
LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """The filters; people by email, teams and customers by slug. `notes`: what could not be read, in sentences."""

    team: str = ""
    person: str = ""
    customer: str = ""
    priority: str = ""
    set_only: bool = False
    stuck_only: bool = False
    search: str = ""
    view: str = ""
    notes: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The same as a query, without what goes without saying."""
        said = {
            "team": self.team,
            "person": self.person,
            "customer": self.customer,
            "priority": self.priority,
            "set": "1" if self.set_only else "",
            "stuck": "1" if self.stuck_only else "",
            "q": self.search,
            "view": self.view,
        }
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether any filter is on."""
        return self.but(view="", notes=()) != Asked()

    def but(self, **changes: Any) -> Asked:
        """The same with something else."""
        return replace(self, **changes)


def asked(said: Mapping[str, str]) -> Asked:
    """What the query says; what makes no sense is said in a note, and everything is shown instead."""
    notes: list[str] = []
    priority = _choice(said, "priority", PRIORITIES, "a priority is p1 or p2", notes)
    view = _choice(said, "view", VIEWS, "the board is shown in columns, or all queues as one list", notes)
    return Asked(
        team=_words(said, "team"),
        person=_words(said, "person"),
        customer=_words(said, "customer"),
        priority=priority,
        set_only=_words(said, "set") in {"1", "on", "true"},
        stuck_only=_words(said, "stuck") in {"1", "on", "true"},
        search=_words(said, "q"),
        view=view,
        notes=tuple(notes),
    )


def _words(said: Mapping[str, str], name: str) -> str:
    # PostgreSQL has no text with a null character in it.
    return said.get(name, "").replace("\x00", "").strip()[:LONGEST]


def _choice(said: Mapping[str, str], name: str, choices: tuple[str, ...], rule: str, notes: list[str]) -> str:
    text = _words(said, name)
    if text not in choices:
        notes.append(f"“{text[:40]}” is not known here: {rule}.")
        return choices[0]
    return text
