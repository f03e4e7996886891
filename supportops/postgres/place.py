"""Where the embedded PostgreSQL keeps its files."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from supportops.postgres.errors import EmbeddedPostgresError

PROJECT = Path(__file__).resolve().parents[2]
PORT = 5432  # names the socket's file, nothing else: the server does not listen on TCP
SOCKET = f".s.PGSQL.{PORT}"
# A socket's path is an array of 104 bytes on macOS and 108 on Linux.
LONGEST_SOCKET_PATH = 100


def home() -> Path:
    """The folder of everything this installation keeps, from SUPPORTOPS_HOME.

    A relative folder starts at the project, so that every process means the same one, whatever its working
    directory.
    """
    return (PROJECT / Path(os.environ.get("SUPPORTOPS_HOME") or ".local").expanduser()).resolve()


@dataclass(frozen=True)
class Place:
    """The files of one embedded PostgreSQL. All but the socket's folder lie under `home` and move with it."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder, or a link to it (accounts.py says when)."""
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """In the home, or a short private folder when the path is one that a socket or libpq cannot take.

        Always /tmp, not TMPDIR: two terminals with different TMPDIRs share one server. The comma is libpq's:
        it separates hosts.
        """
        inside = self.folder / "socket"
        if len(os.fsencode(inside / SOCKET)) <= LONGEST_SOCKET_PATH and "," not in str(inside):
            return inside
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"supportops-{name}"  # noqa: S108 (check_socket_folder looks whose it is)

    @property
    def socket(self) -> Path:
        return self.socket_folder / SOCKET

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server, exclusively by a keeper that is stopping it."""
        return self.folder / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that is starting a keeper."""
        return self.folder / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper for as long as it lives."""
        return self.folder / "keeper.lock"

    @property
    def open_lock(self) -> Path:
        """Held by the keeper while the server answers and has its database."""
        return self.folder / "open.lock"

    @property
    def server_log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def keeper_log(self) -> Path:
        return self.folder / "keeper.log"

    def make(self) -> None:
        """The folder exists and can be written."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self.refused(error) from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise EmbeddedPostgresError(
                f"No write access to {self.folder}: name another folder with SUPPORTOPS_HOME, "
                "or a PostgreSQL of your own with DATABASE_URL."
            )

    def refused(self, error: OSError) -> EmbeddedPostgresError:
        """The error that says which file of this place the system did not let us use."""
        reason = error.strerror or str(error)
        file = error.filename or self.folder
        return EmbeddedPostgresError(
            f"Cannot use {file} ({reason}): name another folder with SUPPORTOPS_HOME, "
            "or a PostgreSQL of your own with DATABASE_URL."
        )

    def check_socket_folder(self) -> None:
        """The socket's folder, if it exists, is ours alone.

        Everybody can make folders in /tmp: a server that waits for us in a folder of somebody else's would
        be handed our data.
        """
        if self.socket_folder.is_relative_to(self.folder):
            return
        try:
            found = self.socket_folder.lstat()
        except FileNotFoundError:
            return
        ours = found.st_uid in self.owners()
        if not stat.S_ISDIR(found.st_mode) or not ours or stat.S_IMODE(found.st_mode) != 0o700:
            raise EmbeddedPostgresError(
                f"{self.socket_folder} is not a private folder of ours: remove it, or name a shorter folder "
                "with SUPPORTOPS_HOME."
            )

    def owners(self) -> set[int]:
        """The accounts whose files we trust: our own and, for root, the one the server runs as."""
        owners = {os.geteuid()}
        if os.geteuid() == 0 and self.data.exists():
            owners.add(self.data.stat().st_uid)
        return owners
