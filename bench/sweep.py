"""How long a sweep over many due checks takes, how many statements, and against the same rows in plain SQL."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import django
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import ground

# The least that could be done: mark checks, move clocks, add one event each. No audiences, no payloads, no notices.
PLAIN = """
WITH due AS (
    SELECT c.id FROM escalations_clock c WHERE c.state = 'running' AND c.next_at <= %(now)s FOR UPDATE SKIP LOCKED
), reached AS (
    UPDATE escalations_check SET state = 'reached', settled_at = %(now)s
    WHERE clock_id IN (SELECT id FROM due) AND state = 'waiting' AND due_at <= %(now)s RETURNING id, clock_id
), moved AS (
    UPDATE escalations_clock SET next_at = started_at + interval '20 minutes' WHERE id IN (SELECT id FROM due)
), told AS (
    INSERT INTO trail_storedevent (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                   correlation_id, metadata, occurred_at)
    SELECT gen_random_uuid(), 'Plain', 1, '{}', ARRAY['ticket:' || number], 'job', '', '', gen_random_uuid(), '{}',
           %(now)s FROM reached JOIN escalations_clock c ON c.id = clock_id
    JOIN tickets_ticket t ON t.id = c.ticket_id RETURNING epoch, transaction, position, about
), linked AS (
    INSERT INTO trail_link (stream, epoch, transaction, position)
    SELECT unnest(about), epoch, transaction, position FROM told
)
INSERT INTO notices_notice (event_id, recipient, kind, about, summary, channel, thread_ts, "user", text, blocks,
                            correlation_id, created_at, state, attempts, ready_at, claim, slack_ts, error)
SELECT gen_random_uuid(), id, 'message', '', '', 'C1', '', '', 'x', '[]', gen_random_uuid(), %(now)s, 'waiting', 0,
       %(now)s, '', '', '' FROM reached
"""


def main() -> None:
    with ground.home() as folder:
        env = ground.environment(folder)
        ground.manage("migrate", env=env)
        os.environ.update(env, DJANGO_SETTINGS_MODULE="supportops.settings")
        django.setup()
        measure()
        connection.close()


def measure() -> None:
    # After setup: models.
    from apps.escalations.sweeping import BATCH, Sweep
    from bench import data

    now = timezone.now()
    policy = data.organisation(now)

    def run(count: int, prefix: str) -> tuple[float, int]:
        data.running(policy, [now - timedelta(seconds=1)] * count, prefix=prefix)
        sweep = Sweep(clock=timezone.now, source=None)
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            while sweep.batch():
                pass
            took = time.perf_counter() - started
        assert sweep.reached == count, f"{sweep.reached} of {count} reached"
        return took, len(queries)

    def plain(count: int, prefix: str) -> float:
        data.running(policy, [now - timedelta(seconds=1)] * count, prefix=prefix)
        started = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PLAIN, {"now": timezone.now()})
        return time.perf_counter() - started

    run(500, "warm")
    # In turns, and the middle of each: other work of the machine then weighs on both alike.
    rounds = [(run(1_000, f"a{n}"), run(10_000, f"b{n}"), plain(10_000, f"c{n}")) for n in range(3)]
    small, small_queries = sorted(turn[0] for turn in rounds)[1]
    large, large_queries = sorted(turn[1] for turn in rounds)[1]
    bare = sorted(turn[2] for turn in rounds)[1]
    ground.say("1,000 checks due at once, reached in", f"{small:.2f} s, {small_queries} statements")
    ground.say("10,000 checks due at once, reached in (at most 60 s)", f"{large:.2f} s, {large_queries} statements")
    ground.say("10,000 against 1,000 (at most 11)", f"{large / small:.1f} x")
    ground.say(f"statements a batch of {BATCH}", f"{large_queries / (10_000 / BATCH):.1f}")
    ground.say("the same rows in one statement of plain SQL", f"{bare:.2f} s; the sweep takes {large / bare:.1f} x")
