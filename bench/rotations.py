"""How long a year of a large rotation takes to resolve, and who is on now: alone, and from the database."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.rotations.resolving.definition import Definition, Layer, Override, Turns
from apps.rotations.resolving.resolver import on_at, resolve
from apps.rotations.resolving.wallclock import Unit
from bench import ground

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
ROLES = ("primary", "backup", "lead")
PEOPLE = tuple(f"engineer{number:02}@bench.example" for number in range(20))


def definition() -> Definition:
    """20 people taking weekly turns in three roles, with 100 overrides over a year."""
    turns = Turns(Unit.WEEK, datetime(2025, 12, 29, 9), tuple((person,) for person in PEOPLE))
    layers = tuple(
        Layer(role, turns=Turns(**{**turns.__dict__, "index_offset": place})) for place, role in enumerate(ROLES)
    )
    overrides = tuple(
        Override(
            START + timedelta(days=3.6 * number),
            START + timedelta(days=3.6 * number + 1),
            remove=PEOPLE[number % 20],
            add=PEOPLE[(number + 7) % 20],
            role=ROLES[number % 3],
        )
        for number in range(100)
    )
    return Definition(ZoneInfo("Europe/London"), layers, overrides)


def took(work: Callable[[], object], times: int) -> float:
    """The median in milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def main() -> None:
    made = definition()
    now = START + timedelta(days=200)
    began = time.perf_counter()
    resolve(made, START, START + YEAR)
    first = (time.perf_counter() - began) * 1000
    year = took(lambda: resolve(made, START, START + YEAR), 50)
    print(f"a year, 20 people, 3 roles, 100 overrides: {year:.1f} ms, the first time {first:.1f} ms (aim: 50 ms)")
    print(f"who is on now: {took(lambda: on_at(made, now), 1_000):.3f} ms (aim: 1 ms)")
    with ground.home() as folder:
        env = ground.environment(folder)
        ground.manage("migrate", env=env)
        os.environ.update(env, DJANGO_SETTINGS_MODULE="supportops.settings")
        django.setup()
        stored(now)
        connection.close()


def stored(now: datetime) -> None:
    # After setup: models.
    from apps.rotations.schedules import on_call
    from bench import data

    data.rotations(PEOPLE, ROLES, count=1, now=now)
    one = took(lambda: on_call(now), 20)
    data.rotations(PEOPLE, ROLES, count=19, now=now)
    with CaptureQueriesContext(connection) as asked:
        on_call(now)
    twenty = took(lambda: on_call(now), 20)
    print(f"who is on now with the shifts' ends, from the database: one rotation {one:.1f} ms, twenty {twenty:.1f} ms")
    print(f"statements for twenty: {len(asked)}")
