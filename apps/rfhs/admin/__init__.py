"""Requests for help in the admin."""

from apps.rfhs.admin import requests

__all__ = ["requests"]
