"""Settings as a start reads them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from supportops.logs import RefusalsInALine
from supportops.production import problems
from supportops.secret import development_key
from supportops.typed import Typed
from tests.ground.working import PROJECT

SAFE: dict[str, Any] = {
    "secret_key": "x" * 50,
    "allowed_hosts": ["support.example.com"],
    "base_url": "https://support.example.com",
    "demo": False,
    "slack_bot_token": "",
    "slack_signing_secret": "",
    "slack_app_token": "",
    "helpdesk": "",
    "helpdesk_url": "",
    "helpdesk_user": "",
    "helpdesk_token": "",
    "helpdesk_timeout": 1.5,
    "github_token": "",
    "github_url": "https://api.github.com",
    "rfh_private_tracker": "",
    "rfh_public_tracker": "",
    "database_url": "postgres://one@two/three",
    "insecure_http": False,
}


GITHUB = {"github_token": "t0ken", "rfh_private_tracker": "acme/support"}
ZENDESK: dict[str, Any] = {
    "helpdesk": "zendesk",
    "helpdesk_url": "https://desk.example.com",
    "helpdesk_user": "agent@example.com",
    "helpdesk_token": "t0ken",
}


def manage(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command with exactly this environment, so without DEBUG unless it is given.

    Its home is not the checkout's, where `make run` may have said that DEBUG is on.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env={**kept, "SUPPORTOPS_HOME": str(settings.HOME / "of-commands"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_environment_has_no_problems() -> None:
    assert problems(**SAFE) == []


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("SECRET_KEY", {"secret_key": "x" * 49}),
        ("ALLOWED_HOSTS", {"allowed_hosts": []}),
        ("ALLOWED_HOSTS", {"allowed_hosts": ["*"]}),
        ("BASE_URL", {"base_url": ""}),
        ("BASE_URL", {"base_url": "http://support.example.com"}),
        ("DEMO", {"demo": True}),
        ("SLACK_SIGNING_SECRET", {"slack_bot_token": "xoxb-1"}),
        ("HELPDESK", {"helpdesk": "telex", "helpdesk_url": "https://desk.example.com"}),
        ("HELPDESK_URL", {"helpdesk": "generic"}),
        ("HELPDESK_URL", {**ZENDESK, "helpdesk_url": "desk.example.com"}),
        ("HELPDESK_URL", {**ZENDESK, "helpdesk_url": "https://desk.example.com:https"}),
        ("HELPDESK_USER", {**ZENDESK, "helpdesk_user": ""}),
        ("HELPDESK_TOKEN", {**ZENDESK, "helpdesk_token": ""}),
        ("HELPDESK_TIMEOUT", {**ZENDESK, "helpdesk_timeout": 0}),
        ("HELPDESK_TIMEOUT", {**ZENDESK, "helpdesk_timeout": float("nan")}),
        ("HELPDESK_TIMEOUT", {**ZENDESK, "helpdesk_timeout": 60}),
        ("GITHUB_TOKEN", {"rfh_private_tracker": "acme/support"}),
        ("RFH_PRIVATE_TRACKER", {"github_token": "t0ken"}),
        ("RFH_PRIVATE_TRACKER", {"github_token": "t0ken", "rfh_private_tracker": "https://github.com/acme/support"}),
        ("RFH_PUBLIC_TRACKER", {**GITHUB, "rfh_public_tracker": "acme"}),
        ("RFH_PUBLIC_TRACKER", {**GITHUB, "rfh_public_tracker": "Acme/Support"}),
        ("GITHUB_URL", {**GITHUB, "github_url": "github.example.com"}),
        ("DATABASE_URL", {"database_url": ""}),
        ("DATABASE_URL", {"database_url": "mysql://one@two/three"}),
    ],
)
def test_what_is_missing_or_unsafe_is_named(setting: str, wrong: dict[str, Any]) -> None:
    found = problems(**{**SAFE, **wrong})

    assert [line.partition(":")[0] for line in found] == [setting]


@pytest.mark.parametrize("kind", ["zendesk", "Zendesk ", "none"])
def test_a_help_desk_with_everything_set_has_no_problems(kind: str) -> None:
    assert problems(**{**SAFE, **ZENDESK, "helpdesk": kind}) == []


def test_plain_http_is_allowed_when_asked_for() -> None:
    assert problems(**{**SAFE, "base_url": "http://support.internal", "insecure_http": True}) == []


def test_a_start_without_anything_lists_everything_at_once() -> None:
    refused = manage("check")

    assert refused.returncode == 1
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL"):
        assert f"  - {name}: " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_deployment_with_everything_set_has_no_warning() -> None:
    checked = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        SECRET_KEY="0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEF",
        ALLOWED_HOSTS="support.example.com",
        BASE_URL="https://support.example.com",
        DATABASE_URL="embedded",
    )

    assert (checked.returncode, checked.stderr) == (0, ""), checked.stderr


def test_an_unknown_broker_is_one_sentence() -> None:
    refused = manage("check", DEBUG="1", BROKER_URL="amqp://somewhere")

    assert refused.returncode == 1
    assert refused.stderr.startswith("BROKER_URL is 'amqp://somewhere'")


def test_the_development_key_is_kept_and_private(tmp_path: Path) -> None:
    home = tmp_path / "home"

    first, second = development_key(home), development_key(home)

    assert first == second
    assert len(first) >= 50
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in home.iterdir()] == ["secret-key"]


def test_a_home_that_cannot_be_written_still_has_a_key(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert len(development_key(tmp_path / "file" / "home")) >= 50


@pytest.mark.parametrize(("level", "kept"), [(logging.WARNING, False), (logging.ERROR, True)])
def test_a_refusal_is_logged_without_a_traceback_and_a_fault_with_it(level: int, kept: bool) -> None:
    fault = (ValueError, ValueError("x"), None)
    record = logging.LogRecord("django.request", level, "", 1, "Forbidden", (), fault)

    RefusalsInALine().filter(record)

    assert (record.exc_info is not None) is kept


def test_every_mistyped_setting_is_on_one_list_that_says_what_it_must_be() -> None:
    typed = Typed(
        {
            "PORT": "abc",
            "WORKERS": "0",
            "DEBUG": "ture",
            "TIMEOUT": "nan",
            "TIME_ZONE": "Europe/Pariss",
            "RATE": "lots",
            "LEVEL": "loud",
        }
    )

    read = (
        typed.number("PORT", default=8000, least=1, most=65_535),
        typed.number("WORKERS", default=4, least=1, most=64),
        typed.switch("DEBUG"),
        typed.seconds("TIMEOUT", default=1.5),
        typed.zone("TIME_ZONE", default="UTC"),
        typed.rate("RATE", default="600/min"),
        typed.level("LEVEL", default="INFO"),
    )

    assert read == (8000, 4, False, 1.5, "UTC", "600/min", "INFO")
    assert typed.mistyped[0] == "PORT is “abc”; it must be a whole number from 1 to 65535, such as 8000."
    assert [line.partition(" ")[0] for line in typed.mistyped] == [
        "PORT",
        "WORKERS",
        "DEBUG",
        "TIMEOUT",
        "TIME_ZONE",
        "RATE",
        "LEVEL",
    ]


def test_what_is_typed_well_is_read_and_what_is_empty_is_not_set() -> None:
    typed = Typed({"PORT": "9000", "DEBUG": "Yes", "DEMO": "off", "TIMEOUT": "2", "EMPTY": " ", "LEVEL": "debug"})

    assert typed.number("PORT", default=8000, least=1, most=65_535) == 9000
    assert (typed.switch("DEBUG"), typed.switch("DEMO", default=True)) == (True, False)
    assert typed.seconds("TIMEOUT", default=1.5) == 2
    assert typed.number("EMPTY", default=5, least=1, most=9) == 5
    assert typed.level("LEVEL", default="INFO") == "DEBUG"
    assert typed.mistyped == []


def test_a_start_with_a_mistyped_port_says_one_sentence_and_no_traceback() -> None:
    ended = manage("check", DEBUG="1", PORT="abc")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[1:] == [
        "  - PORT is “abc”; it must be a whole number from 1 to 65535, such as 8000."
    ]
