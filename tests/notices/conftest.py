"""A stand-in Slack, and deliveries that talk to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.integrations.slack.gateway import Gateway
from apps.notices.delivery import Delivery
from tests.standins.slack import StandInSlack


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    with StandInSlack() as standin:
        yield standin


class Clock:
    """The real clock, which can be put forward: over a wait in which nobody would have done anything."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.stopped: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped or timezone.now()) + self.ahead

    def stop(self) -> None:
        """From now on it goes only where it is put."""
        self.stopped = timezone.now()

    def put_to(self, instant: datetime) -> None:
        self.ahead += max(instant - self(), timedelta())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def delivery(slack: StandInSlack, clock: Clock) -> Iterator[Delivery]:
    """A deliverer whose calls time out after a second."""
    made = Delivery(gateway=Gateway("xoxb-standin", slack.api_url, timeout=1), clock=clock)
    yield made
    made.finish()


@pytest.fixture
def run(delivery: Delivery, clock: Clock) -> Callable[..., bool]:
    """Step until `happened()` is true, as the job would; False when the time is over.

    Where the job would sleep, the clock is put forward instead: only calls to Slack take time.
    """

    def until(happened: Callable[[], bool], seconds: float = 10) -> bool:
        end = clock() + timedelta(seconds=seconds)
        while clock() < end:
            again_at = delivery.step()
            if happened():
                return True
            clock.put_to(min(again_at, end))
        return False

    return until


@pytest.fixture
def run_in_time(delivery: Delivery) -> Callable[..., bool]:
    """The same, with every second waited for: where it matters what Slack's own clock says."""

    def until(happened: Callable[[], bool], seconds: float = 10) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            again_at = delivery.step()
            if happened():
                return True
            time.sleep(max(min((again_at - timezone.now()).total_seconds(), 0.2), 0))
        return False

    return until
