"""Which PostgreSQL: the one DATABASE_URL names, or the embedded one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ

from supportops.postgres import config, place


def home() -> Path:
    """Where the portal keeps what it writes: SUPPORTOPS_HOME, or `.local` beside the code."""
    return place.home()


def settings_from(url: str) -> dict[str, Any]:
    """Django's DATABASES entry; an empty address or the word `embedded` means the embedded server."""
    if url in ("", "embedded"):
        return config.database_settings()
    settings: dict[str, Any] = dict(environ.Env.db_url_config(url))
    # psycopg's own pool does not survive django-q2's fork, so connections are kept instead.
    settings.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    settings.setdefault("OPTIONS", {})
    return settings
