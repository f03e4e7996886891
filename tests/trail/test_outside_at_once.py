"""Two processes of the application and somebody with psql change one row at once: each change is told, and once."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from django.db import connection

from apps.trail.models import StoredEvent
from tests import make
from tests.ground.working import PROJECT, environment
from tests.trail.test_outside import psql

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]
EACH = 40
# By a service, and then beside it; each subject is said once.
PROCESS = """
import sys, django
django.setup()
from django.utils import timezone
from apps.tickets import services
from apps.tickets.models import Ticket
who, each = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for n in range(each):
    services.change_ticket(services.find("4711"), {"subject": f"{who} {n}"}, now=timezone.now())
    Ticket.objects.filter(number="4711").update(url=f"https://{who}.example/{n}")
"""


def test_two_processes_and_psql_change_one_ticket_at_once(now: datetime) -> None:
    ticket = make.ticket()
    after = StoredEvent.objects.order_by("-position").values_list("position", flat=True)[0]
    connection.close()
    environ = environment() | {"DJANGO_SETTINGS_MODULE": "supportops.settings"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, who, str(EACH)],
            cwd=PROJECT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("ana", "ben")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    with psql() as session:
        for n in range(EACH):
            with session.transaction():
                session.execute("UPDATE tickets_ticket SET thread_ts = %s WHERE number = '4711'", [f"{n}.1"])
    for process in processes:
        process.communicate()
        assert process.returncode == 0

    told = StoredEvent.objects.filter(links__stream=ticket.stream, position__gt=after)
    by_service = [event.payload["changes"]["subject"][1] for event in told.filter(type="TicketChanged")]
    outside = [event.payload for event in told.filter(type="ChangedOutside").order_by("position")]
    assert sorted(by_service) == sorted(f"{who} {n}" for who in ("ana", "ben") for n in range(EACH))
    urls = [payload["after"]["url"] for payload in outside if "url" in payload["after"]]
    assert sorted(urls) == sorted(f"https://{who}.example/{n}" for who in ("ana", "ben") for n in range(EACH))
    # Each begins where another one ended: none was passed over.
    before = [payload["before"]["url"] for payload in outside if "url" in payload["after"]]
    [end] = {"", *urls} - set(before)
    ticket.refresh_from_db()
    assert ticket.url == end
    assert len(before) == len(set(before))
    threads = [payload for payload in outside if "thread_ts" in payload["after"]]
    assert [payload["after"]["thread_ts"] for payload in threads] == [f"{n}.1" for n in range(EACH)]
    assert {payload["application"] for payload in threads} == {"psql"}
    assert len(told) == 5 * EACH
