"""Subscribers, and the demo's emails, in the admin. Django loads this; each part is in a module of its own."""

from apps.statuspage.admin import mails, subscribers

__all__ = ["mails", "subscribers"]
