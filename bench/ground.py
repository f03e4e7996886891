"""What every figure stands on: a portal of its own, in production mode, with fsync on."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIGNING_SECRET = "bench-signing-secret"


def environment(home: str, slack_url: str = "http://127.0.0.1:9/api/") -> dict[str, str]:
    """Production settings for a throw-away portal."""
    return {
        "DEBUG": "0",
        "DEMO": "0",
        "SUPPORTOPS_HOME": home,
        "DATABASE_URL": "embedded",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "BASE_URL": "http://127.0.0.1",
        "INSECURE_HTTP": "1",
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack_url,
        "API_RATE": "1000000/min",
        "LOG_LEVEL": "CRITICAL",
        "HELPDESK": "",
    }


@contextmanager
def home() -> Iterator[str]:
    """A folder that is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="supportops-bench-")
    try:
        yield folder
    finally:
        # The database stops with its last user; its files can be removed a moment later.
        time.sleep(3)
        shutil.rmtree(folder, ignore_errors=True)


def manage(*arguments: str, env: dict[str, str]) -> None:
    """Run a management command to its end."""
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, check=True, stdout=subprocess.DEVNULL)


def spawn(*command: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, start_new_session=True, stdout=quiet, stderr=quiet
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that `spawn` started, gently first."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 30) -> None:
    """Until something listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing listens on {port}.")


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which `percent` % of them lie."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def resident(pid: int) -> float:
    """Resident memory in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def worked(pid: int) -> float:
    """Seconds of a core the process has used."""
    used = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """The process and all it started."""
    found = [pid]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(folder.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            found.extend(descendants(int(folder.name)))
    return found


def say(name: str, value: str) -> None:
    """One figure."""
    print(f"  {name:<68} {value}", flush=True)
