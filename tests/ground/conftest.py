"""Real processes that use the embedded PostgreSQL, each test in a home of its own."""

import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from supportops.postgres.place import PROJECT, Place

NOBODY = 65534
# synchronous_commit stays on: what was committed must outlive a kill -9 of the server.
FAST = "fsync=off full_page_writes=off"

# Does what the lines on its standard input say, and answers each with one line.
USER = """
import os, sys, traceback
import psycopg
from supportops.postgres.cluster import ensure_running
from supportops.postgres.config import database_settings
from supportops.postgres.errors import EmbeddedPostgresError

def ask(query):
    at = database_settings()
    where = dict(host=at["HOST"], port=at["PORT"], user=at["USER"], dbname=at["NAME"])
    with psycopg.connect(**where, autocommit=True) as connection:
        answer = connection.execute(query)
        return answer.fetchone()[0] if answer.description else "done"

for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    try:
        if word == "open":
            ensure_running()
            print("open", flush=True)
        elif word == "sql":
            ensure_running()
            print(ask(rest), flush=True)
        elif word == "fork":
            child = os.fork()
            if child:
                print(child, flush=True)
            else:
                os.close(0), os.close(1), os.close(2)
                import time
                time.sleep(3600)
        elif word == "close-all-handles":
            os.closerange(3, 256)
            print("closed", flush=True)
    except EmbeddedPostgresError as error:
        print("refused:", error, flush=True)
    except Exception as error:
        print("failed:", repr(error), flush=True)
"""


class User:
    """A process that uses the embedded PostgreSQL for as long as it lives."""

    def __init__(self, python: str, environment: dict[str, str], account: int | None) -> None:
        as_account = {} if account is None else {"user": account, "group": account, "extra_groups": []}
        self.process = subprocess.Popen(
            [python, "-c", USER],
            cwd="/",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **as_account,
        )

    def ask(self, line: str) -> str:
        """What it answers to `line`."""
        self.tell(line)
        return self.answer()

    def tell(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.leave()

    def leave(self) -> None:
        """It has ended of its own accord."""
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


class House:
    """One SUPPORTOPS_HOME, the users started in it, and what runs for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.users: list[User] = []
        self.environment: dict[str, str] = {"SUPPORTOPS_POSTGRES_OPTIONS": FAST}

    @property
    def place(self) -> Place:
        return Place(self.home)

    def all_environment(self) -> dict[str, str]:
        paths = os.pathsep.join([str(PROJECT), *site.getsitepackages()])
        return {**os.environ, "PYTHONPATH": paths, "SUPPORTOPS_HOME": str(self.home), **self.environment}

    def user(self, *, account: int | None = None) -> User:
        """A new process, which has not used anything yet."""
        user = User(python_for(account), self.all_environment(), account)
        self.users.append(user)
        return user

    def opened(self) -> User:
        """A new process that has the server open."""
        user = self.user()
        assert user.ask("open") == "open"
        return user

    def postmaster(self) -> int:
        """The number in the server's own pid file."""
        return int((self.place.data / "postmaster.pid").read_text().split("\n")[0])

    def keepers(self) -> list[int]:
        """The keepers that live for this home."""
        return [pid for pid, command in processes() if b"supportops.postgres.keeper" in command and self._is(pid)]

    def postmasters(self) -> list[int]:
        """The postmasters that live on this home's data, wherever it is."""
        return [
            pid
            for pid, command in processes()
            if os.path.basename(command[0]) == b"postgres" and os.fsencode(self.place.data.resolve()) in command
        ]

    def _is(self, pid: int) -> bool:
        try:
            return os.fsencode(f"SUPPORTOPS_HOME={self.home}") in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False

    def kill(self, pid: int) -> None:
        # A keeper that ends meanwhile is what was wanted.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        until(lambda: has_ended(pid))

    def is_empty(self) -> bool:
        """Nothing of this home runs."""
        return not self.keepers() and not self.postmasters()

    def move(self, there: Path) -> None:
        self.home.rename(there)
        self.home = there

    def clear(self) -> None:
        """Every user and everything else of this home has been killed."""
        for user in self.users:
            if user.process.returncode is None:
                user.kill()
        for pid in [*self.keepers(), *self.postmasters()]:
            self.kill(pid)
        if not self.place.socket_folder.is_relative_to(self.root):
            shutil.rmtree(self.place.socket_folder, ignore_errors=True)

    def stop(self) -> None:
        """The server has shut down cleanly, without the time it would linger."""
        for keeper in self.keepers():
            os.kill(keeper, signal.SIGTERM)
        until(self.is_empty)


def processes() -> Iterator[tuple[int, list[bytes]]]:
    """Every live process with its command line."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if command:
                yield int(folder.name), command.rstrip(b"\0").split(b"\0")


def has_ended(pid: int) -> bool:
    """Whether the process is past closing its files, and so holds no lock any more."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def until(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """`condition` has come true; fails when it has not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def python_for(account: int | None) -> str:
    """A Python that `account` may run: ours may lie in a home that is closed to it."""
    if account is None:
        return sys.executable
    path = os.pathsep.join([str(PROJECT), *site.getsitepackages()])
    for python in filter(None, [sys.executable, shutil.which("python3", path="/usr/local/bin:/usr/bin")]):
        try:
            tried = subprocess.run(
                [python, "-c", "import psycopg"],
                cwd="/",
                env={"PYTHONPATH": path},
                stderr=subprocess.DEVNULL,
                user=account,
                group=account,
                extra_groups=[],
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    pytest.skip("no Python here that an unprivileged account may run")


@pytest.fixture
def new_house() -> Iterator[House]:
    """A home where nothing was ever started."""
    yield from _house()


@pytest.fixture(scope="session")
def model_house() -> Iterator[House]:
    """A home that was used and left."""
    for house in _house():
        house.opened().leave()  # its lock would move along with the home
        house.stop()
        house.place.server_log.unlink()
        yield house


@pytest.fixture
def house(new_house: House, model_house: House) -> Iterator[House]:
    """A home with its data made; nothing runs.

    One home that is moved from test to test, since making the data, or copying it, takes longer than most of
    them.
    """
    model_house.home.rename(new_house.home)
    yield new_house
    new_house.clear()
    for log in new_house.place.folder.glob("*.log*"):
        log.unlink()
    new_house.home.rename(model_house.home)


def _house() -> Iterator[House]:
    # Not tmp_path: other accounts cannot enter it, and its length leaves no room for a socket.
    root = Path(tempfile.mkdtemp(prefix="so-", dir="/tmp"))
    root.chmod(0o755)
    house = House(root)
    yield house
    house.clear()
    shutil.rmtree(root)
