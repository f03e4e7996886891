"""Who acts, why, and within which chain of events: it travels by itself through requests and jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

KINDS = ("user", "slack", "job", "integration", "console", "system", "database")


@dataclass(frozen=True)
class Actor:
    """Who did something; `label` is the name as it was then, since people are renamed and leave."""

    kind: str
    id: str = ""
    label: str = ""


@dataclass(frozen=True)
class Context:
    """What every event recorded now carries besides its own facts."""

    actor: Actor = Actor(kind="system", label="SupportOps")
    correlation: UUID | None = None
    cause: UUID | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def metadata_said(self) -> str:
        """The metadata as JSON."""
        return json.dumps(dict(self.metadata))

    def packed(self) -> dict[str, Any]:
        """JSON-ready, for a job's envelope."""
        return {
            "actor": [self.actor.kind, self.actor.id, self.actor.label],
            "correlation": self.correlation and str(self.correlation),
            "cause": self.cause and str(self.cause),
            "metadata": dict(self.metadata),
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Context:
        """The context that `packed()` gave."""
        return cls(
            actor=Actor(*packed["actor"]),
            correlation=UUID(packed["correlation"]) if packed["correlation"] else None,
            cause=UUID(packed["cause"]) if packed["cause"] else None,
            metadata=packed["metadata"],
        )


# One frozen value set and reset in one frame: threading.local is lost between asyncio tasks.
_current: ContextVar[Context | None] = ContextVar("trail_context", default=None)
# Of a thread that nobody told: it begins without the context of the one that started it.
_of_process = Context()


def current() -> Context:
    """The context of whatever is running."""
    return _current.get() or _of_process


def restore(context: Context) -> None:
    """Make `context` current for good: for a worker about to run the next job."""
    _current.set(context)


@contextmanager
def acting(
    *,
    actor: Actor | None = None,
    correlation: UUID | None = None,
    cause: UUID | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Iterator[Context]:
    """Run a block as `actor`, within a chain of events; what is not given stays as it was."""
    now = current()
    inside = replace(
        now,
        actor=actor or now.actor,
        correlation=correlation or now.correlation,
        cause=cause or now.cause,
        metadata=now.metadata if metadata is None else metadata,
    )
    token = _current.set(inside)
    try:
        yield inside
    finally:
        _current.reset(token)


@contextmanager
def acting_everywhere(context: Context) -> Iterator[None]:
    """Run a block in `context`, and with it every thread that is started meanwhile.

    For a process that does one thing, such as a console: a script's own pool of threads is part of it.
    """
    global _of_process
    before, _of_process = _of_process, context
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
        _of_process = before
