"""What it means that something is on the trail."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from apps.people.models import Plan
from apps.trail import managed, payloads
from apps.trail import services as trail
from apps.trail.context import Actor, Context, acting, current
from apps.trail.errors import ReactionFailed
from apps.trail.events import Event, ObjectChanged
from apps.trail.later import enqueue
from apps.trail.models import Link, StoredEvent
from apps.trail.reacting import Recorded, following, on
from apps.trail.selectors import story
from tests import make

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    lamp: str
    at: datetime
    for_: timedelta = timedelta(minutes=1)

    def sentence(self) -> str:
        return f"Lamp {self.lamp} was lit"


@dataclass(frozen=True, kw_only=True)
class MothCame(Event):
    lamp: str

    def sentence(self) -> str:
        return f"A moth came to lamp {self.lamp}"


@dataclass(frozen=True, kw_only=True)
class FuseBlew(Event):
    def sentence(self) -> str:
        return "The fuse blew"


@on(LampLit)
def a_moth_comes(entries: list[Recorded[LampLit]]) -> None:
    for entry in entries:
        with following(entry):
            trail.record(MothCame(lamp=entry.event.lamp), about=list(entry.about), now=entry.occurred_at)


@on(FuseBlew)
def nobody_can_follow(entries: list[Recorded[FuseBlew]]) -> None:
    Plan.objects.create(slug="dark", name="Dark")
    raise ValueError("it is dark")


def test_an_event_is_on_every_stream_it_is_about(now: datetime) -> None:
    trail.record(MothCame(lamp="a"), about=["ticket:1", "customer:acme", "ticket:1"], now=now)

    assert sorted(Link.objects.values_list("stream", flat=True)) == ["customer:acme", "ticket:1"]
    assert StoredEvent.objects.get().about == ["ticket:1", "customer:acme"]


def test_an_event_carries_its_actor_cause_and_correlation(now: datetime) -> None:
    with acting(actor=Actor("user", "7", "Ana"), correlation=UUID(int=5), cause=UUID(int=6), metadata={"path": "/x"}):
        entry = trail.record(MothCame(lamp="a"), about=["lamp:a"], now=now)

    stored = StoredEvent.objects.get()
    assert (stored.actor_kind, stored.actor_id, stored.actor_label) == ("user", "7", "Ana")
    assert (stored.correlation_id, stored.causation_id) == (UUID(int=5), UUID(int=6))
    assert stored.metadata == {"path": "/x"}
    assert (stored.event_id, stored.position) == (entry.id, entry.position)
    assert stored.event_id.version == 7
    assert stored.transaction > 0
    assert stored.epoch == 1


def test_an_actor_with_a_very_long_name_is_recorded(now: datetime) -> None:
    with acting(actor=Actor("user", "1", "Ana " * 75)):
        trail.record(LampLit(lamp="a", at=now), about=["lamp:a"], now=now)

    assert StoredEvent.objects.get(type="LampLit").actor_label == "Ana " * 50


def test_an_event_is_read_back_as_it_was(now: datetime) -> None:
    event = LampLit(lamp="a", at=now, for_=timedelta(minutes=90))

    entry = trail.record(event, about=["lamp:a"], now=now)

    assert StoredEvent.objects.get(position=entry.position).event == event


def test_what_a_reaction_records_names_its_cause(now: datetime) -> None:
    lit = trail.record(LampLit(lamp="a", at=now), about=["lamp:a"], now=now)

    came = StoredEvent.objects.get(type="MothCame")
    assert came.causation_id == lit.id
    assert came.correlation_id == lit.correlation


def test_a_reaction_that_fails_rolls_all_back_and_is_named(now: datetime) -> None:
    with (
        pytest.raises(ReactionFailed, match="nobody_can_follow could not follow FuseBlew: it is dark"),
        transaction.atomic(),
    ):
        trail.record(FuseBlew(), about=["house"], now=now)

    assert not StoredEvent.objects.exists()
    assert not Plan.objects.filter(slug="dark").exists()


def test_many_events_cost_one_statement(now: datetime, django_assert_num_queries: object) -> None:
    happenings = [trail.Happening(event=MothCame(lamp=str(n)), about=[f"lamp:{n}"]) for n in range(200)]

    with django_assert_num_queries(1):  # type: ignore[operator]
        entries = trail.record_many(happenings, now=now)

    assert [entry.event.lamp for entry in entries] == [str(n) for n in range(200)]
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_storedevent SET payload = '{}'",
        "DELETE FROM trail_storedevent",
        "UPDATE trail_link SET stream = 'x'",
        "DELETE FROM trail_link",
        "UPDATE trail_epoch SET number = 9",
    ],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_the_database_refuses_to_change_the_past(now: datetime, statement: str, role: str) -> None:
    trail.record(MothCame(lamp="a"), about=["lamp:a"], now=now)

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SET LOCAL session_replication_role = {role}")
        cursor.execute(statement)

    assert StoredEvent.objects.get().payload == {"lamp": "a"}


@pytest.mark.parametrize("table", ["trail_storedevent", "trail_link", "trail_epoch"])
def test_the_database_refuses_to_truncate_the_trail(table: str) -> None:
    # The session's fixture switched the trigger off for the runner's flush; inside this transaction it is as shipped.
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep_all")
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_a_new_cluster_begins_a_new_epoch(now: datetime) -> None:
    trail.record(MothCame(lamp="a"), about=["lamp:a"], now=now)
    with connection.cursor() as cursor:
        # What a dump restored elsewhere looks like: the known identifier is another cluster's.
        cursor.execute("ALTER TABLE trail_epoch DISABLE TRIGGER trail_epoch_keep")
        cursor.execute("UPDATE trail_epoch SET system_identifier = 1")
        cursor.execute("ALTER TABLE trail_epoch ENABLE ALWAYS TRIGGER trail_epoch_keep")

    trail.record(MothCame(lamp="b"), about=["lamp:b"], now=now)

    assert list(StoredEvent.objects.order_by("position").values_list("epoch", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_reader_below_the_horizon_misses_nothing_while_eight_write(now: datetime) -> None:
    writers, each = 8, 60
    seen: list[int] = []
    done = threading.Event()

    def write(who: int) -> None:
        for n in range(each):
            with transaction.atomic():
                trail.record(MothCame(lamp=f"{who}-{n}"), about=[f"lamp:{who}"], now=now)
        connection.close()

    def read(cursor_at: tuple[int, int]) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT transaction, position FROM trail_storedevent WHERE (transaction, position) > (%s, %s)"
                " AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                " ORDER BY epoch, transaction, position",
                cursor_at,
            )
            for row in cursor.fetchall():
                seen.append(row[1])
                cursor_at = row
        return cursor_at

    def follow() -> None:
        at = (0, 0)
        while not done.is_set():
            at = read(at)
        # The horizon waits behind transactions of other databases in the cluster, too.
        until = time.monotonic() + 60
        while len(seen) < writers * each and time.monotonic() < until:
            at = read(at)
        connection.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
    reader = threading.Thread(target=follow)
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()

    assert len(seen) == len(set(seen)) == writers * each


def test_a_managed_change_is_one_event_with_before_and_after(now: datetime) -> None:
    plan = make.plan("teams")

    with managed.saving(plan, now=now):
        plan.name = "Teams and more"
        plan.save()

    event = StoredEvent.objects.get().event
    assert isinstance(event, ObjectChanged)
    assert event.changes == {"name": ["Teams", "Teams and more"]}


def test_a_save_that_changes_nothing_records_nothing(now: datetime) -> None:
    plan = make.plan("teams")

    with managed.saving(plan, now=now):
        plan.save()

    assert not StoredEvent.objects.exists()


def test_a_rollback_leaves_no_event(now: datetime) -> None:
    plan = make.plan("teams")

    with pytest.raises(RuntimeError), managed.saving(plan, now=now):
        plan.name = "Gone"
        plan.save()
        raise RuntimeError

    assert not StoredEvent.objects.exists()


def test_a_password_never_reaches_the_trail(now: datetime) -> None:
    agent = make.agent()

    with managed.saving(agent, now=now):
        agent.set_password("correct horse battery")
        agent.first_name = "Anna"
        agent.save()

    payload = str(StoredEvent.objects.get().payload)
    assert agent.password not in payload
    assert "Anna" in payload


def test_a_story_names_what_caused_each_entry(now: datetime) -> None:
    trail.record(LampLit(lamp="a", at=now), about=["lamp:a"], now=now)

    oldest = story("lamp:a")
    newest = story("lamp:a", newest_first=True)

    assert [line.sentence for line in oldest] == ["Lamp a was lit", "A moth came to lamp a"]
    assert oldest[1].cause_sentence == "Lamp a was lit"
    assert oldest[0].url == f"/trail/{oldest[0].position}/"
    assert newest == oldest[::-1]


def test_a_context_survives_its_envelope() -> None:
    context = Context(Actor("slack", "U1", "Ana"), UUID(int=1), None, {"path": "/"})

    assert Context.unpacked(context.packed()) == context


def test_a_job_told_to_another_broker_at_the_commit_keeps_its_cause(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.Q_CLUSTER = {name: value for name, value in settings.Q_CLUSTER.items() if name != "orm"}

    with django_capture_on_commit_callbacks(execute=True):
        with acting(cause=UUID(int=7), correlation=UUID(int=8)):
            enqueue("apps.escalations.jobs.sweep")
        assert not OrmQ.objects.exists()

    packed = OrmQ.objects.get().task["context"]
    assert (packed["cause"], packed["correlation"]) == (str(UUID(int=7)), str(UUID(int=8)))


def test_a_context_ends_with_its_block() -> None:
    before = current()

    with acting(actor=Actor("user", "1", "Ana")):
        pass

    assert current() == before


def test_what_has_no_agreed_form_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot hold a complex"):
        payloads.plain(1j)
