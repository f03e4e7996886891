"""Incidents and what belongs to them in the admin. Django loads this; each part is in a module of its own."""

from apps.incidents.admin import maintenance

__all__ = ["maintenance"]
