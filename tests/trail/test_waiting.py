"""An event travels with what is said next, or with the COMMIT; what is true then is as if it had been sent at once."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.people.models import Plan
from apps.trail import services as trail
from apps.trail import store
from apps.trail.context import Actor, acting
from apps.trail.errors import StreamMoved
from apps.trail.models import Link, StoredEvent
from tests import make
from tests.trail.lamps import LampSwitched, switched

pytestmark = pytest.mark.django_db(transaction=True)


def recorded() -> list[str]:
    return [event.about[0] for event in StoredEvent.objects.order_by("position")]


def test_a_change_with_its_event_makes_as_many_round_trips_as_one_without(now: datetime) -> None:
    plan = make.plan("free")
    switched(now=now)

    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(name="Free of charge")
        [entry] = switched(now=now, about=["plan:free"])

    assert [query["sql"].split()[0] for query in asked.captured_queries] == ["BEGIN", "UPDATE", "COMMIT"]
    assert StoredEvent.objects.get(position=entry.position).about == ["plan:free"]


def test_whoever_looks_in_the_same_transaction_finds_it(now: datetime) -> None:
    with transaction.atomic():
        switched(now=now, about=["a", "b"])

        assert sorted(Link.objects.values_list("stream", flat=True)) == ["a", "b"]


def test_events_stand_in_the_order_they_were_recorded_in(now: datetime) -> None:
    with transaction.atomic():
        entries = [*switched(now=now, about=["a"]), *switched(now=now, about=["b", "c", "d"])]
        entries += switched(3, now=now, about=["e"])
        entries += switched(now=now, about=["f"])

    assert recorded() == ["a", "b", "e", "e", "e", "f"]
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)


def test_a_savepoint_that_is_rolled_back_takes_along_what_was_recorded_in_it_and_no_more(now: datetime) -> None:
    with transaction.atomic():
        switched(now=now, about=["before"])
        with pytest.raises(RuntimeError), transaction.atomic():
            switched(now=now, about=["within"])
            with transaction.atomic():
                switched(now=now, about=["deeper"])
            raise RuntimeError
        with transaction.atomic():
            switched(now=now, about=["after"])

    assert recorded() == ["before", "after"]


def test_a_rollback_leaves_no_event_for_the_next_transaction(now: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        [gone] = switched(now=now, about=["gone"])
        raise RuntimeError
    with transaction.atomic():
        switched(now=now, about=["next"])

    assert recorded() == ["next"]
    with pytest.raises(LookupError, match="rolled back"):
        assert gone.position


def test_what_fails_at_the_commit_undoes_the_transaction() -> None:
    plan = make.plan("free")

    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(name="Free of charge")
        store.current_engine().wait(b"SELECT 1 / 0", print)

    plan.refresh_from_db()
    assert plan.name != "Free of charge"
    # And the connection goes on.
    make.plan("pro")


def test_what_postgresql_refuses_is_refused_where_it_is_recorded(now: datetime) -> None:
    for text in ("\x00", "\ud800"):
        with transaction.atomic(), acting(metadata={"said": text}), pytest.raises(DatabaseError):
            switched(now=now)
    with transaction.atomic(), acting(actor=Actor("user", "1", "A\x00na")), pytest.raises(DatabaseError):
        switched(now=now)

    assert recorded() == []


def test_quotes_and_backslashes_stay_as_they_are(now: datetime) -> None:
    strange = "O'Brien \\' \\\\ ” {\"a\"} %s ; --"

    with acting(actor=Actor("user", strange, strange), metadata={"said": strange}):
        switched(now=now, about=[strange])

    [event] = StoredEvent.objects.all()
    assert (event.actor_id, event.actor_label, event.metadata) == (strange, strange, {"said": strange})
    assert event.about == [strange]


def test_who_expects_a_version_counts_what_still_waited(now: datetime) -> None:
    lamp = LampSwitched(lamp="lamp 1", room="hall")
    with transaction.atomic():
        switched(now=now, about=["a"])
        with pytest.raises(StreamMoved):
            trail.record(lamp, about=["a"], now=now, expected={"a": 0})
        trail.record(lamp, about=["a"], now=now, expected={"a": 1})

    assert recorded() == ["a", "a"]
