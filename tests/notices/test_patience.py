"""How long to wait, and when to stop."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from apps.notices import patience
from apps.notices.advice import sentence


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (30_000, 300)])
def test_each_wait_is_twice_the_last_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert patience.backoff(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempts", "hours", "over"), [(12, 24, True), (12, 23, False), (11, 24, False), (300, 25, True)]
)
def test_a_day_and_a_dozen_tries_are_enough(now: datetime, attempts: int, hours: int, over: bool) -> None:
    created_at = now - timedelta(hours=hours)

    assert patience.exhausted(attempts, created_at=created_at, now=now) is over


def test_a_refusal_says_what_to_do() -> None:
    assert "invite it" in sentence("not_in_channel")
    assert sentence("something_new") == "Slack refused it. (something_new)"
