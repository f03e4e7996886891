"""Rotations with what defines them, overrides, who was on duty, shifts as people enter them, and calendars."""

from apps.rotations.models.addresses import CalendarAddress
from apps.rotations.models.calendars import STALE, Calendar, CalendarEntry
from apps.rotations.models.handovers import HandOver, HandOverPerson, PassedOn
from apps.rotations.models.history import Served
from apps.rotations.models.overrides import Override, Touched
from apps.rotations.models.rotation import DAYS, Layer, Participant, Role, Roster, Rotation
from apps.rotations.models.shifts import Shift, ShiftQuerySet

__all__ = [
    "DAYS",
    "STALE",
    "Calendar",
    "CalendarAddress",
    "CalendarEntry",
    "HandOver",
    "HandOverPerson",
    "Layer",
    "Override",
    "Participant",
    "PassedOn",
    "Role",
    "Roster",
    "Rotation",
    "Served",
    "Shift",
    "ShiftQuerySet",
    "Touched",
]
