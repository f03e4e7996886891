"""Who asks: the bearer of a key."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.api import keys, services
from apps.api.models import ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        """The key, as user and as credential; None when the request brings none.

        Raises AuthenticationFailed for a key that opens nothing.
        """
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        # Part of a door, so it reads the clock.
        now = timezone.now()  # noqa: TID251
        api_key = ApiKey.objects.filter(hashed_key=keys.hashed(key.strip())).first()
        if api_key is None:
            raise AuthenticationFailed("This key is not known.")
        if api_key.revoked_at is not None:
            raise AuthenticationFailed("This key was revoked.")
        if api_key.expires_at is not None and api_key.expires_at <= now:
            raise AuthenticationFailed("This key has expired.")
        services.key_used(api_key, now=now)
        return api_key, api_key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
