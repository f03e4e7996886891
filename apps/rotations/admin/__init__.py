"""Shifts, rotations, rosters and overrides in the admin. Django loads this; each page is in a module of its own."""

from apps.rotations.admin import calendars, cycles, overrides, rotations, shifts, swaps

__all__ = ["calendars", "cycles", "overrides", "rotations", "shifts", "swaps"]
