"""Who hears."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.people.models import Agent, NamedGroup, UserGroup
from apps.tickets.models import Ticket
from tests import make
from tests.escalations.engine import MINUTE, happened, sweep

pytestmark = pytest.mark.django_db


def test_embedded_people_hear_only_from_the_tier_for_everybody_on_shift(
    ticket: Ticket, ana: Agent, now: datetime
) -> None:
    make.shift(make.agent("Ben"), kind="embedded", product="Storage")

    sweep(now + 10 * MINUTE)
    sweep(now + 20 * MINUTE)

    names = [[person["name"] for person in event["people"]] for event in happened("EscalationReached")]
    assert names == [["Ana"], ["Ana", "Ben"]]


def test_where_nobody_is_there_the_next_audience_up_hears_as_well_and_the_story_says_why(
    ticket: Ticket, now: datetime
) -> None:
    make.shift(make.agent("Ben"), kind="embedded", product="Storage")

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert [person["name"] for person in event["people"]] == ["Ben"]
    assert event["notes"] == [
        "Nobody is “Support on shift, not embedded” now, so “Everybody on shift, embedded too” hears as well."
    ]


def test_somebody_who_left_does_not_hear(ticket: Ticket, ana: Agent, now: datetime) -> None:
    Agent.objects.filter(pk=ana.pk).update(is_active=False)

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert event["people"] == []
    assert event["mentions"] == ["S0SUPPORT"]


def test_who_comes_owns_the_instant_of_the_handoff(ticket: Ticket, now: datetime) -> None:
    make.shift(make.agent("Ana"), start=now, hours=1 / 6)
    make.shift(make.agent("Ben"), start=now + 10 * MINUTE, hours=1)

    sweep(now + 10 * MINUTE)

    assert [person["name"] for person in happened("EscalationReached")[0]["people"]] == ["Ben"]


def test_a_user_group_that_slack_says_is_empty_is_nobody(ticket: Ticket, ana: Agent, now: datetime) -> None:
    UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support", synced_at=now)

    sweep(now + 35 * MINUTE)

    [event] = happened("EscalationReached")
    assert event["tier"] == 3
    assert event["mentions"] == ["S0SUCCESS"]
    assert event["notes"] == ["Nobody is “@S0SUPPORT” now, so “@S0SUCCESS” hears as well."]


def test_a_handle_that_slack_does_not_know_notifies_nobody_so_the_next_audience_hears_as_well(now: datetime) -> None:
    make.named_group("head-of-success", make.agent("Ben"))
    audiences = (
        {"audience_kind": "user_group", "user_group": "@group-suport"},
        {"audience_kind": "group", "group": NamedGroup.objects.get()},
    )
    make.policy(minutes=(10, 20), audiences=audiences)
    make.ticket()

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert event["mentions"] == ["@group-suport"]
    assert [person["name"] for person in event["people"]] == ["Ben"]
    assert event["notes"] == ["“@group-suport” notifies nobody, so “head of success” hears as well."]


def test_people_whom_slack_does_not_know_hear_nothing_so_the_next_audience_hears_as_well(now: datetime) -> None:
    make.shift(make.agent("Ana", slack_id=None))
    make.named_group("head-of-success", make.agent("Ben"))
    audiences = (
        {"audience_kind": "on_shift"},
        {"audience_kind": "group", "group": NamedGroup.objects.get()},
    )
    make.policy(minutes=(10, 20), audiences=audiences)
    make.ticket()

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert [person["name"] for person in event["people"]] == ["Ana", "Ben"]
    assert event["notes"] == [
        "Nobody of “Everybody on shift, embedded too” has a Slack id, so “head of success” hears as well."
    ]


def test_who_is_of_several_audiences_that_nobody_hears_is_named_once(now: datetime) -> None:
    make.shift(make.agent("Ana", slack_id=None))
    make.named_group("head-of-success", make.agent("Ben"))
    audiences = (
        {"audience_kind": "not_embedded"},
        {"audience_kind": "on_shift"},
        {"audience_kind": "group", "group": NamedGroup.objects.get()},
    )
    make.policy(minutes=(10, 20, 30), audiences=audiences)
    make.ticket()

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert [person["name"] for person in event["people"]] == ["Ana", "Ben"]


def test_whoever_is_on_duty_in_a_support_teams_rotation_is_on_shift(ticket: Ticket, now: datetime) -> None:
    support = make.team("support", kind="support")
    make.rotation(make.layer(make.agent("Ben")), slug="emea", team_of=support, now=now)
    make.rotation(make.layer(make.agent("Cem")), slug="set", now=now)

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert [person["name"] for person in event["people"]] == ["Ben"]
    assert event["people"][0]["because"] == "is on shift (primary in EMEA)"


def test_two_tiers_for_the_same_people_are_passed_over_in_one_sentence(now: datetime) -> None:
    unknown = {"audience_kind": "user_group", "user_group": "@group-suport"}
    make.shift(make.agent("Ben"))
    make.policy(minutes=(10, 20, 30), audiences=(unknown, unknown, {"audience_kind": "on_shift"}))
    make.ticket()

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert event["notes"] == ["“@group-suport” notifies nobody, so “Everybody on shift, embedded too” hears as well."]


def test_a_tier_may_mean_whoever_is_on_duty_as_a_role_of_a_rotation(now: datetime) -> None:
    ben = make.agent("Ben")
    on_duty = make.rotation(make.layer(ben, role="backup"), slug="set")
    audience = {"audience_kind": "rotation", "role": "backup", "rotation": on_duty}
    make.policy(plans=(make.plan(),), minutes=(10,), audiences=(audience,))
    make.ticket(plan=make.plan())

    sweep(now + 10 * MINUTE)

    [event] = happened("EscalationReached")
    assert [person["name"] for person in event["people"]] == ["Ben"]
    assert event["people"][0]["because"].startswith("is backup of SET")
