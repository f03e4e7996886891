"""The figures of incidents, and the API's list, with a thousand and with a hundred thousand incidents."""

from __future__ import annotations

import os
import time

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import ground
from bench.unwatched import unwatched

ROUNDS = 10
# Over two years, so that half of them are of the usual twelve months.
FILL = """
INSERT INTO incidents_incident (title, description, severity, level, impact, status, source, declared_by,
                                acknowledged_by, reported_at, declared_at, acknowledged_at, closed_at, modified_at,
                                modified_by, updated_at, rca_url, rca_public, public_id, published_at, public_title,
                                public_status, public_impact, slack_channel, thread_channel, thread_ts, version)
SELECT 'Service ' || n || ' fails', 'What happens', 'sev-' || (1 + n %% 5), 'L2', 'major', 'resolved', 'api', 'Bench',
       'Bench', at, at, at + n %% 60 * interval '1 minute', at + n %% 900 * interval '1 minute', at, 'Bench', at, '',
       false, lpad(to_hex(n), 12, '0'), at + n %% 90 * interval '1 minute', 'A service fails', 'resolved', 'major',
       '', '', '', 1
FROM (SELECT n, now() - n * interval '2 years' / %(last)s AS at FROM generate_series(%(first)s, %(last)s) AS n) AS n
"""
HIT = """
INSERT INTO incidents_impactchange (incident_id, component_id, status, since, public)
SELECT i.id, c.id, s.status, i.reported_at, true
FROM incidents_incident i JOIN incidents_component c ON c.id %% 100 IN (i.id %% 100, (i.id + 1) %% 100)
     CROSS JOIN (VALUES ('major_outage'), ('operational')) AS s (status)
WHERE NOT EXISTS (SELECT 1 FROM incidents_impactchange x WHERE x.incident_id = i.id)
"""
PAGES = {
    "report": "/reports/incidents/",
    "report of a component": "/reports/incidents/?component=part-7",
    "report as CSV": "/reports/incidents.csv",
    "behind a figure": "/reports/incidents/behind/?only=resolved",
    "report by the API": "/api/v1/reports/incidents/",
    "list by the API": "/api/v1/incidents/",
    "of a component by the API": "/api/v1/incidents/?component=part-7",
    "searched by the API": "/api/v1/incidents/?q=service",
}


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

    from apps.api.services import create_key
    from apps.incidents.models import Component
    from apps.people.models import Agent

    now = timezone.now()
    who = Agent.objects.create_superuser("bench@bench.example", "bench")
    _, secret = create_key(name="bench", scopes=["read"], now=now)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    client.force_login(who)
    Component.objects.bulk_create(
        Component(slug=f"part-{n}", name=f"Part {n}", created_at=now, updated_at=now) for n in range(100)
    )

    def fill(first: int, last: int) -> None:
        with unwatched(), connection.cursor() as cursor:
            cursor.execute(FILL, {"first": first, "last": last})
            cursor.execute(HIT, {})
            cursor.execute("VACUUM ANALYZE")

    def look(path: str) -> tuple[float, int]:
        times = []
        for _ in range(ROUNDS):
            with CaptureQueriesContext(connection) as queries:
                started = time.perf_counter()
                answer = client.get(path)
                times.append(time.perf_counter() - started)
            assert answer.status_code == 200, answer.status_code
        return ground.percentile(times, 95), len(queries)

    fill(1, 1_000)
    few = {name: look(path) for name, path in PAGES.items()}
    fill(1_001, 100_000)
    many = {name: look(path) for name, path in PAGES.items()}
    for name in PAGES:
        ground.say(
            f"{name}: p95 at 100,000, and at 1,000; statements",
            f"{many[name][0] * 1000:.0f} ms, {few[name][0] * 1000:.0f} ms; {many[name][1]}",
        )
