"""Whom a tier means, as a value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


class KINDS:
    """The words of `Audience.kind`."""

    not_embedded = "not_embedded"
    on_shift = "on_shift"
    user_group = "user_group"
    group = "group"
    agents = "agents"
    channel = "channel"
    rotation = "rotation"
    owner = "owner"
    accountable = "accountable"
    contact = "contact"
    lead = "lead"


# Of a request for help: who that is changes while a promise runs, so it is looked at when the tier is reached.
OF_A_REQUEST = frozenset({KINDS.owner, KINDS.accountable})
# Of an incident, likewise. Where it has no contact the point stands in, and for the lead whoever is on duty as such.
OF_AN_INCIDENT = frozenset({KINDS.contact, KINDS.lead})


@dataclass(frozen=True)
class Audience:
    """Whom to tell; who that is at an instant is looked up when the tier is reached.

    kind: one of KINDS. user_group: a Slack id or handle. group: a named group's slug.
    agents: emails, also of the one who owns a request or is accountable for it, or has a role in an incident.
    channel: a Slack id.
    label: how people call it.
    role: whoever is on duty as it, in `rotation` (a slug), or without one in the rotations of `team` (a slug).
    """

    kind: str
    user_group: str = ""
    group: str = ""
    agents: tuple[str, ...] = ()
    channel: str = ""
    role: str = ""
    rotation: str = ""
    team: str = ""
    # A group that is renamed is still the same audience.
    label: str = field(default="", compare=False)

    def as_json(self) -> dict[str, Any]:
        """Only what is set, for storing beside a check."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items() if value
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Audience:
        """The audience `as_json` gave."""
        return cls(**{**stored, "agents": tuple(stored.get("agents", ()))})
