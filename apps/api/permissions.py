"""What a key may do."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.api.models import SCOPES, ApiKey

EVERY_SCOPE = tuple(scope for scope, _ in SCOPES)


class HasScope(BasePermission):
    """The key has one of the scopes the route names: `reads` to look, `writes` to change.

    A route that names none is open to nobody.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        api_key = request.auth
        if not isinstance(api_key, ApiKey):
            return False
        needed = view.reads if request.method in SAFE_METHODS else view.writes
        self.message = f"This needs a key with the scope {' or '.join(needed)}."
        return bool(set(needed) & set(api_key.scopes))
