"""Which PostgreSQL: the one DATABASE_URL names, or the embedded one."""

from __future__ import annotations

import sys
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
        return named(config.database_settings())
    settings: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if settings["ENGINE"] == "django.db.backends.postgresql":
        settings["ENGINE"] = "apps.trail.engine"
    # psycopg's own pool does not survive django-q2's fork, so connections are kept instead.
    settings.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    return named(settings)


def named(settings: dict[str, Any]) -> dict[str, Any]:
    """The entry with a name that PostgreSQL shows for its connections, unless it has one."""
    settings.setdefault("OPTIONS", {}).setdefault("application_name", process_name(sys.argv))
    return settings


def process_name(argv: list[str]) -> str:
    """What a process of this command line is called: `supportops web`, `supportops worker`, `supportops shell`."""
    started = Path(argv[0] if argv else "")
    # `python -m gunicorn` is started by its package's __main__.py.
    program = started.parent.name if started.name == "__main__.py" else started.name
    if program == "manage.py":
        program = argv[1] if len(argv) > 1 else ""
    return f"supportops {'web' if program == 'gunicorn' else program}".strip()
