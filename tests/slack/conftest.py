"""Slack as it stands around these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.slack.inbound import SECRET
from tests.standins.slack import StandInSlack


@pytest.fixture
def signing_secret(settings: object) -> str:
    """The portal can tell what Slack signed."""
    settings.SLACK_SIGNING_SECRET = SECRET  # type: ignore[attr-defined]
    return SECRET


@pytest.fixture
def standin(settings: object) -> Iterator[StandInSlack]:
    """A Slack on loopback, for which the portal has a token."""
    with StandInSlack() as slack:
        settings.SLACK_API_URL = slack.api_url  # type: ignore[attr-defined]
        settings.SLACK_BOT_TOKEN = "xoxb-standin"  # type: ignore[attr-defined]
        yield slack
