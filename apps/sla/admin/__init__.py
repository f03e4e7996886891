"""Policies in the admin. Django loads this; each part is in a module of its own."""

from apps.sla.admin import policies

__all__ = ["policies"]
