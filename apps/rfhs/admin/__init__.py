"""Requests for help in the admin. Django loads this; each page is in a module of its own."""

from apps.rfhs.admin import areas, desks, owners, requests

__all__ = ["areas", "desks", "owners", "requests"]
