"""The ticket list with ten thousand and with a million tickets."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import ground
from bench.unwatched import unwatched

ROUNDS = 40
PAGES = {
    "newest": "",
    "open ones": "?status__exact=open",
    "sorted by due": "?o=",
    "number searched": "?q=T42",
    "words searched": "?q=printer",
}
# Every fiftieth runs a clock: a support team answers most of what it gets.
FILL = """
INSERT INTO tickets_ticket (number, subject, severity, type, status, origin, opened_at, channel, thread_ts, url,
                            plan_id)
SELECT 'T' || n, 'The ' || (ARRAY['printer','server','login','export','search'])[1 + n %% 5] || ' broke ' || n,
       (ARRAY['urgent','high','normal','low'])[1 + n %% 4], 'problem',
       CASE WHEN n %% 50 = 0 THEN 'open' ELSE 'solved' END, 'api', now() - n * interval '20 seconds', '', '', '',
       (SELECT id FROM people_plan WHERE slug = 'bench')
FROM generate_series(%(first)s, %(last)s) AS n
"""
CLOCKS = """
INSERT INTO escalations_clock (ticket_id, policy_name, promise, within, state, started_at, due_at, snoozed, looks,
                               next_at, stopped_at, correlation_id, started_event)
SELECT id, 'Bench', 'first_response', interval '50 minutes', CASE WHEN status = 'open' THEN 'running' ELSE 'met' END,
       opened_at, opened_at + interval '50 minutes', interval '0', 0,
       CASE WHEN status = 'open' THEN opened_at + interval '10 minutes' END,
       CASE WHEN status = 'open' THEN NULL ELSE opened_at + interval '5 minutes' END,
       gen_random_uuid(), gen_random_uuid()
FROM tickets_ticket t WHERE NOT EXISTS (SELECT 1 FROM escalations_clock c WHERE c.ticket_id = t.id)
"""


def main() -> None:
    with ground.home() as folder:
        env = ground.environment(folder)
        ground.manage("migrate", env=env)
        ground.manage("collectstatic", "--noinput", env=env)
        os.environ.update(env, DJANGO_SETTINGS_MODULE="supportops.settings")
        django.setup()
        measure()
        connection.close()


def measure() -> None:
    # After setup: models.
    from django.test import Client

    from apps.people.models import Agent
    from bench import data

    data.organisation(timezone.now() + timedelta(0))
    Agent.objects.create_superuser("bench@bench.example", "bench")
    client = Client()
    client.force_login(Agent.objects.get(email="bench@bench.example"))

    def fill(first: int, last: int) -> None:
        with unwatched(), connection.cursor() as cursor:
            cursor.execute(FILL, {"first": first, "last": last})
            cursor.execute(CLOCKS)
            cursor.execute("VACUUM ANALYZE")

    def look(query: str) -> tuple[float, int]:
        times = []
        for _ in range(ROUNDS):
            with CaptureQueriesContext(connection) as queries:
                started = time.perf_counter()
                answer = client.get(f"/admin/tickets/ticket/{query}")
                times.append(time.perf_counter() - started)
            assert answer.status_code == 200, answer.status_code
        return ground.percentile(times, 95), len(queries)

    due = due_column()
    pages = {name: f"?o={due}" if name == "sorted by due" else query for name, query in PAGES.items()}
    fill(1, 10_000)
    few = {name: look(query) for name, query in pages.items()}
    fill(10_001, 1_000_000)
    many = {name: look(query) for name, query in pages.items()}
    for name in pages:
        ratio = many[name][0] / few[name][0]
        ground.say(
            f"{name}: p95 at 1,000,000 against 10,000 (at most 1.5), statements (at most 12)",
            f"{ratio:.2f} x ({many[name][0] * 1000:.0f} ms), {many[name][1]}",
        )


def due_column() -> int:
    """The list's column of the due, as the address counts it."""
    from django.contrib import admin
    from django.test import RequestFactory

    from apps.tickets.models import Ticket

    page = admin.site._registry[Ticket]
    columns = [str(column) for column in page.get_list_display(RequestFactory().get("/"))]
    return next(number for number, column in enumerate(columns, start=1) if "due" in column)
