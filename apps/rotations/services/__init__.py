"""The writers of everything about who is on shift: what every door calls."""

from apps.rotations.services.addresses import make_address, revoke_address
from apps.rotations.services.calendars import could_not_read, pointed_elsewhere, read_anew
from apps.rotations.services.definitions import archive, restore, save_rotation
from apps.rotations.services.history import keep_histories, keep_history
from apps.rotations.services.overrides import add_override, end_override, take_shift
from apps.rotations.services.rosters import change_roster, withdraw_roster
from apps.rotations.services.shifts import cancel_shift, hold, save_shift
from apps.rotations.services.trying import what_if

__all__ = [
    "add_override",
    "archive",
    "cancel_shift",
    "change_roster",
    "could_not_read",
    "end_override",
    "hold",
    "keep_histories",
    "keep_history",
    "make_address",
    "pointed_elsewhere",
    "read_anew",
    "restore",
    "revoke_address",
    "save_rotation",
    "save_shift",
    "take_shift",
    "what_if",
    "withdraw_roster",
]
