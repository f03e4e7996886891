"""A help desk that is set up wrongly keeps nobody from hearing."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.escalations import jobs
from apps.escalations.holding import stopping
from apps.tickets.models import ReplySourceHealth
from apps.trail.models import StoredEvent
from tests import make
from tests.escalations.engine import MINUTE, happened

pytestmark = pytest.mark.django_db(transaction=True)


def sweep_until_a_tier_was_reached() -> None:
    """The job itself, which the worker's end stops as soon as it has told somebody."""

    def end() -> None:
        latest = time.monotonic() + 10
        while time.monotonic() < latest and not StoredEvent.objects.filter(type="EscalationReached").exists():
            time.sleep(0.05)
        stopping.set()
        connection.close()

    watching = threading.Thread(target=end)
    watching.start()
    try:
        jobs.sweep()
    finally:
        watching.join()
        stopping.clear()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"HELPDESK": "zendesk", "HELPDESK_URL": "https://x", "HELPDESK_TOKEN": "t"}, "HELPDESK_USER: "),
        ({"HELPDESK": "generic", "HELPDESK_URL": "desk.example.com"}, "HELPDESK_URL: "),
        ({"HELPDESK": "generic", "HELPDESK_URL": "https://x", "HELPDESK_TIMEOUT": 0}, "HELPDESK_TIMEOUT: "),
        ({"HELPDESK": "zendesc", "HELPDESK_URL": "https://x"}, "HELPDESK: "),
        ({"REPLY_SOURCE": "apps.integrations.helpdesk.configured.nothing"}, "worker's log"),
    ],
)
def test_tiers_go_out_and_say_that_nobody_could_be_asked(settings: Any, wrong: dict[str, Any], named: str) -> None:
    for name, value in wrong.items():
        setattr(settings, name, value)
    make.policy(plans=(make.plan(),))
    make.ticket(plan=make.plan(), opened_at=timezone.now() - 11 * MINUTE)

    sweep_until_a_tier_was_reached()

    [told] = happened("EscalationReached")
    assert told["tier"] == 1
    assert told["unknown_since"] is not None
    assert named in ReplySourceHealth.objects.get().error
