"""Rotations with what defines them, overrides, who was on duty, shifts as people enter them, calendars, and cycles."""

from apps.rotations.models.addresses import CalendarAddress
from apps.rotations.models.calendars import STALE, Calendar, CalendarEntry
from apps.rotations.models.coverage import Coverage
from apps.rotations.models.cycles import (
    WEEKDAYS,
    ChecklistItem,
    Cycle,
    CycleRun,
    Part,
    Phase,
    Repeats,
    RunItem,
)
from apps.rotations.models.handovers import HandOver, HandOverPerson, PassedOn
from apps.rotations.models.history import Served
from apps.rotations.models.overrides import Override, Touched
from apps.rotations.models.rotation import DAYS, Layer, Participant, Role, Roster, Rotation
from apps.rotations.models.shifts import Shift, ShiftQuerySet
from apps.rotations.models.swaps import Invited, SwapRequest

__all__ = [
    "DAYS",
    "STALE",
    "WEEKDAYS",
    "Calendar",
    "CalendarAddress",
    "CalendarEntry",
    "ChecklistItem",
    "Coverage",
    "Cycle",
    "CycleRun",
    "HandOver",
    "HandOverPerson",
    "Invited",
    "Layer",
    "Override",
    "Part",
    "Participant",
    "PassedOn",
    "Phase",
    "Repeats",
    "Role",
    "Roster",
    "Rotation",
    "RunItem",
    "Served",
    "Shift",
    "ShiftQuerySet",
    "SwapRequest",
    "Touched",
]
