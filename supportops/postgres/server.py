"""One postmaster: made, started or adopted, asked, stopped."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from supportops.postgres import processes
from supportops.postgres.accounts import Runner
from supportops.postgres.binaries import program
from supportops.postgres.errors import EmbeddedPostgresError
from supportops.postgres.place import PORT, Place

DATABASE = "supportops"
SUPERUSER = "postgres"
OPTIONS = ("listen_addresses=", "shared_buffers=128MB", "max_connections=100", "lc_messages=C")
PAUSE = 0.05
# The processes of a killed postmaster notice its death and leave; until then a new one is refused.
PATIENCE_WITH_SURVIVORS = 30.0
# How long a postmaster may live without a socket before it is taken for one nobody can reach.
PATIENCE_WITHOUT_SOCKET = 3.0
# Replaying the log after an unclean stop takes its time; a postmaster that lives gets it.
PATIENCE_WITH_RECOVERY = 600.0


def extra_options() -> list[str]:
    """SUPPORTOPS_POSTGRES_OPTIONS: `fsync=off synchronous_commit=off`; `-c` before each is as good."""
    return [word for word in shlex.split(os.environ.get("SUPPORTOPS_POSTGRES_OPTIONS", "")) if word != "-c"]


@dataclass
class Server:
    """The postmaster of `place`, run by `runner`; at most one at a time, which the keeper's lock sees to."""

    place: Place
    runner: Runner
    child: subprocess.Popen[bytes] | None = None
    adopted: int | None = None
    log_start: int = field(default=0)

    @property
    def pid_file(self) -> Path:
        return self.place.data / "postmaster.pid"

    def make_data(self) -> None:
        """The data folder exists, whole: a half-made one never gets its name."""
        data = self.place.data.resolve()
        if (data / "PG_VERSION").exists():
            self.runner.own(data)
            return
        for rest in data.parent.glob("data.new-*"):
            shutil.rmtree(rest, ignore_errors=True)
        # A name of its own each time: an initdb whose keeper was killed may still be writing to the last one.
        fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=data.parent))
        self.runner.own(fresh)
        command: list[str | Path] = [program("initdb"), "-D", fresh, "-U", SUPERUSER]
        command += ["--auth=trust", "--encoding=UTF8"]
        # The builtin provider sorts and folds the same on every system, whatever its C library.
        command += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        if "fsync=off" in extra_options():
            command.append("--no-sync")
        if self._run(command) != 0:
            raise self._failed(f"its data could not be made in {data.parent}")
        if data.exists():
            # Without PG_VERSION no server ever ran on it; it is kept all the same.
            data.rename(data.with_name(f"data.broken-{int(data.stat().st_mtime)}"))
        fresh.rename(data)

    def make_socket_folder(self) -> None:
        """The socket's folder exists, and the runner's account may make the socket in it."""
        folder = self.place.socket_folder
        data = self.place.data.resolve()
        if folder.is_relative_to(self.place.folder) and data.parent != self.place.folder:
            # The data lies elsewhere because the account cannot come here; so must the socket.
            there = data.parent / "socket"
            there.mkdir(mode=0o700, exist_ok=True)
            if not folder.is_symlink() or folder.resolve() != there:
                self._clear(folder)
                folder.symlink_to(there)
        else:
            if folder.is_symlink() and folder.is_relative_to(self.place.folder):
                folder.unlink()
            folder.mkdir(mode=0o700, exist_ok=True)
        self.place.check_socket_folder()
        self.runner.own(folder.resolve())

    def come_up(self) -> None:
        """The server answers and has its database: a survivor is adopted, else one is started.

        Raises EmbeddedPostgresError with the log's last words when it cannot.
        """
        give_up = time.monotonic() + PATIENCE_WITH_SURVIVORS
        while True:
            self._adopt() or self._start()
            if self._wait_until_ready():
                return
            if self.adopted is not None:
                continue  # it was ending when we found it
            survivors = "still in use" in last_words(self.place.server_log, self.log_start)
            if not survivors or time.monotonic() > give_up:
                raise self._failed("it ended again")
            time.sleep(PAUSE)

    def is_alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return self.adopted is not None and processes.is_postmaster(self.adopted, self.place.data)

    def stop(self) -> None:
        """It has ended; open connections were cut, nothing committed is lost."""
        pid = self.child.pid if self.child is not None else self.adopted
        if pid is not None and self.is_alive():
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast shutdown"
        while self.is_alive():
            time.sleep(PAUSE)
        if not self.place.socket_folder.is_relative_to(self.place.folder):
            with suppress(OSError):
                self.place.socket_folder.rmdir()

    def _adopt(self) -> bool:
        """True if a postmaster of ours is running; it outlived its keeper."""
        self.child = self.adopted = None
        try:
            first = self.pid_file.read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return False
        if first.isdigit() and processes.is_postmaster(int(first), self.place.data):
            self.adopted = int(first)
            return True
        if first.isdigit() and processes.exists(int(first)):
            # After an unclean stop the number went to some other program, and PostgreSQL would take that for
            # its predecessor and refuse. Otherwise the file stays: PostgreSQL looks into it for survivors.
            self.pid_file.unlink()
        return False

    def _start(self) -> bool:
        for rest in (self.place.socket, self.place.socket.with_name(self.place.socket.name + ".lock")):
            rest.unlink(missing_ok=True)  # its pid may be anybody's by now, too
        self.log_start = _size(self.place.server_log)
        # Quoted, since the setting is a list.
        folder = '"' + str(self.place.socket_folder.resolve()).replace('"', '""') + '"'
        settings = [*OPTIONS, f"unix_socket_directories={folder}", "unix_socket_permissions=0700"]
        command: list[str | Path] = [program("postgres"), "-D", self.place.data.resolve(), "-p", str(PORT)]
        for setting in [*settings, *extra_options()]:
            command += ["-c", setting]
        with self.place.server_log.open("ab") as log:
            self.child = self.runner.start(command, output=log)
        return True

    def _run(self, command: list[str | Path]) -> int:
        self.log_start = _size(self.place.server_log)
        with self.place.server_log.open("ab") as log:
            return self.runner.start(command, output=log).wait()

    def _failed(self, how: str) -> EmbeddedPostgresError:
        log = self.place.server_log
        words = last_words(log, self.log_start)
        return EmbeddedPostgresError(f"The embedded PostgreSQL did not start, {how}: {words} (the log is {log})")

    def _wait_until_ready(self) -> bool:
        """True when the database is there to connect to; False when the postmaster has ended first."""
        began = time.monotonic()
        while self.is_alive():
            if self._make_database():
                return True
            waited = time.monotonic() - began
            if waited > PATIENCE_WITHOUT_SOCKET and not self.place.socket.exists():
                self.stop()  # its socket was deleted under it, or it was started for another home
            if waited > PATIENCE_WITH_RECOVERY:
                raise self._failed("it does not answer")
            time.sleep(PAUSE)
        return False

    def _make_database(self) -> bool:
        """True if DATABASE exists now; False if the server does not answer yet."""
        try:
            connection = psycopg.connect(
                host=str(self.place.socket_folder),
                port=PORT,
                user=SUPERUSER,
                dbname="postgres",
                connect_timeout=10,
                autocommit=True,
            )
        except psycopg.OperationalError:
            return False
        with connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return True

    def _clear(self, folder: Path) -> None:
        if folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)


def last_words(log: Path, since: int = 0) -> str:
    """Why a program ended: the last complaint, else the last line, of its log from byte `since` on."""
    if not log.exists():
        return "it wrote nothing"
    with log.open("rb") as file:
        file.seek(since)
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    written = [line for line in lines if line]
    complaints = [line for line in written if any(word in line for word in ("FATAL:", "PANIC:", "error:"))]
    return (complaints or written or ["it wrote nothing"])[-1]


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0
