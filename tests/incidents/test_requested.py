"""A request for help of L1 or L2 gets its incident."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.incidents import services
from apps.incidents.jobs import answer_requests
from apps.incidents.models import Incident, Severity
from apps.rfhs import services as rfhs
from apps.rfhs.models import RFH
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE, NOW
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db
WHO = make.acting()


def level(rfh: RFH, said: str, after: timedelta = timedelta(0)) -> None:
    rfhs.change(rfh, {"level": said}, by=WHO, now=NOW + after)


def test_what_becomes_l2_has_an_incident_that_nobody_outside_reads() -> None:
    customer = make.customer("acme", name="Acme Robotics")
    rfh = make.filed_rfh(customer=customer, summary="Boards of Acme Robotics are gone")

    level(rfh, "L2")

    made = Incident.objects.get()
    assert (made.level, made.severity, made.source, made.published_at) == ("L2", "sev-2", "rfh", None)
    assert list(made.rfhs.all()) == [rfh]
    assert "Acme" not in made.title
    assert "Acme Robotics" in made.description
    declared = StoredEvent.objects.get(type="IncidentDeclared")
    assert declared.causation_id == StoredEvent.objects.get(type="IncidentNeeded").event_id


def test_the_need_is_answered_once_and_anew_only_when_it_comes_back_after_the_end() -> None:
    rfh = make.filed_rfh()
    for said in ("L2", "L1", "L3", "L2"):
        level(rfh, said)
    [made] = Incident.objects.all()
    assert made.level == "L1"

    services.mark_invalid(made, because="It was one customer's proxy", by=WHO, now=NOW + MINUTE)
    answer_requests()
    assert Incident.objects.count() == 1

    level(rfh, "L4", 2 * MINUTE)
    level(rfh, "L1", 3 * MINUTE)
    assert Incident.objects.filter(closed_at=None).get().source_key == f"rfh:{rfh.pk}:2"


def test_who_has_linked_one_already_gets_no_second() -> None:
    rfh = make.filed_rfh()
    make.incident(rfhs=[rfh])

    level(rfh, "L1")

    assert Incident.objects.count() == 1


def test_those_that_asked_before_get_theirs_once() -> None:
    asked, over = make.filed_rfh(), make.filed_rfh(team_of=make.team("search"))
    RFH.objects.update(level="L1", incident_needed_at=NOW)
    rfhs.withdraw(over, because="It went away", by=WHO, now=NOW)

    answer_requests()
    answer_requests()

    made = Incident.objects.get()
    assert (list(made.rfhs.all()), made.reported_at) == ([asked], NOW)


def test_whoever_takes_the_request_is_the_point_unless_somebody_is() -> None:
    rfh = make.filed_rfh()
    level(rfh, "L1")
    ben, cai = make.agent("Ben"), make.agent("Cai")

    rfhs.assign(rfh, to=ben, by=WHO, now=NOW)
    assert Incident.objects.get().point == ben

    rfhs.assign(rfh, to=cai, by=WHO, now=NOW)
    assert Incident.objects.get().point == ben


def test_a_request_says_where_its_incident_is_handled_unless_it_says_another_place() -> None:
    incident = make.incident()
    services.note_channel(incident, channel="C9INC", name="incident-9", by=WHO, now=NOW)
    rfh, told = make.filed_rfh(), make.filed_rfh(team_of=make.team("search"))
    rfhs.change(told, {"incident_channel": "C1OTHER"}, by=WHO, now=NOW)

    services.link(incident, rfhs=[rfh, told], by=WHO, now=NOW)

    assert list(RFH.objects.order_by("pk").values_list("incident_channel", flat=True)) == ["C9INC", "C1OTHER"]


def test_a_table_that_has_no_row_for_a_level_stops_no_request() -> None:
    Severity.objects.filter(level="L2").update(level="L1")

    level(make.filed_rfh(), "L2")

    assert Incident.objects.get().level == "L1"


@pytest.mark.django_db(transaction=True)
def test_who_opens_its_channel_and_who_works_on_the_request_wait_in_one_order() -> None:
    rfh = make.filed_rfh()
    level(rfh, "L2")
    made = Incident.objects.get()

    with transaction.atomic():
        rfhs.change(rfh, {"summary": "Boards are gone"}, by=WHO, now=NOW)
        thread, found = in_a_thread(
            lambda: services.note_channel(made, channel="C9", name="inc-1", by=WHO, now=NOW + MINUTE)
        )
        until_somebody_waits()
        rfhs.change(rfh, {"level": "L1"}, by=WHO, now=NOW)
    thread.join()

    rfh.refresh_from_db()
    made.refresh_from_db()
    assert found == [None]
    assert (made.slack_channel, made.level, rfh.incident_channel) == ("C9", "L1", "C9")


def until_somebody_waits() -> None:
    """Returns when another connection waits for this one."""
    with connection.cursor() as cursor:
        for _ in range(1_000):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone() != (0,):
                return
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
    raise AssertionError("Nobody waits.")
