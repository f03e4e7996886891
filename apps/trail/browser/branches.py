"""A causation tree as rows, one below the other, each as deep as it is in the tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from apps.trail.causation import Tree
from apps.trail.models import StoredEvent

# Deeper rows are indented no further, so that their sentences keep room on a phone.
DEEPEST = 12
LED_HERE, THIS, LED_TO, BESIDE = "led here", "this", "led to", "beside"


@dataclass(frozen=True)
class Row:
    """One event of the tree; without an event it is one the reader may not read."""

    event: StoredEvent | None
    level: int
    relation: str

    @property
    def indent(self) -> int:
        """How many steps it is indented by."""
        return min(self.level, DEEPEST)


def rows_of(tree: Tree, current: StoredEvent, may_read: Callable[[StoredEvent], bool]) -> list[Row]:
    """The tree in the order of reading: an event, then what it led to. Without recursion, as chains may be long."""
    causes = _causes(tree)
    path = {current.event_id}
    cause = causes.get(current.event_id)
    while cause is not None and cause not in path:
        path.add(cause)
        cause = causes.get(cause)
    rows: list[Row] = []
    waiting = [(tree.root, 0, False)]
    while waiting:
        node, level, below = waiting.pop()
        is_this = node.event.event_id == current.event_id
        relation = THIS if is_this else LED_TO if below else LED_HERE if node.event.event_id in path else BESIDE
        rows.append(Row(node.event if may_read(node.event) else None, level, relation))
        waiting.extend((child, level + 1, below or is_this) for child in reversed(node.children))
    return rows


def _causes(tree: Tree) -> dict[UUID, UUID]:
    """The cause of each event in the tree."""
    causes: dict[UUID, UUID] = {}
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        for child in node.children:
            causes[child.event.event_id] = node.event.event_id
            waiting.append(child)
    return causes
