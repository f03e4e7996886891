"""GitHub, as the requests' tests have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.rfhs.tracked import Clock
from tests.standins.github import StandInGitHub


@pytest.fixture
def github(settings: Any) -> Iterator[StandInGitHub]:
    """A GitHub with the private tracker acme/support and the public one acme/product."""
    with StandInGitHub() as standin:
        settings.GITHUB_URL, settings.GITHUB_TOKEN, settings.GITHUB_TIMEOUT = standin.address, standin.token, 5.0
        settings.RFH_PRIVATE_TRACKER, settings.RFH_PUBLIC_TRACKER = "acme/support", "acme/product"
        settings.GITHUB_WEBHOOK_SECRET = "hook-secret"
        yield standin


@pytest.fixture
def clock(now: datetime, github: StandInGitHub) -> Clock:
    """Ours, which GitHub's own agrees with."""
    github.shift = now - github.now
    return Clock(now)
