"""What is refused about shifts."""

from __future__ import annotations

from collections.abc import Mapping


class RotationError(Exception):
    """The base; its message can be shown to a manager."""


class ShiftStays(RotationError):
    """The shift has begun or is over, so it is not cancelled."""


class BadShift(RotationError):
    """The shift cannot be as it is; `errors` maps a field to sentences that say why."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))
