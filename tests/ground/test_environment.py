"""`supportops/environment.py` and the Makefile, in a folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ground.working import PROJECT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose lock file asks for nothing, installed."""
    project = tmp_path_factory.mktemp("a project")
    (project / "supportops").mkdir()
    shutil.copy(PROJECT / "supportops" / "environment.py", project / "supportops")
    shutil.copy(PROJECT / "Makefile", project)
    (project / "requirements.lock").write_text("# nothing\n")
    (project / "requirements-dev.lock").write_text("# nothing\n")
    done = install(project)
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def project(made: Path) -> Path:
    """That project with its lock file as it was."""
    (made / "requirements.lock").write_text("# nothing\n")
    install(made)
    return made


def install(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [getattr(sys, "_base_executable", sys.executable), "supportops/environment.py", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def make(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_has_a_python_of_its_own(project: Path) -> None:
    shown = subprocess.run(
        [project / ".venv/bin/python", "-c", "import sys; print(sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.strip() == str(project / ".venv")


def test_a_second_call_installs_nothing(project: Path) -> None:
    assert install(project).stdout == ""


def test_a_changed_lock_is_installed(project: Path) -> None:
    (project / "requirements.lock").write_text("# nothing, but otherwise\n")

    first, second = install(project), install(project)

    assert "Installing requirements.lock" in first.stdout
    assert second.stdout == ""


def test_what_the_tests_need_includes_what_the_portal_needs(project: Path) -> None:
    install(project, "--dev")

    assert install(project).stdout == install(project, "--dev").stdout == ""


def test_another_python_makes_it_anew(project: Path) -> None:
    stamp = project / ".venv" / "supportops.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "python": "3.10"}))

    done = install(project)

    assert done.returncode == 0
    assert json.loads(stamp.read_text())["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_an_interrupted_installation_starts_over(project: Path) -> None:
    (project / ".venv" / "supportops.json").unlink()

    assert "Installing" in install(project).stdout


@pytest.mark.parametrize("lock", ["django==5.2\n", "this is no requirement\n", "supportops-none==1 --hash=sha256:00\n"])
def test_a_broken_lock_is_one_sentence(project: Path, lock: str) -> None:
    (project / "requirements.lock").write_text(lock)

    done = install(project)

    assert done.returncode == 1
    assert done.stderr.startswith("requirements.lock could not be installed: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_lock_is_one_sentence(project: Path) -> None:
    (project / "requirements.lock").unlink()

    done = install(project)

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith("Cannot read requirements.lock")


def test_no_python_is_one_sentence(project: Path) -> None:
    done = make(project, "environment", "PYTHON=")

    assert done.returncode == 2
    assert "SupportOps needs Python 3.11 or later" in done.stdout
    assert "Traceback" not in done.stderr


def test_make_alone_lists_the_targets(project: Path) -> None:
    listed = make(project).stdout

    for target in ("run", "test", "check", "bench", "screenshots", "lock"):
        assert f"make {target} " in listed


def test_what_ci_runs_is_make_test() -> None:
    script = PROJECT / ".ci" / "run"
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]

    assert commands == ["exec make test"]
    assert os.access(script, os.X_OK)
