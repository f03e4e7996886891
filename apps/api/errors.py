"""What the API refuses."""

from __future__ import annotations


class ApiError(Exception):
    """The base; its message can be shown to a person."""


class BadKey(ApiError):
    """A key cannot be made like that."""


class AlreadyRevoked(ApiError):
    """The key was revoked before."""
