"""A stand-in Slack, and deliveries that talk to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from apps.integrations.slack.gateway import Gateway
from apps.notices.delivery import Delivery
from tests.standins.slack import StandInSlack


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    with StandInSlack() as standin:
        yield standin


@pytest.fixture
def delivery(slack: StandInSlack) -> Iterator[Delivery]:
    """A deliverer on the real clock, whose calls time out after a second."""
    made = Delivery(gateway=Gateway("xoxb-standin", slack.api_url, timeout=1), clock=timezone.now)
    yield made
    made.finish()


@pytest.fixture
def run(delivery: Delivery) -> Callable[..., bool]:
    """Step until `happened()` is true, as the job would; False when the time is over."""

    def until(happened: Callable[[], bool], seconds: float = 10) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            again_at = delivery.step()
            if happened():
                return True
            time.sleep(max(min((again_at - timezone.now()).total_seconds(), 0.2), 0))
        return False

    return until
