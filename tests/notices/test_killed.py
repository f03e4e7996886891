"""The delivering process killed with -9 at the worst moments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.integrations.slack.gateway import Gateway
from apps.notices.delivery import Delivery
from apps.notices.models import Lane, Notice
from tests.notices.reached import owe
from tests.standins.server import Heard, Say
from tests.standins.slack import StandInSlack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]
ROOT = Path(__file__).resolve().parents[2]
DELIVER = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from apps.notices.jobs import deliver
deliver()
"""


class KillingSlack(StandInSlack):
    """Kills whoever posts: before the message is taken, or after it and before the answer."""

    def __init__(self) -> None:
        self.victim: subprocess.Popen[bytes] | None = None
        self.takes_it = False
        self.killed = threading.Event()
        super().__init__()

    def hear(self, heard: Heard) -> Say:
        if self.victim is None or not heard.path.endswith("chat.postMessage"):
            return super().hear(heard)
        if self.takes_it:
            super().hear(heard)
        os.kill(self.victim.pid, signal.SIGKILL)
        self.killed.set()
        return Say(drop=True)


@pytest.fixture
def slack() -> Iterator[KillingSlack]:
    with KillingSlack() as standin:
        yield standin


@pytest.mark.parametrize("takes_it", [True, False])
def test_killed_in_mid_call_a_message_is_said_exactly_once(slack: KillingSlack, takes_it: bool) -> None:
    notice = owe(now=timezone.now())
    slack.takes_it = takes_it
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "supportops.settings",
        "SLACK_BOT_TOKEN": "xoxb-standin",
        "SLACK_API_URL": slack.api_url,
    }
    database = str(connection.settings_dict["NAME"])
    slack.victim = subprocess.Popen([sys.executable, "-c", DELIVER, database], cwd=ROOT, env=environment)

    assert slack.killed.wait(30)
    assert slack.victim.wait(10) == -signal.SIGKILL
    slack.victim = None
    notice.refresh_from_db()
    assert notice.state == "sending"
    # Its lease ends by time; time is moved instead of waited for.
    Notice.objects.update(claimed_at=timezone.now() - timedelta(seconds=13))
    Lane.objects.update(next_at=timezone.now())
    successor = Delivery(gateway=Gateway("xoxb-standin", slack.api_url), clock=timezone.now)
    end = time.monotonic() + 10
    while Notice.objects.exclude(state="sent").exists() and time.monotonic() < end:
        successor.step()
    successor.finish()

    [posted] = slack.posted()
    notice.refresh_from_db()
    assert (notice.state, notice.slack_ts) == ("sent", posted["ts"])
