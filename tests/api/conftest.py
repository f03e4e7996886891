"""Keys and the clients that bear them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.api import services
from apps.api.permissions import EVERY_SCOPE

Bearer = Callable[..., APIClient]


@pytest.fixture
def bearing(db: None) -> Bearer:
    """A client whose key has these scopes."""

    def make(*scopes: str, **fields: Any) -> APIClient:
        _, secret = services.create_key(name=" ".join(scopes), scopes=scopes, now=timezone.now(), **fields)
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make


@pytest.fixture
def client(bearing: Bearer) -> APIClient:
    """A client that may do everything."""
    return bearing(*EVERY_SCOPE)
