"""What is changed outside the application is on the trail: by SQL, by a script, by two at once; and once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import QueryDict

from apps.escalations.models import Clock
from apps.people import services as people
from apps.people.models import Agent, Contact
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail.api.shapes import TrailQuery
from apps.trail.context import Actor, Context
from apps.trail.events import ChangedOutside
from apps.trail.exporting.forms import ExportForm
from apps.trail.managed import record_deleted
from apps.trail.models import StoredEvent
from apps.trail.selectors import story
from supportops import roles
from tests import make
from tests.trail.reading_room import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def psql(name: str = "psql") -> Iterator[psycopg.Connection[Any]]:
    """A session of somebody's own, which calls itself psql."""
    given = connection.get_connection_params()
    known = {key: given[key] for key in ("host", "port", "user", "password", "dbname") if given.get(key)}
    with psycopg.connect(**known, application_name=name) as session:
        yield session


def sql(statement: str, *values: Any) -> None:
    """The statement, in a transaction of its own of somebody's own."""
    with psql() as session:
        session.execute(statement, values)


def outside() -> list[ChangedOutside]:
    return [
        event
        for stored in StoredEvent.objects.order_by("position")
        if isinstance(event := stored.event, ChangedOutside)
    ]


def settle() -> int:
    """What was made for the test is told of; the position after which the test's own begins."""
    last = StoredEvent.objects.order_by("-position").first()
    return last.position if last else 0


def since(position: int) -> list[StoredEvent]:
    return list(StoredEvent.objects.filter(position__gt=position).order_by("position"))


def test_a_change_by_sql_says_what_changed_who_did_it_and_with_what(now: datetime) -> None:
    ticket = make.ticket(severity="high")

    sql("UPDATE tickets_ticket SET severity = 'low', subject = 'x' WHERE number = '4711'")

    [event] = outside()
    assert (event.model, event.key, event.op) == ("tickets.ticket", str(ticket.pk), "update")
    assert (event.before, event.after) == (
        {"severity": "high", "subject": ""},
        {"severity": "low", "subject": "x"},
    )
    user = connection.settings_dict["USER"]
    assert (event.database_user, event.application, event.address) == (user, "psql", "")
    assert event.sentence() == f"Ticket 4711 was changed outside the application by {user} with psql: subject, severity"


def test_it_is_in_the_story_of_what_was_changed(now: datetime) -> None:
    ticket = make.ticket()

    sql("UPDATE tickets_ticket SET status = 'solved' WHERE number = '4711'")

    assert "was changed outside the application by" in story(ticket.stream)[-1].sentence
    assert story(ticket.stream)[-1].actor_kind == "database"


def test_what_the_database_told_is_found_by_who_did_it(now: datetime) -> None:
    make.ticket()
    sql("UPDATE tickets_ticket SET status = 'solved' WHERE number = '4711'")
    told = StoredEvent.objects.get(type="ChangedOutside")
    reader = signed_in(role=roles.AUDITOR, now=now)

    for said in ("database", f"database:{told.actor_id}"):
        events = reader.get("/trail/", {"person": said}).context["found"].events
        assert told.position in [event.position for event in events], said
        assert TrailQuery(data={"actor": said}).is_valid(), said
        assert ExportForm(QueryDict(urlencode({"actor": said}))).is_valid(), said


def test_a_script_that_tells_nobody_is_caught_row_by_row(now: datetime) -> None:
    for number in ("1", "2", "3"):
        make.ticket(number)

    Ticket.objects.update(severity="low")

    assert [event.label for event in outside()] == ["1", "2", "3"]


def test_a_change_by_a_service_is_told_once(now: datetime) -> None:
    make.policy()
    ticket = make.ticket(severity="high")
    after = settle()

    tickets.change_ticket(ticket, {"severity": "low"}, now=now)

    assert [stored.type for stored in since(after)] == ["TicketChanged"]


def test_what_a_transaction_tells_of_one_row_covers_no_other(now: datetime) -> None:
    first, second = make.ticket("1"), make.ticket("2")
    after = settle()

    with transaction.atomic():
        tickets.change_ticket(first, {"severity": "low"}, now=now)
        Ticket.objects.filter(pk=second.pk).update(severity="low")

    assert [(stored.type, stored.about) for stored in since(after)] == [
        ("TicketChanged", ["ticket:1"]),
        ("ChangedOutside", ["ticket:2"]),
    ]


def test_two_rows_of_one_story_are_both_told_of(now: datetime) -> None:
    policy = make.policy(minutes=(10, 20))
    after = settle()

    sql("UPDATE sla_tier SET message = 'Hurry' WHERE policy_id = %s", policy.pk)

    assert [stored.about for stored in since(after)] == [[policy.stream], [policy.stream]]


def test_a_rollback_leaves_nothing(now: datetime) -> None:
    make.ticket()
    after = settle()

    with pytest.raises(RuntimeError), transaction.atomic():
        Ticket.objects.update(severity="low")
        raise RuntimeError

    assert since(after) == []


def test_a_savepoint_that_was_rolled_back_tells_nothing_and_hides_nothing(now: datetime) -> None:
    ticket = make.ticket(severity="high")
    after = settle()

    with transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            tickets.change_ticket(ticket, {"severity": "normal"}, now=now)
            raise RuntimeError
        Ticket.objects.update(severity="low")

    assert [(stored.type, stored.payload["after"]) for stored in since(after)] == [
        ("ChangedOutside", {"severity": "low"})
    ]


def test_a_save_that_changes_nothing_tells_nothing(now: datetime) -> None:
    ticket = make.ticket()
    after = settle()

    ticket.save()
    Ticket.objects.update(severity=ticket.severity)

    assert since(after) == []


def test_what_the_portal_keeps_for_itself_is_no_change(now: datetime) -> None:
    make.policy()
    make.ticket()
    agent = make.agent()
    after = settle()

    Clock.objects.update(next_at=now + timedelta(hours=1), looks=3)
    Agent.objects.filter(pk=agent.pk).update(last_login=now)

    assert since(after) == []


def test_a_check_that_somebody_switched_off_is_in_the_tickets_story(now: datetime) -> None:
    make.policy()
    ticket = make.ticket()
    after = settle()

    sql("UPDATE escalations_check SET state = 'cancelled' WHERE tier = 4")

    [stored] = since(after)
    assert stored.about == [ticket.stream]
    assert "Check of ticket 4711 was changed outside the application" in stored.sentence


def test_a_password_is_named_and_never_told(now: datetime) -> None:
    agent = make.agent()
    after = settle()

    sql("UPDATE people_agent SET password = 'md5$secret' WHERE id = %s", agent.pk)

    [stored] = since(after)
    assert stored.payload["after"] == stored.payload["before"] == {"password": "•••"}


def test_a_customer_that_was_renamed_has_it_in_both_stories(now: datetime) -> None:
    make.customer("acme")
    after = settle()

    sql("UPDATE people_customer SET slug = 'acme-2' WHERE slug = 'acme'")

    assert [stored.about for stored in since(after)] == [["customer:acme-2", "customer:acme"]]


def test_what_goes_with_its_owner_is_told_by_the_owners_end(now: datetime) -> None:
    customer = make.customer()
    Contact.objects.create(customer=customer, name="Sam")
    after = settle()

    with transaction.atomic():
        record_deleted(customer, now=now)
        customer.delete()

    assert [stored.type for stored in since(after)] == ["ObjectDeleted"]


def test_whoever_is_deleted_leaves_teams_and_customers_without_another_word(now: datetime) -> None:
    ana = make.agent()
    customer = make.customer(account_manager=ana)
    people.save_team(None, slug="support", name="Support", members=[ana], now=now)
    ana.groups.add(Group.objects.create(name="Night watch"))
    after = settle()

    with transaction.atomic():
        record_deleted(ana, now=now)
        ana.delete()

    customer.refresh_from_db()
    assert customer.account_manager is None
    assert "ChangedOutside" not in [stored.type for stored in since(after)]


def test_who_joins_a_team_by_sql_is_told(now: datetime) -> None:
    ana = make.agent()
    team = people.save_team(None, slug="support", name="Support", now=now)
    after = settle()

    team.members.add(ana)

    [stored] = since(after)
    assert stored.about == [f"team:{team.pk}"]
    assert stored.sentence.startswith("Member of team “Support” was added outside the application by")


def test_a_right_that_was_given_by_sql_is_told(now: datetime) -> None:
    ana = make.agent()
    role = Group.objects.create(name="Night watch")
    after = settle()

    sql("INSERT INTO people_agent_groups (agent_id, group_id) VALUES (%s, %s)", ana.pk, role.pk)
    sql("UPDATE people_agent SET is_superuser = true WHERE id = %s", ana.pk)

    assert [stored.about for stored in since(after)] == [[f"agent:{ana.pk}"], [f"agent:{ana.pk}"]]


def test_a_table_that_is_emptied_is_told_of_with_its_number_of_rows(now: datetime) -> None:
    make.plan("free")
    make.plan("pro")
    after = settle()

    sql("TRUNCATE people_plan CASCADE")

    told = {stored.payload["model"]: stored for stored in since(after)}
    assert told["people.plan"].payload["rows"] == 2
    assert told["people.plan"].about == ["table:people_plan"]
    assert "All of people.plan (2 rows) was deleted outside" in told["people.plan"].sentence


def test_who_calls_the_session_a_replica_is_told_of(now: datetime) -> None:
    make.ticket(severity="high")
    after = settle()

    with psql() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE tickets_ticket SET severity = 'low'")

    assert [stored.type for stored in since(after)] == ["ChangedOutside"]


def test_tables_of_ones_own_called_like_the_trails_hide_nothing(now: datetime) -> None:
    make.ticket("4711", severity="high")
    after = settle()

    with psql() as session:
        session.execute("CREATE TEMP TABLE trail_link AS SELECT * FROM public.trail_link")
        session.execute("UPDATE pg_temp.trail_link SET transaction = pg_current_xact_id()::text::bigint")
        session.execute("UPDATE tickets_ticket SET severity = 'low'")

    assert [stored.type for stored in since(after)] == ["ChangedOutside"]


def test_who_may_change_tickets_but_not_write_on_the_trail_is_told_of(now: datetime) -> None:
    make.ticket(severity="high")
    after = settle()
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS night_watch; CREATE ROLE night_watch")
        cursor.execute("GRANT SELECT, UPDATE ON tickets_ticket TO night_watch")

    with psql() as session:
        session.execute("SET ROLE night_watch")
        session.execute("UPDATE tickets_ticket SET severity = 'low'")

    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY night_watch; DROP ROLE night_watch")
    assert [stored.type for stored in since(after)] == ["ChangedOutside"]


def test_all_that_one_transaction_changed_belongs_together(now: datetime) -> None:
    make.ticket("1")
    make.ticket("2")
    after = settle()

    sql("UPDATE tickets_ticket SET severity = 'low'")
    sql("UPDATE tickets_ticket SET severity = 'high'")

    chains = [stored.correlation_id for stored in since(after)]
    assert chains[0] == chains[1] != chains[2] == chains[3]


def test_a_session_that_says_who_works_in_it_is_believed_beside_what_the_database_knows(now: datetime) -> None:
    make.ticket()
    after = settle()
    context = Context(Actor("console", "7", "Ana"), correlation=UUID(int=5), cause=UUID(int=6))

    with psql() as session:
        session.execute("SELECT set_config('trail.context', %s, false)", [json.dumps(context.packed())])
        session.execute("UPDATE tickets_ticket SET severity = 'low'")

    [stored] = since(after)
    assert (stored.actor_kind, stored.actor_id, stored.actor) == ("console", "7", "Ana")
    assert (stored.correlation_id, stored.causation_id) == (UUID(int=5), UUID(int=6))
    assert stored.payload["application"] == "psql"


@pytest.mark.parametrize("said", ["nonsense", "[]", '"x"', '{"cause": "x"}', '{"actor": "me", "metadata": 3}'])
def test_a_session_that_says_nonsense_is_told_of_all_the_same(now: datetime, said: str) -> None:
    make.ticket()
    after = settle()

    with psql() as session:
        session.execute("SELECT set_config('trail.context', %s, false)", [said])
        session.execute("UPDATE tickets_ticket SET severity = 'low'")

    [stored] = since(after)
    assert stored.actor_kind == "database"


def test_a_session_that_says_it_has_told_is_told_of_all_the_same(now: datetime) -> None:
    ticket = make.ticket(severity="high")
    tickets.change_ticket(ticket, {"severity": "normal"}, now=now)

    for said in ("nonsense", "", "-1", "9" * 30, settle()):
        after = settle()
        with psql() as session:
            session.execute("SELECT set_config('trail.appended', %s, true)", [str(said)])
            session.execute("UPDATE tickets_ticket SET subject = %s", [f"Subject {said}"])

        assert [stored.type for stored in since(after)] == ["ChangedOutside"], said


def test_times_are_told_in_utc_whatever_the_session_s_zone(now: datetime) -> None:
    agent = make.agent()
    make.shift(agent)
    after = settle()

    with psql() as session:
        session.execute("SET TIME ZONE 'Asia/Tokyo'; SET intervalstyle = 'sql_standard'")
        session.execute("UPDATE rotations_shift SET ends_at = ends_at + interval '1 hour'")
        session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        kept = session.execute("SELECT current_setting('TimeZone'), current_setting('IntervalStyle')").fetchone()

    assert kept == ("Asia/Tokyo", "sql_standard")
    [stored] = since(after)
    assert stored.payload["after"] == {"ends_at": "2026-03-18T18:00:00+00:00"}


def test_contacts_that_are_said_once_more_keep_their_rows(now: datetime) -> None:
    sam = {"name": "Sam", "email": "sam@acme.example", "role": ""}
    customer = people.save_customer(None, slug="acme", name="Acme", contacts=[sam], now=now)
    row = Contact.objects.get()
    after = settle()

    people.save_customer(customer, contacts=[sam], now=now)

    assert Contact.objects.get() == row
    assert since(after) == []
