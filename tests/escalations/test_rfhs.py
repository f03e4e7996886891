"""What a team owes on a request for help: it runs, is kept or broken, and somebody hears in between."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apps.escalations import jobs
from apps.escalations.models import Check, Clock
from apps.escalations.sweeping import Sweep
from apps.people.models import Agent
from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.sla import defaults
from apps.sla.models import Policy, Promise, Tier
from supportops import shipped
from tests import make
from tests.escalations.engine import happened, sweep

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def policies(now: datetime) -> None:
    """Those that a new portal has."""
    shipped.ship_requests(now)


@pytest.fixture
def the_set() -> dict[str, Agent]:
    return duty("set", "Ben", "Dora", "Lea")


def duty(slug: str, *names: str) -> dict[str, Agent]:
    """A team whose primary, backup and lead are these."""
    people = {role: make.agent(name) for role, name in zip(("primary", "backup", "lead"), names, strict=True)}
    layers = [make.layer(agent, role=role) for role, agent in people.items()]
    make.rotation(*layers, slug=slug, team_of=make.team(slug, *people.values()))
    return people


def filed(now: datetime, *, team: str = "set", priority: str = "p1", **fields: Any) -> RFH:
    ana = make.acting(Agent.objects.filter(first_name="Ana").first() or make.agent("Ana"))
    return make.filed_rfh(now, team_of=make.team(team), by=ana, priority=priority, **fields)


def outcomes(rfh: RFH) -> dict[str, str]:
    """How the last clock of each promise stands."""
    return dict(Clock.objects.filter(rfh=rfh).order_by("started_at", "pk").values_list("promise", "state"))


def dues(rfh: RFH) -> dict[str, datetime]:
    return dict(Clock.objects.filter(rfh=rfh, state="running").values_list("promise", "due_at"))


def told() -> list[tuple[str, int, list[str]]]:
    return [
        (event["promise"], event["tier"], [person["name"] for person in event["people"]])
        for event in happened("RFHTierReached")
    ]


@pytest.mark.parametrize(
    ("priority", "owed"),
    [
        ("p1", {"acknowledgement": 1 * HOUR, "first_answer": 4 * HOUR, "update": DAY}),
        ("p2", {"acknowledgement": DAY, "first_answer": 3 * DAY, "update": 3 * DAY}),
    ],
)
def test_filed_it_owes_what_its_priority_says(
    policies: None, now: datetime, priority: str, owed: dict[str, timedelta]
) -> None:
    rfh = filed(now, priority=priority)

    assert dues(rfh) == {promise: now + within for promise, within in owed.items()}


def test_a_draft_owes_nothing_and_without_a_policy_nothing_is_promised(now: datetime) -> None:
    make.rfh(now)
    filed(now)

    assert not Clock.objects.exists()


def test_the_teams_rotation_hears_and_then_who_is_accountable(
    policies: None, the_set: dict[str, Agent], now: datetime
) -> None:
    filed(now)

    for minutes in range(0, 121, 15):
        sweep(now + timedelta(minutes=minutes))

    assert told() == [
        ("acknowledgement", 1, ["Ben"]),
        ("acknowledgement", 2, ["Dora"]),
        ("acknowledgement", 3, ["Lea"]),
        ("acknowledgement", 4, ["Ana"]),
    ]
    [breach] = happened("PromiseBreached")
    assert (breach["promise"], breach["kind"]) == ("acknowledgement", "rfh")


def test_where_nobody_is_on_duty_the_next_above_hears_and_it_says_why(policies: None, now: datetime) -> None:
    filed(now, team="nobodys")

    sweep(now + HOUR / 2)

    [event] = happened("RFHTierReached")
    assert [person["name"] for person in event["people"]] == ["Ana"]
    assert event["notes"][0].startswith("Nobody is “primary of Nobodys” now")


def test_acknowledged_in_time_or_late(policies: None, the_set: dict[str, Agent], now: datetime) -> None:
    early, late = filed(now), filed(now)
    by = make.acting(the_set["primary"])

    services.acknowledge(early, by=by, now=now + HOUR / 4)
    sweep(now + HOUR)
    services.start(late, by=by, now=now + 2 * HOUR)

    assert (outcomes(early)["acknowledgement"], outcomes(late)["acknowledgement"]) == ("met", "missed")
    assert [tier for _, tier, _ in told()] == [3]


def test_an_answer_keeps_all_that_was_owed_on_the_way(policies: None, now: datetime) -> None:
    rfh = filed(now)

    services.answer(rfh, answer="Raise the limit.", by=make.acting(), now=now + 2 * HOUR)

    assert outcomes(rfh) == {"acknowledgement": "missed", "first_answer": "met", "update": "met"}
    assert dues(rfh) == {}


def test_each_update_and_each_step_that_everybody_hears_of_starts_the_next(policies: None, now: datetime) -> None:
    rfh = filed(now)
    by = make.acting(make.agent("Ben"))

    services.start(rfh, by=by, now=now + HOUR)
    after_start = dues(rfh)["update"]
    services.post_update(rfh, text="It is the proxy.", by=by, now=now + 5 * HOUR)
    after_update = dues(rfh)["update"]

    assert (after_start, after_update) == (now + HOUR + DAY, now + 5 * HOUR + DAY)
    updates = Clock.objects.filter(rfh=rfh, promise="update").order_by("started_at")
    assert list(updates.values_list("state", flat=True)) == ["met", "met", "running"]


def test_an_overdue_update_is_asked_for_again_period_after_period(
    policies: None, the_set: dict[str, Agent], now: datetime
) -> None:
    rfh = filed(now)
    services.acknowledge(rfh, by=make.acting(the_set["primary"]), now=now)
    Clock.objects.exclude(promise="update").delete()

    for hours in range(51):
        sweep(now + hours * HOUR)

    nag = [("update", 1, ["Ben"]), ("update", 2, ["Lea"]), ("update", 3, ["Ana"])]
    assert told() == [*nag, *nag]
    assert len(happened("PromiseBreached")) == 1
    assert Clock.objects.get().next_at == now + 68 * HOUR
    assert happened("RFHTierReached")[2]["next_tier"] == {
        "tier": 1,
        "due_at": (now + 44 * HOUR).isoformat(),
        "label": "The owner of the request",
    }


def test_handed_over_the_new_team_has_its_own_time_and_the_answer_is_due_as_before(
    policies: None, the_set: dict[str, Agent], now: datetime
) -> None:
    rfh = filed(now)

    services.hand_over(rfh, team=make.team("search"), note="It is the index.", by=make.acting(), now=now + 2 * HOUR)

    assert dues(rfh) == {
        "acknowledgement": now + 3 * HOUR,
        "first_answer": now + 4 * HOUR,
        "update": now + 2 * HOUR + DAY,
    }
    assert Clock.objects.filter(rfh=rfh, state="cancelled").get().promise == "acknowledgement"


def test_the_new_teams_own_policy_holds_after_a_hand_over(policies: None, now: datetime) -> None:
    search = make.team("search")
    own = rfh_policy("Search", first_answer=8 * HOUR)
    own.teams.set([search])
    rfh = filed(now)

    services.hand_over(rfh, team=search, note="It is the index.", by=make.acting(), now=now + 2 * HOUR)

    assert dues(rfh) == {"first_answer": now + 8 * HOUR}
    assert Clock.objects.get(state="running").policy_name == "Search"


def test_updates_stay_the_duty_of_the_set_that_handed_it_over(
    policies: None, the_set: dict[str, Agent], now: datetime
) -> None:
    duty("search", "Sam", "Sue", "Sid")
    rfh = filed(now, level="L1")
    RFH.objects.update(set_item=True)
    services.hand_over(rfh, team=make.team("search"), note="It is the index.", by=make.acting(), now=now)

    for hours in (1, 20):
        sweep(now + hours * HOUR)

    assert ("acknowledgement", 3, ["Sid"]) in told()
    assert told()[-1] == ("update", 1, ["Lea"]), "it has no owner, so who is next above"


@pytest.mark.parametrize("level", ["L1", "L2"])
def test_l1_and_l2_owe_an_update_a_day_without_any_policy(the_set: dict[str, Agent], now: datetime, level: str) -> None:
    rfh = filed(now, priority="p2", level=level)
    services.acknowledge(rfh, by=make.acting(the_set["primary"]), now=now)

    for hours in (20, 24, 26):
        sweep(now + hours * HOUR)

    assert told() == [("update", 1, ["Ben"]), ("update", 2, ["Lea"]), ("update", 3, ["Ana"])]
    assert Clock.objects.get(rfh=rfh).policy_name == defaults.DAILY.name


def test_the_level_quickens_the_updates_and_lower_again_the_policys_pace_is_back(policies: None, now: datetime) -> None:
    rfh = filed(now, priority="p2")
    pace = []

    for level in ("", "L2", "L3", "L1", ""):
        services.change(rfh, {"level": level}, by=make.acting(), now=now + HOUR)
        pace.append(dues(rfh)["update"] - now)

    assert pace == [3 * DAY, DAY, 3 * DAY, DAY, 3 * DAY]


def test_a_quicker_policy_is_not_slowed_by_the_level(now: datetime) -> None:
    rfh_policy("Hourly", update=2 * HOUR)

    rfh = filed(now, level="L1")

    assert dues(rfh)["update"] == now + 2 * HOUR


def test_raised_late_the_nag_begins_at_once_and_goes_on(
    policies: None, the_set: dict[str, Agent], now: datetime
) -> None:
    rfh = filed(now, priority="p2")
    services.acknowledge(rfh, by=make.acting(the_set["primary"]), now=now)
    for hours in (60, 61):
        sweep(now + hours * HOUR)

    services.change(rfh, {"level": "L1"}, by=make.acting(), now=now + 62 * HOUR)
    for hours in range(62, 87):
        sweep(now + hours * HOUR)

    updates = [(tier, people) for promise, tier, people in told() if promise == "update"]
    assert updates == [(1, ["Ben"]), (1, ["Ben"]), (2, ["Lea"]), (3, ["Ana"]), (1, ["Ben"])]


def test_another_priority_is_another_promise_and_nobody_hears_twice(
    policies: None, the_set: dict[str, Agent], now: datetime
) -> None:
    rfh = filed(now, priority="p2")
    sweep(now + 12 * HOUR)

    services.change(rfh, {"priority": "p1", "priority_because": "It is worse"}, by=make.acting(), now=now + 12 * HOUR)
    sweep(now + 12 * HOUR)

    assert dues(rfh)["acknowledgement"] == now + 1 * HOUR
    acknowledgements = [each for each in told() if each[0] == "acknowledgement"]
    assert acknowledgements == [("acknowledgement", 1, ["Ben"])]


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("withdraw", "cancelled"),
        ("reroute", "cancelled"),
        ("resolve_by_support", "cancelled"),
        ("resolve", "met"),
    ],
)
def test_at_the_end_nothing_runs_and_nobody_hears(policies: None, now: datetime, step: str, state: str) -> None:
    rfh, by = filed(now), make.acting()
    later = now + HOUR / 4

    match step:
        case "withdraw":
            services.withdraw(rfh, because="They found it", by=by, now=later)
        case "reroute":
            services.reroute(rfh, to="product", by=by, now=later)
        case "resolve":
            services.resolve(rfh, learned="It was the proxy", by=by, now=later)
        case _:
            services.resolve(rfh, learned="It was the proxy", solved_by="support", by=by, now=later)
    sweep(now + 10 * DAY)

    assert set(outcomes(rfh).values()) == {state}
    assert not told()


def test_reopened_it_all_begins_anew_at_its_own_time(policies: None, now: datetime) -> None:
    rfh, by = filed(now), make.acting()
    services.answer(rfh, answer="Raise the limit.", by=by, now=now + HOUR / 4)

    services.reopen(rfh, because="It is back", by=by, now=now + DAY)

    assert dues(rfh) == {
        "acknowledgement": now + DAY + HOUR,
        "first_answer": now + DAY + 4 * HOUR,
        "update": now + 2 * DAY,
    }


def test_a_policy_that_is_changed_governs_what_is_open(policies: None, now: datetime) -> None:
    rfh = filed(now)
    Policy.objects.get(name="P1 requests for help").promises.filter(kind="first_answer").update(within=2 * HOUR)

    changed = jobs.recalculate_rfhs("P1 requests for help changed", 0)

    assert changed == 1
    assert dues(rfh)["first_answer"] == now + 2 * HOUR


def test_a_batch_costs_the_same_number_of_statements(
    policies: None, the_set: dict[str, Agent], now: datetime, django_assert_max_num_queries: Any
) -> None:
    for index in range(12):
        rfh = filed(now)
        RFH.objects.filter(pk=rfh.pk).update(owner=make.agent(f"Owner {index}"))

    with django_assert_max_num_queries(45):
        sweep(now + 25 * HOUR)

    assert len(told()) == 36


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(now: datetime) -> None:
    shipped.ship_requests(now)
    duty("set", "Ben", "Dora", "Lea")
    filed(now)

    def run() -> None:
        Sweep(clock=lambda: now + HOUR / 2, source=None).batch()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told() == [("acknowledgement", 1, ["Ben"])]


@pytest.mark.django_db(transaction=True)
def test_a_sweep_killed_in_the_middle_leaves_everything_to_the_next(now: datetime) -> None:
    shipped.ship_requests(now)
    duty("set", "Ben", "Dora", "Lea")
    filed(now)

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        Sweep(clock=lambda: now + HOUR / 2, source=None).batch()
        raise KeyboardInterrupt
    undone = told()
    sweep(now + HOUR / 2)

    assert (undone, told()) == ([], [("acknowledgement", 1, ["Ben"])])


@pytest.mark.django_db(transaction=True)
def test_whoever_acknowledges_while_a_sweep_runs_waits_for_it(now: datetime) -> None:
    shipped.ship_requests(now)
    rfh = filed(now)

    def acknowledge() -> None:
        services.acknowledge(rfh, by=make.acting(), now=now + HOUR / 2)
        connection.close()

    thread = threading.Thread(target=acknowledge)
    with transaction.atomic():
        Sweep(clock=lambda: now + HOUR / 2, source=None).batch()
        thread.start()
        make.until_somebody_waits()
    thread.join()

    assert outcomes(rfh)["acknowledgement"] == "met"
    assert Check.objects.filter(state="waiting", clock__promise="acknowledgement").count() == 0


def rfh_policy(name: str, **within: timedelta) -> Policy:
    """A policy that is asked first, with one tier a promise, at half its time."""
    made = Policy.objects.create(name=name, applies_to="rfh", position=0)
    for kind, duration in within.items():
        Promise.objects.create(policy=made, kind=kind, within=duration)
        Tier.objects.create(policy=made, promise=kind, position=1, after=duration / 2, audience_kind="accountable")
    return made
