"""Commands that agree with the portal that runs here."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportops.development import recall, remember

STARTED = {"DEBUG": "1", "DEMO": "1", "PORT": "8123", "SLACK_BOT_TOKEN": "xoxb-secret"}


def test_a_later_command_agrees_with_the_portal_that_runs(tmp_path: Path) -> None:
    remember(tmp_path, dict(STARTED))
    environment = {"PATH": "/bin"}

    recall(tmp_path, environment)

    assert environment == {"PATH": "/bin", "DEBUG": "1", "DEMO": "1", "PORT": "8123"}


def test_no_secret_is_remembered(tmp_path: Path) -> None:
    remember(tmp_path, dict(STARTED))

    assert "xoxb" not in "".join(path.read_text() for path in tmp_path.iterdir())


@pytest.mark.parametrize("name", ["DEBUG", "SECRET_KEY", "DATABASE_URL"])
def test_a_deployment_is_never_mistaken_for_development(tmp_path: Path, name: str) -> None:
    remember(tmp_path, dict(STARTED))
    environment = {name: "0"}

    recall(tmp_path, environment)

    assert environment == {name: "0"}


def test_what_was_said_on_the_spot_wins(tmp_path: Path) -> None:
    remember(tmp_path, dict(STARTED))
    environment = {"PORT": "9000"}

    recall(tmp_path, environment)

    assert environment["PORT"] == "9000"


def test_where_nothing_ran_nothing_is_recalled(tmp_path: Path) -> None:
    environment: dict[str, str] = {}

    recall(tmp_path, environment)

    assert environment == {}
