"""What a change of an agent or of a role gives and takes, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Every change of rights in its order, for auditors.
STREAM = "rights"
AGENT, ROLE = "people.agent", "auth.group"
FLAGS = {
    "is_superuser": "every right, as a superuser",
    "is_staff": "the right to open the portal",
    "is_active": "the right to sign in",
}
# What everybody has from the beginning is no gift.
OF_EVERYBODY = frozenset({"is_staff", "is_active"})

Changes = Mapping[str, Sequence[Any]]


def given_and_taken(model: str, changes: Changes) -> tuple[list[str], list[str]]:
    """The rights that came and those that went, of changes that map a field to [before, after]."""
    if model == AGENT:
        before = _flags(changes, 0) + _roles(changes, 0) + _rights(changes, "user_permissions", 0)
        after = _flags(changes, 1) + _roles(changes, 1) + _rights(changes, "user_permissions", 1)
    elif model == ROLE:
        before, after = _rights(changes, "permissions", 0), _rights(changes, "permissions", 1)
    else:
        return [], []
    return [right for right in after if right not in before], [right for right in before if right not in after]


def from_nothing(fields: Mapping[str, Any]) -> Changes:
    """What came with a new object of these fields."""
    return {name: (value if name in OF_EVERYBODY else None, value) for name, value in fields.items()}


def to_nothing(fields: Mapping[str, Any]) -> Changes:
    """What went with an object of these fields."""
    return {name: (value, value if name in OF_EVERYBODY else None) for name, value in fields.items()}


def _flags(changes: Changes, which: int) -> list[str]:
    return [words for name, words in FLAGS.items() if changes.get(name, (None, None))[which]]


def _roles(changes: Changes, which: int) -> list[str]:
    return [f"the role {name}" for name in changes.get("groups", ((), ()))[which] or ()]


def _rights(changes: Changes, field: str, which: int) -> list[str]:
    return [f"the right to {_right(label)}" for label in changes.get(field, ((), ()))[which] or ()]


def _right(label: str) -> str:
    """`SLA | policy | Can change policy` as "change policy"."""
    name = label.rpartition(" | ")[2]
    return name[len("Can ") :] if name.startswith("Can ") else name
