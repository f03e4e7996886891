"""A page climbs primary, backup, lead until somebody acknowledges it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from apps.escalations.models import Check, Clock
from apps.pages import services
from apps.people.models import Team
from apps.sla.models import Policy, Promise, Tier
from tests import make
from tests.pages.duty import MINUTE, by, empty_set, happened, sweep, the_set, told

pytestmark = pytest.mark.django_db


def page_policy(*minutes: int, repeat: int = 0, within: int = 30, **fields: object) -> Policy:
    made = Policy.objects.create(**{"name": "SET pages", "applies_to": "page", "position": 9, **fields})
    Promise.objects.create(policy=made, kind="acknowledgement", within=within * MINUTE, repeat=repeat)
    for position, (after, role) in enumerate(zip(minutes, ("primary", "backup", "lead"), strict=False), start=1):
        Tier.objects.create(
            policy=made,
            promise="acknowledgement",
            position=position,
            after=after * MINUTE,
            audience_kind="rotation",
            role=role,
        )
    return made


def test_the_primary_hears_at_once_the_backup_after_ten_minutes_and_the_lead_after_twenty(now: datetime) -> None:
    the_set()
    make.page()

    for minutes in (0, 1, 10, 20):
        sweep(now + minutes * MINUTE)

    assert told() == [(1, "primary", ["Ana"]), (2, "backup", ["Ben"]), (3, "lead", ["Lea"])]


def test_unacknowledged_it_begins_anew_after_half_an_hour_at_most_five_times(now: datetime) -> None:
    the_set()
    make.page()

    for minutes in range(0, 400, 10):
        sweep(now + minutes * MINUTE)

    assert [step for step, _, _ in told()] == list(range(1, 19))
    assert told()[3] == (4, "primary", ["Ana"])
    assert Clock.objects.get().next_at is None


def test_acknowledged_it_climbs_no_further(now: datetime) -> None:
    ana = the_set()["primary"]
    page = make.page()
    sweep(now)

    services.acknowledge(page, by=by(ana), now=now + 9 * MINUTE)
    sweep(now + 60 * MINUTE)

    assert len(told()) == 1
    assert Clock.objects.get().state == "met"
    assert set(Check.objects.exclude(state="reached").values_list("state", flat=True)) == {"cancelled"}


def test_acknowledged_too_late_the_promise_is_missed(now: datetime) -> None:
    ana = the_set()["primary"]
    page = make.page()
    for minutes in (0, 10, 20, 30):
        sweep(now + minutes * MINUTE)

    services.acknowledge(page, by=by(ana), now=now + 31 * MINUTE)

    assert Clock.objects.get().state == "missed"
    assert [event["kind"] for event in happened("PromiseBreached")] == ["page"]


def test_a_step_with_nobody_goes_to_the_next_at_once_and_says_so(now: datetime) -> None:
    the_set(roles=("backup", "lead"))
    make.page()

    sweep(now)
    sweep(now + 10 * MINUTE)

    assert told()[:2] == [(2, "backup", ["Ben"]), (3, "lead", ["Lea"])]
    assert happened("PageStepSkipped")[0]["because"] == "nobody is on as primary"
    assert happened("PageStepReached")[0]["notes"] == ["nobody is on as primary."]


def test_somebody_whom_slack_cannot_reach_is_as_nobody(now: datetime) -> None:
    ana = the_set()["primary"]
    ana.slack_id = None
    ana.save()
    make.page()

    sweep(now)

    assert told() == [(2, "backup", ["Ben"])]
    assert happened("PageStepSkipped")[0]["because"] == "Ana is on as primary and has no Slack id"


def test_with_nobody_but_the_lead_on_the_lead_hears_at_once(now: datetime) -> None:
    the_set(roles=("lead",))
    make.page()

    sweep(now)

    assert told() == [(3, "lead", ["Lea"])]


def test_with_nobody_on_at_all_the_channel_hears_and_it_says_so(now: datetime) -> None:
    make.page(to=empty_set())

    sweep(now)

    [event] = happened("PageWentUnheard")
    assert event["channel"] == "C0SET"
    assert event["because"] == ["nobody is on as primary.", "nobody is on as backup.", "nobody is on as lead."]
    assert datetime.fromisoformat(event["next_at"]) == now + 10 * MINUTE


def test_a_team_without_a_rotation_is_paged_all_the_same(now: datetime) -> None:
    make.page(to=make.team("docs"))

    sweep(now)

    assert len(happened("PageWentUnheard")) == 1


def test_who_is_on_is_asked_when_the_step_fires(now: datetime) -> None:
    people = the_set()
    page = make.page()
    sweep(now)
    people["backup"].is_active = False
    people["backup"].save()

    sweep(now + 10 * MINUTE)

    assert page.state == "open"
    assert told() == [(1, "primary", ["Ana"]), (3, "lead", ["Lea"])]


def test_the_policy_is_that_of_the_start(now: datetime) -> None:
    the_set()
    policy = page_policy(0, 5, 15, within=20)
    make.page()
    Tier.objects.filter(policy=policy).update(after=timedelta(days=1))

    sweep(now)
    sweep(now + 5 * MINUTE)

    assert [step for step, _, _ in told()] == [1, 2]


def test_a_teams_own_policy_governs_its_pages_and_no_others(now: datetime) -> None:
    the_set()
    policy = page_policy(0, 2, 4, within=6)
    policy.teams.add(Team.objects.get(slug="set"))
    make.page()
    make.page(to=make.team("docs"))

    names = list(Clock.objects.order_by("pk").values_list("policy_name", flat=True))

    assert names == ["SET pages", "Pages"]


def test_low_urgency_tells_the_first_who_is_there_and_goes_no_further(now: datetime) -> None:
    the_set(roles=("backup", "lead"))
    make.page(urgency="low")

    for minutes in range(0, 100, 10):
        sweep(now + minutes * MINUTE)

    assert told() == [(2, "backup", ["Ben"])]
    assert "The urgency is low, so nobody else is told." in happened("PageStepReached")[0]["notes"]


def test_not_mine_tells_the_next_at_once_and_keeps_the_distance_of_those_after(now: datetime) -> None:
    ana = the_set()["primary"]
    page = make.page()
    sweep(now)

    services.pass_on(page, by=by(ana), now=now + MINUTE)
    sweep(now + MINUTE)
    sweep(now + 11 * MINUTE)

    assert [(step, names) for step, _, names in told()] == [(1, ["Ana"]), (2, ["Ben"]), (3, ["Lea"])]


def test_not_mine_after_the_last_step_goes_to_the_channel(now: datetime) -> None:
    ana = the_set()["primary"]
    page_policy(0)
    page = make.page()
    sweep(now)

    services.pass_on(page, by=by(ana), now=now + MINUTE)

    assert "not theirs" in happened("PageWentUnheard")[0]["because"][0]


def test_after_an_outage_the_primary_hears_first_and_has_the_whole_ten_minutes(now: datetime) -> None:
    the_set()
    make.page()

    sweep(now + 25 * MINUTE)
    sweep(now + 34 * MINUTE)
    sweep(now + 35 * MINUTE)

    assert [(step, names) for step, _, names in told()] == [(1, ["Ana"]), (2, ["Ben"])]


def test_a_rotation_that_calls_its_roles_otherwise_is_paged_in_their_order(now: datetime) -> None:
    cleo, dan = make.agent("Cleo"), make.agent("Dan")
    team = make.team("ops", cleo, dan)
    make.rotation(make.layer(cleo, role="first"), make.layer(dan, role="second"), slug="ops", team_of=team)
    make.page(to=team)

    sweep(now)
    sweep(now + 10 * MINUTE)

    assert [names for _, _, names in told()] == [["Cleo"], ["Dan"]]


def test_a_batch_of_pages_costs_the_same_number_of_statements(
    now: datetime, django_assert_max_num_queries: object
) -> None:
    the_set()
    for _ in range(20):
        make.page()

    with django_assert_max_num_queries(40):  # type: ignore[operator]
        sweep(now)

    assert len(told()) == 20
