"""The database as one file, and back: PostgreSQL's own pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo

from supportops.postgres.binaries import program
from supportops.postgres.errors import EmbeddedPostgresError

# Clients alone: the server's own workers, such as autovacuum, come and go.
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
# A client that has just left is seen a moment longer.
PATIENCE = 3.0


class DumpFailed(Exception):
    """It could not be written or read; the message is one sentence for the person at the terminal."""


def write(file: Path) -> None:
    """`file` holds everything, as of this moment. Raises DumpFailed; then there is no such file."""
    aside = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Made by us first: it holds customers' data, so nobody else may read it.
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise DumpFailed(f"Cannot write {file} ({error.strerror}).") from error
    try:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={aside}")
        aside.rename(file)
    finally:
        aside.unlink(missing_ok=True)


def read(file: Path) -> None:
    """The database is what `file` says, whole, or what it was before. Raises DumpFailed."""
    if not file.is_file():
        raise DumpFailed(f"There is no file {file}.")
    until = time.monotonic() + PATIENCE
    while (others := _others()) and time.monotonic() < until:
        time.sleep(0.1)
    if others:
        raise DumpFailed(f"{others} other connections use the database: stop web and worker first.")
    connection.close()
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", str(file))


def _others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        return int(cursor.fetchone()[0])


def _run(name: str, *arguments: str) -> None:
    connection.ensure_connection()
    given = connection.get_connection_params()
    password = given.get("password") or ""
    named = {key: given[key] for key in ("host", "port", "user", "dbname", "sslmode", "sslrootcert") if given.get(key)}
    command = [_program(name), *arguments, f"--dbname={make_conninfo(**named)}"]
    done = subprocess.run(
        command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["it said nothing"]
        raise DumpFailed(f"{name} failed: {words[0].removeprefix(f'{name}: ').removeprefix('error: ')}")


def _program(name: str) -> str:
    """The embedded server's own; for a server elsewhere the one on the PATH, which should be as new as the server."""
    if connection.settings_dict["ENGINE"] != "supportops.postgres" and (found := shutil.which(name)):
        return found
    try:
        return str(program(name))
    except EmbeddedPostgresError as error:
        raise DumpFailed(f"There is no {name} here: install PostgreSQL's client programs.") from error
