"""What is owed of an incident: it runs, is kept or broken, and who owes it hears in between."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.escalations import incident_clocks, jobs
from apps.escalations.errors import BadSnooze, NothingToSnooze
from apps.escalations.incident_snoozing import snooze
from apps.escalations.models import Check, Clock
from apps.incidents import services
from apps.incidents.models import Incident
from apps.people.models import Agent
from apps.rfhs.models import Desk
from apps.sla.models import Policy, Promise, Tier
from supportops import shipped
from tests import make
from tests.escalations.engine import happened, sweep

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def policies(now: datetime) -> None:
    """Those that a new portal has."""
    shipped.ship_incidents(now)


@pytest.fixture
def people() -> dict[str, Agent]:
    return {role: make.agent(name) for role, name in (("contact", "Carla"), ("point", "Pat"), ("lead", "Lea"))}


def outcomes(incident: Incident) -> dict[str, str]:
    """How the last clock of each promise stands."""
    return dict(Clock.objects.filter(incident=incident).order_by("started_at", "pk").values_list("promise", "state"))


def dues(incident: Incident) -> dict[str, datetime]:
    return dict(Clock.objects.filter(incident=incident, state="running").values_list("promise", "due_at"))


def told() -> list[tuple[str, int, list[str]]]:
    return [
        (event["promise"], event["tier"], [person["name"] for person in event["people"]])
        for event in happened("IncidentTierReached")
    ]


@pytest.mark.parametrize(
    ("severity", "owed"),
    [
        ("sev-1", {"acknowledgement": HOUR / 4, "update": DAY}),
        ("sev-2", {"acknowledgement": HOUR / 4, "update": DAY}),
        ("sev-4", {"acknowledgement": 4 * HOUR, "update": 3 * DAY}),
    ],
)
def test_declared_it_owes_what_its_level_says(
    policies: None, now: datetime, severity: str, owed: dict[str, timedelta]
) -> None:
    incident = make.incident(now=now, severity=severity, reported_at=now - 2 * DAY)

    assert dues(incident) == {promise: now + within for promise, within in owed.items()}


def test_l1_and_l2_owe_an_update_a_day_without_any_policy_and_the_others_nothing(now: datetime) -> None:
    severe, mild = make.incident(now=now, severity="sev-2"), make.incident(now=now, severity="sev-3")

    assert (dues(severe), dues(mild)) == ({"update": now + DAY}, {})


def test_the_contact_hears_before_and_when_it_is_overdue_then_the_lead_and_so_again_every_day(
    policies: None, people: dict[str, Agent], now: datetime
) -> None:
    incident = make.incident(now=now, **people)
    services.acknowledge(incident, by=make.acting(people["point"]), now=now)

    for hours in range(50):
        sweep(now + hours * HOUR)

    nag = [("update", 1, ["Carla"]), ("update", 2, ["Carla"]), ("update", 3, ["Lea"])]
    assert told() == [*nag, *nag]
    [breach] = happened("PromiseBreached")
    assert (breach["promise"], breach["kind"], breach["number"]) == ("update", "incident", incident.number)
    assert happened("IncidentTierReached")[2]["next_tier"] == {
        "tier": 1,
        "due_at": (now + 44 * HOUR).isoformat(),
        "label": "The contact, else the point",
    }


def test_without_a_contact_the_point_hears_and_without_a_lead_whoever_is_on_duty_as_it(
    policies: None, people: dict[str, Agent], now: datetime
) -> None:
    team = make.team("set", people["lead"])
    make.rotation(make.layer(people["lead"], role="lead"), slug="set", team_of=team)
    Desk.objects.create(team=team, is_set=True)
    Agent.objects.filter(pk=people["contact"].pk).update(is_active=False)
    incident = make.incident(now=now, contact=people["contact"], point=people["point"])
    Incident.objects.filter(pk=incident.pk).update(lead=None)

    for minutes in (10, 15):
        sweep(now + timedelta(minutes=minutes))

    first, second = happened("IncidentTierReached")
    assert first["people"][0] | {"until": ""} == {
        "name": "Pat",
        "email": people["point"].email,
        "slack_id": "UPAT",
        "because": "works on it, and it has no contact",
        "until": "",
    }
    assert (second["people"][0]["name"], second["audience"]["label"]) == ("Lea", "lead of Set")


def test_acknowledged_updated_and_closed_keep_what_was_owed(
    policies: None, people: dict[str, Agent], now: datetime
) -> None:
    incident = make.incident(now=now, **people)
    by = make.acting()

    services.acknowledge(incident, by=by, now=now + HOUR)
    late = outcomes(incident)
    services.post_update(incident, internal_note="It is the proxy.", by=by, now=now + 2 * HOUR)
    due = dues(incident)
    services.close(incident, by=by, now=now + 3 * HOUR, public_text="It is over.")

    assert late == {"acknowledgement": "missed", "update": "running"}
    assert due == {"update": now + 2 * HOUR + DAY}
    assert outcomes(incident) == {"acknowledgement": "missed", "update": "met"}
    assert [event["outcome"] for event in happened("ClockStopped")] == ["missed", "met", "met"]


def test_what_was_none_owes_nothing_and_what_is_reopened_owes_an_update_again(policies: None, now: datetime) -> None:
    incident = make.incident(now=now)
    services.mark_invalid(incident, because="A test", by=make.acting(), now=now + HOUR)
    invalid = outcomes(incident)

    services.reopen(incident, because="It was real", by=make.acting(), now=now + 2 * HOUR)

    assert set(invalid.values()) == {"cancelled"}
    assert dues(incident) == {"acknowledgement": now + HOUR / 4, "update": now + 2 * HOUR + DAY}


def test_another_severity_is_another_promise(policies: None, now: datetime) -> None:
    incident = make.incident(now=now, severity="sev-4")

    services.change(incident, {"severity": "sev-1"}, by=make.acting(), now=now + HOUR)

    assert dues(incident) == {"acknowledgement": now + HOUR / 4, "update": now + DAY}


def test_a_policy_that_is_edited_governs_what_is_open(policies: None, now: datetime) -> None:
    incident = make.incident(now=now, severity="sev-3")
    policy = Policy.objects.get(name="Other incidents")
    Promise.objects.filter(policy=policy, kind="update").update(within=7 * DAY)
    Policy.objects.filter(pk=policy.pk).update(severities=["sev-3"], levels=[])

    jobs.recalculate("Other incidents changed", 0)

    assert dues(incident)["update"] == now + 7 * DAY


def test_a_snooze_says_why_moves_who_hears_and_not_what_is_due(
    policies: None, people: dict[str, Agent], now: datetime
) -> None:
    incident = make.incident(now=now, **people)
    services.acknowledge(incident, by=make.acting(), now=now)
    by = make.acting(people["contact"])

    for _ in range(2):
        # The same press twice counts once.
        first = snooze(
            incident, for_=6 * HOUR, because="  The vendor\nworks on it ", by=by, key="press", now=now + HOUR
        )

    assert (first, dues(incident)) == (now + 26 * HOUR, {"update": now + DAY})
    [event] = happened("IncidentSnoozed")
    assert (event["because"], event["by"], event["number"]) == ("The vendor works on it", "Carla", incident.number)
    # Round after round, also when the policy changes: the snooze counts once.
    for hours in range(24, 53):
        sweep(now + hours * HOUR)
    jobs.recalculate("a policy changed", 0)
    assert told()[:3] == [("update", 1, ["Carla"]), ("update", 2, ["Carla"]), ("update", 3, ["Lea"])]
    assert Check.objects.filter(state="waiting").order_by("due_at")[0].due_at == now + 6 * HOUR + DAY + DAY


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"because": " "}, BadSnooze),
        ({"because": "x" * 301}, BadSnooze),
        ({"for_": timedelta(days=8)}, BadSnooze),
        ({"for_": timedelta(seconds=5)}, BadSnooze),
    ],
)
def test_a_snooze_without_a_reason_or_sense_is_refused(
    now: datetime, said: dict[str, object], refusal: type[Exception]
) -> None:
    incident = make.incident(now=now)

    with pytest.raises(refusal):
        snooze(incident, **{"for_": HOUR, "because": "Known", "by": make.acting(), "key": "k", "now": now, **said})  # type: ignore[arg-type]
    assert not happened("IncidentSnoozed")


def test_what_is_over_cannot_be_snoozed(now: datetime) -> None:
    incident = make.incident(now=now)
    services.close(incident, by=make.acting(), now=now)

    with pytest.raises(NothingToSnooze, match="Nothing is owed"):
        snooze(incident, for_=HOUR, because="Known", by=make.acting(), key="k", now=now)


def test_many_incidents_are_reached_in_as_many_statements_as_one(
    policies: None, people: dict[str, Agent], now: datetime
) -> None:
    def cost(many: int) -> int:
        Clock.objects.all().delete()
        for _ in range(many):
            make.incident(now=now, **people)
        with CaptureQueriesContext(connection) as queries:
            sweep(now + HOUR / 6)
        return len(queries)

    cost(1)

    assert cost(5) == cost(2)


@pytest.mark.django_db(transaction=True)
def test_an_update_and_a_sweep_at_once_wait_for_each_other(now: datetime) -> None:
    incident = make.incident(now=now)
    at = now + DAY

    def look() -> None:
        try:
            sweep(at)
        finally:
            connection.close()

    with transaction.atomic():
        services.post_update(incident, internal_note="We know.", by=make.acting(), now=at)
        other = threading.Thread(target=look)
        other.start()
        other.join(0.2)
    other.join(5)

    assert happened("IncidentTierReached") == []
    assert incident_clocks.align([incident.pk], because="looked at again", now=at) == 0


def test_a_tier_of_a_policy_may_mean_them_only_for_incidents(policies: None) -> None:
    assert set(Tier.objects.filter(policy__name="Other incidents").values_list("audience_kind", flat=True)) == {
        "contact",
        "lead",
    }
