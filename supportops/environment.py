"""The virtual environment is what a lock file says. Run by the system's own Python, so it imports nothing of ours.

    python3.11 supportops/environment.py [--dev]

What was installed is remembered by the lock's content, so a second call is instant, and an interrupted one starts over.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "supportops.json"
RUN, DEV = "requirements.lock", "requirements-dev.lock"


def main() -> None:
    """`.venv` has everything of the lock, with the hashes checked; or one sentence says why not."""
    # Whichever Python make found; ruff knows only the one we ask for.
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"SupportOps needs Python 3.11 or later, and this is {sys.version.split()[0]}: set PYTHON.")
    wanted = [RUN, DEV] if "--dev" in sys.argv[1:] else [RUN]
    state = {name: _digest(name) for name in wanted}
    python = ".".join(map(str, sys.version_info[:2]))
    there = _stamp()
    if there.get("python") == python and all(there.get(name) == state[name] for name in wanted) and _works():
        return
    print(f"Installing {wanted[-1]} into {VENV.name} …", flush=True)
    if not _works() or there.get("python", python) != python or _python_of_venv() != python:
        _make()
    STAMP.unlink(missing_ok=True)
    _install(wanted[-1])
    STAMP.write_text(json.dumps({"python": python, **state}))


def _digest(name: str) -> str:
    try:
        return hashlib.sha256((PROJECT / name).read_bytes()).hexdigest()
    except OSError as error:
        sys.exit(f"Cannot read {name} ({error.strerror}): restore it from the repository.")


def _stamp() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _works() -> bool:
    try:
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _python_of_venv() -> str:
    shown = subprocess.run(
        [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip()


def _make() -> None:
    if VENV.exists():
        shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if not os.access(PROJECT, os.W_OK):
            sys.exit(f"No write access to {PROJECT}, where .venv belongs.")
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"Python's venv module cannot make {VENV} (on Debian and Ubuntu: apt-get install python{version}-venv)."
        )


def _install(lock: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--requirement", str(PROJECT / lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        reason = (complaints or done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        sys.exit(f"{lock} could not be installed: {reason.removeprefix('ERROR:').strip()}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
