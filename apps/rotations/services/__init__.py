"""The writers of everything about who is on shift: what every door calls."""

from apps.rotations.services.addresses import make_address, revoke_address
from apps.rotations.services.calendars import could_not_read, pointed_elsewhere, read_anew
from apps.rotations.services.checklists import add_item, change_item, send_digest, tick, untick
from apps.rotations.services.coverage import look_ahead
from apps.rotations.services.cycle_runs import advance, people_on, sweep
from apps.rotations.services.cycles import create_in_cycles, fill_template, plan, set_up_cycle
from apps.rotations.services.definitions import archive, restore, save_rotation
from apps.rotations.services.giving import give
from apps.rotations.services.handovers import (
    close_when_changed,
    confirm,
    follow_people,
    nag,
    open_by_hand,
    open_handover,
    write_context,
)
from apps.rotations.services.history import keep_histories, keep_history
from apps.rotations.services.looking_after import look_after_handovers
from apps.rotations.services.overrides import add_override, end_override, take_shift
from apps.rotations.services.passing_on import Chosen, lead_of, pass_on, settle
from apps.rotations.services.rosters import change_roster, withdraw_roster
from apps.rotations.services.shifts import cancel_shift, hold, save_shift
from apps.rotations.services.swaps import ask_to_swap, decline_swap, expire_swaps, take_swap, withdraw_swap
from apps.rotations.services.trying import what_if

__all__ = [
    "Chosen",
    "add_item",
    "add_override",
    "advance",
    "archive",
    "ask_to_swap",
    "cancel_shift",
    "change_item",
    "change_roster",
    "close_when_changed",
    "confirm",
    "could_not_read",
    "create_in_cycles",
    "decline_swap",
    "end_override",
    "expire_swaps",
    "fill_template",
    "follow_people",
    "give",
    "hold",
    "keep_histories",
    "keep_history",
    "lead_of",
    "look_after_handovers",
    "look_ahead",
    "make_address",
    "nag",
    "open_by_hand",
    "open_handover",
    "pass_on",
    "people_on",
    "plan",
    "pointed_elsewhere",
    "read_anew",
    "restore",
    "revoke_address",
    "save_rotation",
    "save_shift",
    "send_digest",
    "set_up_cycle",
    "settle",
    "sweep",
    "take_shift",
    "take_swap",
    "tick",
    "untick",
    "what_if",
    "withdraw_roster",
    "withdraw_swap",
    "write_context",
]
