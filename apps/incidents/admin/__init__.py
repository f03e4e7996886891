"""Incidents and what belongs to them in the admin. Django loads this; each part is in a module of its own."""

from apps.incidents.admin import components, incidents, maintenance, severities

__all__ = ["components", "incidents", "maintenance", "severities"]
