"""How often a key may ask."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle


class PerKey(SimpleRateThrottle):
    """So many requests a key, in each web process: counts live in the process's memory.

    A request without a key is refused before it is counted.
    """

    scope = "key"

    def get_rate(self) -> str:
        # Looked up each time: the class would keep the rate of when it was imported.
        return str(api_settings.DEFAULT_THROTTLE_RATES[self.scope])

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"throttle:{request.auth.pk}" if request.auth else None

    def wait(self) -> float | None:
        """Seconds until the next request is allowed, at least one: Retry-After is in whole seconds."""
        seconds = super().wait()
        return None if seconds is None else float(int(seconds) + 1)
