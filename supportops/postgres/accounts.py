"""As whom PostgreSQL runs: it refuses to run as root."""

import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from supportops.postgres.binaries import program
from supportops.postgres.errors import EmbeddedPostgresError
from supportops.postgres.place import Place

# Where the data goes when the account that runs PostgreSQL cannot reach the home (a home under /root, say).
ELSEWHERE = Path("/var/lib/supportops")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Runner:
    """Starts programs as an account PostgreSQL accepts; their files belong to `uid` and `gid`."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def start(self, command: Sequence[str | Path], *, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """The running program: in a session of its own, so that Ctrl-C in a terminal passes it by."""
        account: dict[str, Any] = {}
        if self.uid != os.geteuid():
            account = {"user": self.uid, "group": self.gid, "extra_groups": []}
        # PGPORT, PGDATA and their kin are for a server of the person's own.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.Popen(
            [*self.prefix, *map(str, command)],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **account,
        )

    def can_work_in(self, folder: Path) -> bool:
        """Whether it can enter `folder` and run PostgreSQL from there."""
        attempt = 'cd "$1" && "$2" --version'
        probe: list[str | Path] = ["/bin/sh", "-c", attempt, "sh", folder, program("postgres")]
        try:
            return self.start(probe, output=subprocess.DEVNULL).wait() == 0
        except OSError:
            return False

    def own(self, folder: Path) -> None:
        """`folder` and all in it belong to this runner's account."""
        if os.geteuid() != 0 or folder.stat().st_uid == self.uid:
            return
        os.chown(folder, self.uid, self.gid)
        for parent, folders, files in os.walk(folder):
            for name in [*folders, *files]:
                os.chown(Path(parent) / name, self.uid, self.gid, follow_symlinks=False)


def runner_for(place: Place) -> Runner:
    """The runner for the server of `place`; afterwards data and socket, if made, lie where it can reach them.

    Who is not root runs it as is. Root runs it as itself under another name (a user namespace), and where
    that is refused, as in most containers, as an unprivileged account. Nothing outside the home is opened up
    for that account: when it cannot reach the home, the data lies in ELSEWHERE and the home links to it.
    """
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid())
    has_data = (place.data / "PG_VERSION").exists()
    if not has_data and place.data.is_symlink():
        place.data.unlink()  # what it led to is gone
    runners = list(_candidates(place.data.stat() if has_data else None))
    where = place.data.resolve().parent
    if where == place.folder:
        # Passing through is all the account gets: the locks and logs in here are readable by us alone.
        place.folder.chmod(0o711)
    for runner in runners:
        if runner.can_work_in(where):
            return runner
    if not has_data:
        for runner in runners:
            if runner.can_work_in(Path("/")):
                _move_elsewhere(place, runner)
                return runner
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and no other account here can run it in {where}: start SupportOps "
        "as another account, or name a PostgreSQL of your own with DATABASE_URL."
    )


def _candidates(data: os.stat_result | None) -> Iterator[Runner]:
    """Who may run a server with this data folder, best first: its owner, unless that is root."""
    if data is not None and data.st_uid != 0:
        yield Runner(data.st_uid, data.st_gid)
        return
    yield Runner(0, 0, NAMESPACE)
    for name in UNPRIVILEGED:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        yield Runner(account.pw_uid, account.pw_gid)


def _move_elsewhere(place: Place, runner: Runner) -> None:
    """`place.data` is a link to a folder that `runner` can reach; the link moves with the home."""
    ELSEWHERE.mkdir(parents=True, exist_ok=True)
    folder = ELSEWHERE / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    runner.own(folder)
    place.data.symlink_to(folder / "data")
