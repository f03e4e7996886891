"""Incidents are declared, spoken of, closed; what the public reads is decided by those who may publish."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connection, transaction

from apps.incidents import services
from apps.incidents.errors import AlreadyAcknowledged, BadIncident, IllegalStep, NotYours
from apps.incidents.models import ImpactChange, Incident, Update
from apps.incidents.selectors import affected
from apps.incidents.services.writing import locked
from apps.people.models import Agent
from apps.statuspage.visible import snapshot
from tests import make
from tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db


def publisher(name: str = "Mia") -> Agent:
    agent = make.agent(name)
    agent.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="incidents", codename__in=["change_incident", "publish_incident"]
        )
    )
    return agent


def test_an_incident_has_the_level_and_impact_of_its_severity() -> None:
    found = make.incident(severity="sev-2")

    assert (found.number, found.level, found.impact) == (f"INC-{found.pk}", "L2", "major")


def test_a_level_stands_for_the_first_severity_that_names_it() -> None:
    assert make.incident(level="L4").severity == "sev-4"


def test_what_somebody_who_may_publish_says_is_public_at_once() -> None:
    make.component("api")

    made = make.incident(
        public_text="We look into it.", components=[{"slug": "api", "status": "major_outage"}], internal_note="secret"
    )

    [public] = snapshot(at=NOW).incidents
    assert (public.title, public.updates[0].body, public.number) == ("Login is down", "We look into it.", made.number)
    assert snapshot(at=NOW).components[0].status == "major_outage"


def test_what_an_agent_says_waits_for_approval() -> None:
    make.component("api")
    agent = make.acting(make.agent())

    made = make.incident(by=agent, public_text="We look.", components=[{"slug": "api", "status": "major_outage"}])

    assert made.awaiting_since == NOW
    assert not snapshot(at=NOW).incidents
    assert snapshot(at=NOW).components[0].status == "operational"

    services.publish(made, by=make.acting(publisher()), now=NOW + MINUTE)

    assert snapshot(at=NOW).incidents[0].updates[0].body == "We look."
    assert snapshot(at=NOW).components[0].status == "major_outage"
    assert made.awaiting_since is None


def test_a_note_among_ourselves_is_no_news_to_the_public() -> None:
    made = make.incident(public_text="We look into it.")

    services.post_update(made, internal_note="It is the proxy.", by=make.acting(make.agent()), now=NOW)
    services.post_update(made, internal_note="It is mine.", by=make.acting(), now=NOW)

    assert made.awaiting_since is None
    assert [each.published_at for each in made.updates.all()] == [NOW, None, None]


def test_a_new_title_of_an_agent_waits_too() -> None:
    made = make.incident(public_text="We look into it.")

    services.change(made, {"title": "The customer Acme is down"}, by=make.acting(make.agent()), now=NOW)

    assert snapshot(at=NOW).incidents[0].title == "Login is down"
    assert made.title == "The customer Acme is down"
    assert made.awaiting_since == NOW


def test_closing_lets_every_component_recover_and_is_public_without_a_word() -> None:
    make.component("api")
    made = make.incident(public_text="We look.", components=[{"slug": "api", "status": "partial_outage"}])

    services.close(made, by=make.acting(publisher()), now=NOW + 10 * MINUTE)

    public = snapshot(at=NOW)
    assert (public.incidents[0].status, public.incidents[0].resolved_at) == ("resolved", NOW + 10 * MINUTE)
    [interval] = public.components[0].intervals
    assert (interval.start, interval.end, interval.status) == (NOW, NOW + 10 * MINUTE, "partial_outage")


def test_an_agent_may_not_close() -> None:
    made = make.incident()

    with pytest.raises(NotYours):
        services.close(made, by=make.acting(make.agent()), now=NOW)

    assert Incident.objects.get().closed_at is None


def test_it_is_acknowledged_once_and_by_who_speaks_of_it_first() -> None:
    made = make.incident()
    services.post_update(made, by=make.acting(name="Ben"), now=NOW + MINUTE, internal_note="Looking")

    assert made.acknowledged_at == NOW + MINUTE
    with pytest.raises(AlreadyAcknowledged):
        services.acknowledge(made, by=make.acting(), now=NOW + 2 * MINUTE)


def test_what_is_over_takes_no_update_until_it_is_reopened() -> None:
    made = make.incident()
    services.close(made, by=make.acting(), now=NOW)
    with pytest.raises(IllegalStep):
        services.post_update(made, by=make.acting(), now=NOW, internal_note="More")

    services.reopen(made, because="It is back", by=make.acting(), now=NOW + MINUTE)

    assert (made.status, made.closed_at) == ("investigating", None)


def test_what_was_none_is_forgotten_by_the_public() -> None:
    made = make.incident(public_text="We look.")

    services.mark_invalid(made, because="A test", by=make.acting(), now=NOW)

    assert not snapshot(at=NOW).incidents


def test_publishing_needs_a_word() -> None:
    made = make.incident()

    with pytest.raises(BadIncident):
        services.publish(made, by=make.acting(), now=NOW)


def test_an_update_that_is_taken_back_is_gone_and_one_that_is_put_right_says_the_new_words() -> None:
    made = make.incident(public_text="We lokk.")
    services.edit_update(made.updates.get(), public_text="We look.", by=make.acting(), now=NOW + MINUTE)
    assert snapshot(at=NOW).incidents[0].updates[0].body == "We look."

    services.unpublish(made, because="It named a customer", by=make.acting(), now=NOW + MINUTE)

    assert not snapshot(at=NOW).incidents


def test_an_end_in_the_future_or_before_the_beginning_is_refused() -> None:
    made = make.incident()

    for wrong in (NOW + timedelta(days=1), NOW - MINUTE):
        with pytest.raises(BadIncident):
            services.close(made, by=make.acting(), now=NOW, closed_at=wrong)


def test_when_it_ended_is_put_right_with_what_recovered_by_those_who_may_close() -> None:
    make.component("api")
    made = make.incident(public_text="We look.", components=[{"slug": "api", "status": "partial_outage"}])
    services.close(made, by=make.acting(), now=NOW + 10 * MINUTE)

    with pytest.raises(NotYours):
        services.change(
            made, {"closed_at": NOW + 5 * MINUTE}, by=make.acting(make.agent()), now=NOW + timedelta(hours=1)
        )
    services.change(made, {"closed_at": NOW + 5 * MINUTE}, by=make.acting(), now=NOW + timedelta(hours=1))

    public = snapshot(at=NOW)
    assert public.incidents[0].resolved_at == public.components[0].intervals[0].end == NOW + 5 * MINUTE
    with pytest.raises(BadIncident):
        services.change(make.incident(), {"closed_at": NOW}, by=make.acting(), now=NOW)


def test_a_component_is_as_the_last_word_says_and_not_as_an_earlier_clock_does() -> None:
    make.component("api")
    made = make.incident(components=[{"slug": "api", "status": "partial_outage"}])
    well = [{"slug": "api", "status": "operational"}]
    services.post_update(made, components=[{"slug": "api"}], by=make.acting(), now=NOW + 2 * MINUTE)

    for wrong in ({"since": NOW + MINUTE, "components": well}, {"status": "resolved", "closed_at": NOW + MINUTE}):
        with pytest.raises(BadIncident, match="Api changed after that"):
            services.post_update(made, by=make.acting(), now=NOW + 3 * MINUTE, **wrong)
    # It waited for the one before it.
    services.post_update(made, components=well, by=make.acting(), now=NOW + MINUTE)

    assert [each.status for each in affected(made).values()] == ["operational"]


def test_when_it_began_is_put_right_with_what_broke_as_soon_as_the_public_hears_of_it() -> None:
    make.component("api")
    made = make.incident(public_text="We look.", components=[{"slug": "api", "status": "partial_outage"}])
    later = NOW + timedelta(hours=1)

    services.change(made, {"reported_at": NOW - 5 * MINUTE}, by=make.acting(make.agent()), now=later)
    assert snapshot(at=later).components[0].intervals[0].start == NOW
    services.publish(made, by=make.acting(), now=later)

    public = snapshot(at=later)
    assert public.incidents[0].started_at == public.components[0].intervals[0].start == NOW - 5 * MINUTE
    services.post_update(made, changes={"reported_at": NOW + 5 * MINUTE}, by=make.acting(), now=later)
    assert snapshot(at=later).components[0].intervals[0].start == NOW + 5 * MINUTE


@pytest.mark.django_db(transaction=True)
def test_two_updates_at_once_both_land_in_order() -> None:
    made = make.incident()

    def say(text: str) -> None:
        services.post_update(Incident.objects.get(), by=make.acting(), now=NOW, internal_note=text)
        connection.close()

    both = [Thread(target=say, args=[text]) for text in ("one", "two")]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert list(Update.objects.filter(incident=made).values_list("position", flat=True)) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_who_moves_an_incident_keeps_nobody_from_pointing_at_it() -> None:
    """The sweep holds clocks when its rows are checked; waiting for the incident then would be a deadlock."""
    component, made = make.component("api"), make.incident()
    refused: list[Exception] = []

    def point() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '500ms'")
            ImpactChange.objects.create(incident=made, component=component, status="major_outage", since=NOW)
        except OperationalError as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        locked(made)
        other = Thread(target=point)
        other.start()
        other.join()

    assert refused == []


def test_an_incident_of_a_year_that_nobody_can_mean_is_refused() -> None:
    with pytest.raises(BadIncident) as refused:
        make.incident(reported_at=NOW.replace(year=1))

    assert list(refused.value.errors) == ["reported_at"]
