"""What is refused about rotations, overrides and shifts."""

from __future__ import annotations

from collections.abc import Mapping


class RotationError(Exception):
    """The base; its message can be shown to a manager."""


class Refused(RotationError):
    """Something cannot be as asked for; `errors` maps a field's path to sentences that say why."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))


class BadShift(Refused):
    """The shift cannot be as it is."""


class RotationRefused(Refused):
    """The rotation, or its roster, cannot be so."""


class OverrideRefused(Refused):
    """The override cannot be so."""


class SwapRefused(Refused):
    """The swap cannot be asked for, or taken, so."""


class SwapIsOver(RotationError):
    """Somebody was quicker, or it is withdrawn, declined or too late."""


class ShiftStays(RotationError):
    """The shift has begun or is over, so it is not cancelled."""


class OverrideStays(RotationError):
    """The override is over, so it is neither ended nor withdrawn."""


class RosterStays(RotationError):
    """The roster is in force or was, so it is not withdrawn."""


class AddressRefused(RotationError):
    """The calendar's address was not made."""


class HandOverRefused(RotationError):
    """The hand-over was not opened."""


class ContextChanged(RotationError):
    """Somebody else wrote the context meanwhile."""


class AlreadyConfirmed(RotationError):
    """Somebody was quicker."""


class NothingToConfirm(RotationError):
    """They are not among those who confirm the hand-over."""


class CycleRefused(Refused):
    """The cycle, or something of its checklist, cannot be so."""


class RunStays(RotationError):
    """The run is planned, or over, so nothing of its checklist changes."""


class ItemMoved(RotationError):
    """Somebody else ticked or changed the item meanwhile."""


class DigestMoved(RotationError):
    """Somebody else sent a digest meanwhile, so this one is to be looked at again."""
