"""What everybody reads is made when something is written; reading it costs nothing, and never fails for long."""

from __future__ import annotations

import gzip
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.incidents import services
from apps.statuspage import jobs, reactions
from apps.statuspage.memory import Known, Memory, memory
from apps.statuspage.models import Edition, Rendering
from apps.statuspage.rendering import render, transaction_now
from apps.trail.events import types
from tests import make
from tests.make import NOW
from tests.statuspage.reading import get, rendered

LONG = timedelta(minutes=6)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Any:
    memory.forget()
    yield
    memory.forget()


@pytest.mark.django_db
def test_a_reader_who_has_the_page_is_told_so_and_nothing_else() -> None:
    make.incident(public_text="We look.")
    rendered()

    first = get()
    again = get(if_none_match=first["ETag"])
    by_time = get(if_modified_since=first["Last-Modified"])

    assert (first.status_code, again.status_code, again.content, by_time.status_code) == (200, 304, b"", 304)
    assert again["ETag"] == first["ETag"]


@pytest.mark.django_db
def test_a_page_that_changed_is_sent_and_one_that_did_not_keeps_its_name() -> None:
    incident = make.incident(public_text="We look.")
    rendered()
    first = get()
    rendered()
    same = get(if_none_match=first["ETag"])

    services.post_update(incident, public_text="Found it.", by=make.acting(), now=NOW)
    rendered()
    changed = get(if_none_match=first["ETag"])
    changed_since = get(if_modified_since=first["Last-Modified"])

    assert (same.status_code, changed.status_code, changed_since.status_code) == (304, 200, 200)
    assert "Found it." in changed.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("how", [{"worker_silent": LONG}, {"age": LONG}], ids=["silent worker", "old rendering"])
def test_after_five_minutes_without_a_sign_nobody_knows(how: dict[str, timedelta]) -> None:
    rendered()
    first = get()
    rendered(**how)

    unknown = get(if_none_match=first["ETag"])
    by_time = get(if_modified_since=first["Last-Modified"])

    assert (unknown.status_code, by_time.status_code) == (200, 200)
    assert "Unknown" in unknown.content.decode()
    assert "Unknown" not in first.content.decode()


@pytest.mark.django_db
def test_readers_carry_no_cookies_and_are_served_packed() -> None:
    make.incident(public_text="We look. " * 200)
    rendered()

    found = get(cookie="sessionid=abc; time_zone=Europe/Berlin", accept_encoding="gzip, br")

    assert not found.cookies
    assert found["Vary"] == "Accept-Encoding"
    assert b"We look." in gzip.decompress(found.content)


@pytest.mark.django_db
def test_a_reader_costs_the_database_nothing(django_assert_num_queries: Any) -> None:
    rendered()
    get()

    with django_assert_num_queries(0):
        assert get(cookie="sessionid=abc").status_code == 200
        lost = get("/status/incidents/nobody/")
    assert lost.status_code == 404
    assert "There is nothing here" in lost.content.decode()


@pytest.mark.django_db
def test_before_the_first_rendering_readers_are_asked_to_come_back() -> None:
    found = get()

    assert (found.status_code, found["Retry-After"]) == (503, "5")


@pytest.mark.django_db
def test_a_write_is_rendered_at_once_and_once() -> None:
    assert {kind.__name__ for kind in types().values() if kind.__module__.startswith("apps.incidents.")} == {
        kind.__name__ for kind in reactions.KINDS
    }
    render(now=NOW)
    asked = transaction_now()
    Edition.objects.update(saw=asked + 1)
    make.incident(public_text="We look.")

    assert jobs.render(asked) == "0 rendered"
    assert jobs.render() != "0 rendered"


@pytest.mark.django_db
def test_what_is_taken_back_is_gone() -> None:
    incident = make.incident(public_text="We look.")
    render(now=NOW)

    services.unpublish(incident, because="It was a test.", by=make.acting(), now=NOW)
    render(now=NOW)

    assert b"Login is down" not in b"".join(
        bytes(row.body) + bytes(row.unknown_body) for row in Rendering.objects.all()
    )


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_the_last_known_is_served() -> None:
    rendered()
    known = get().content
    memory.look_at = 0.0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE statuspage_edition RENAME TO away")
    try:
        away = get()
        unheard_of = Memory()
        with pytest.raises(Exception, match="statuspage_edition"):
            unheard_of.newest()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO statuspage_edition")

    assert (away.status_code, away.content) == (200, known)


class Counted(Memory):
    """A process' memory that counts how often it asked."""

    asked = 0

    def _newer(self, known: Known | None) -> Known | None:
        self.asked += 1
        return super()._newer(known)


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_readers_one_asks_the_database_and_none_waits_for_an_update() -> None:
    incident = make.incident(public_text="We look.")
    rendered()
    process = Counted()
    process.load("/status/")
    services.post_update(incident, public_text="Found it.", by=make.acting(), now=NOW)
    render(now=timezone.now())
    process.look_at = 0.0
    process.asked = 0
    answers: list[bytes] = []
    together = Barrier(200)

    def reader() -> None:
        together.wait()
        entry = process.load("/status/")
        if entry is not None:
            answers.append(entry.body(known=True))

    threads = [Thread(target=reader) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    after = process.load("/status/")
    assert (len(answers), process.asked) == (200, 1)
    assert after is not None
    assert b"Found it." in after.body(known=True)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_hangs_does_not_hang_the_page() -> None:
    rendered()
    process = Counted()
    process.load("/status/")
    process.look_at = 0.0

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE statuspage_edition IN ACCESS EXCLUSIVE MODE")
        entry = process.load("/status/")
        others = [process.load("/status/") for _ in range(20)]

    assert entry is not None
    assert others == [entry] * 20
    # Whoever still asks is waited for, or the database could not be emptied.
    with process.lock:
        assert process.asked == 2
