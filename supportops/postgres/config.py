"""The embedded PostgreSQL as Django's settings name it."""

from typing import Any

from supportops.postgres.place import PORT, Place, home
from supportops.postgres.server import DATABASE, SUPERUSER


def database_settings() -> dict[str, Any]:
    """An entry of DATABASES. Nothing is started: the engine does that with the first connection.

    The port only names the socket's file; left out, libpq would take PGPORT of a server of the person's own.
    """
    return {
        "ENGINE": "supportops.postgres",
        "NAME": DATABASE,
        "USER": SUPERUSER,
        "PASSWORD": "",
        "HOST": str(Place(home()).socket_folder),
        "PORT": str(PORT),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
