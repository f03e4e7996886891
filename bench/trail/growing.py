"""A million events against ten thousand: what there is to read, what each takes, and how quickly all is verified."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.people.models import Agent
from apps.trail import following, reading
from apps.trail.followers import SEARCH
from apps.trail.models import StoredEvent
from apps.trail.order import START
from apps.trail.reading import Query
from apps.trail.seals import sealing, verifying
from bench import ground
from bench.trail import rows

FEW, MANY = 10_000, 1_000_000
ROUNDS = 60
TABLES = ("trail_storedevent", "trail_link", "trail_words", "trail_seal")


def measure(env: dict[str, str]) -> None:
    """Each page at both sizes, in one run."""
    client = Client()
    client.force_login(Agent.objects.get(email="bench@bench.example"))
    already, taken = _size()
    grow(1, FEW)
    few = {name: _look(client, page) for name, page in pages().items()}
    grow(FEW + 1, MANY)
    many = {name: _look(client, page) for name, page in pages().items()}
    for name in few:
        said = f"{many[name] / few[name]:.2f} x ({many[name] * 1000:.0f} ms)"
        ground.say(f"{name}: p95 at 1,000,000 events against 10,000 (at most 1.5)", said)
    _verify()
    events, size = _size()
    each = {name: (size[name] - taken[name]) / (events - already) for name in TABLES}
    ground.say("bytes an event on disk with its indexes (aim: under 1,024)", f"{each['trail_storedevent']:.0f}")
    parts = ", ".join(f"{name.removeprefix('trail_')}s {each[name]:.0f}" for name in TABLES[1:])
    ground.say("bytes more for links, words it is found by, and seals", parts.replace("wordss", "words"))


def grow(first: int, last: int) -> None:
    """More events, linked, sealed, and found by their words."""
    step = 10_000
    for start in range(first, last + 1, step):
        rows.add_events(start, min(start + step - 1, last))
    while sealing.seal_on(now=timezone.now()):
        pass
    [search] = [each for each in following.followers() if each.name == SEARCH]
    while following.advance(search, token="bench", now=timezone.now()):
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def pages() -> dict[str, Callable[[int], str]]:
    """The pages, each with a different event, ticket or word every time."""
    [newest] = reading.backwards(Query(), limit=1)
    [oldest] = reading.forwards(Query(), after=START, limit=1)
    span = newest.position - oldest.position

    def event(turn: int) -> str:
        return f"/trail/{oldest.position + span * (turn + 1) // (ROUNDS + 2)}/"

    def stream(turn: int) -> str:
        position = oldest.position + span * (turn + 1) // (ROUNDS + 2)
        return f"/trail/?stream={StoredEvent.objects.get(position=position).about[0]}"

    # As many are found at either size, or the longer page would be what is measured.
    def number(turn: int) -> str:
        return f"/trail/?q=E{turn * 13 % 997}"

    def word(turn: int) -> str:
        return f"/trail/?q={('printer', 'server', 'login', 'export', 'search')[turn % 5]}"

    return {
        "an event's page": event,
        "a stream's page": stream,
        "a search for a number": number,
        "a search for a common word": word,
    }


def _look(client: Client, page: Callable[[int], str]) -> float:
    times = []
    for turn in range(-5, ROUNDS):
        address = page(abs(turn))
        started = time.perf_counter()
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if turn >= 0:
            times.append(time.perf_counter() - started)
        assert answer.status_code == 200, (address, answer.status_code)
        assert body
    return ground.percentile(times, 95)


def _verify() -> None:
    rates = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = int(cursor.fetchone()[0])
    for _ in range(3):
        started, here, there = time.perf_counter(), time.process_time(), ground.worked(server)
        verified = verifying.verify()
        took, here = time.perf_counter() - started, time.process_time() - here
        there = ground.worked(server) - there
        assert verified.holds, verified.findings[:3]
        rates.append((verified.events / (here + there), verified.events / took, here / (here + there)))
    a_core, rate, share = sorted(rates)[1]
    # The database and this process take turns; what other processes do meanwhile is not counted.
    ground.say("events verified a second a core (at least 100,000)", f"{a_core:,.0f}; {share:.0%} of it in Python")
    ground.say("events verified a second by one connection", f"{rate:,.0f}")


def _size() -> tuple[int, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        size = {}
        for table in TABLES:
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            size[table] = int(cursor.fetchone()[0])
    return StoredEvent.objects.count(), size
