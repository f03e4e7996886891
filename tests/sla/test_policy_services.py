"""Policies are refused with the reason beside the field, and saved as one event."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from apps.people.models import Channel, UserGroup
from apps.sla.drafts import rules_with, spec_of
from apps.sla.errors import PolicyRefused
from apps.sla.matching import Facts, govern
from apps.sla.models import Policy
from apps.sla.services import channel_policy, problems, save_policy
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
ON_SHIFT = TierSpec(after=10 * MINUTE, kind="on_shift")


def spec(*tiers: TierSpec, within: timedelta = 50 * MINUTE, **fields: Any) -> PolicySpec:
    promise = PromiseSpec(kind="first_response", within=within, tiers=tiers or (ON_SHIFT,))
    return PolicySpec(**{"name": "Gold", "promises": (promise,), **fields})


def policy_events() -> list[StoredEvent]:
    return [event for event in StoredEvent.objects.order_by("position") if event.type.startswith("Object")]


def test_a_new_policy_is_one_event_that_holds_its_tiers(now: datetime) -> None:
    make.plan("enterprise")

    save_policy(None, spec(plans=("enterprise",)), now=now)

    [event] = policy_events()
    assert event.type == "ObjectCreated"
    assert event.payload["after"]["plans"] == ["Enterprise"]
    assert event.payload["after"]["tiers"][0]["after"] == "PT10M"
    assert event.payload["after"]["promises"][0]["within"] == "PT50M"


def test_a_changed_tier_is_one_event_with_the_tiers_before_and_after(now: datetime) -> None:
    policy = save_policy(None, spec(), now=now)

    save_policy(policy, spec(replace(ON_SHIFT, after=15 * MINUTE)), now=now)

    _, event = policy_events()
    assert event.type == "ObjectChanged"
    before, after = event.payload["changes"]["tiers"]
    assert (before[0]["after"], after[0]["after"]) == ("PT10M", "PT15M")
    assert list(event.payload["changes"]) == ["tiers"]


def test_saving_what_is_there_already_records_nothing(now: datetime) -> None:
    policy = save_policy(None, spec(), now=now)

    save_policy(policy, spec_of(policy), now=now)

    assert len(policy_events()) == 1


def test_tiers_are_numbered_from_one_and_those_that_left_are_gone(now: datetime) -> None:
    later = TierSpec(after=20 * MINUTE, kind="channel", channel="C200")
    policy = save_policy(None, spec(ON_SHIFT, later), now=now)
    assert list(policy.tiers.values_list("position", flat=True)) == [1, 2]

    save_policy(policy, spec(later), now=now)

    assert list(policy.tiers.values_list("position", "audience_kind")) == [(1, "channel")]


def test_a_tier_that_changes_its_kind_drops_what_the_old_kind_named(now: datetime) -> None:
    who = make.agent("Ana")
    tier = TierSpec(after=10 * MINUTE, kind="agents", agents=(who.email.upper(),))
    policy = save_policy(None, spec(tier), now=now)
    assert policy.tiers.get().audience.agents == (who.email,)

    save_policy(policy, spec(ON_SHIFT), now=now)

    assert list(policy.tiers.get().agents.all()) == []


def test_an_unknown_channel_becomes_known(now: datetime) -> None:
    save_policy(None, spec(channels=("C0NEW",)), now=now)

    assert Channel.objects.get().slack_id == "C0NEW"


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"name": " "}, "name", "name"),
        ({"name": "x" * 101}, "name", "100 characters"),
        ({"applies_to": "shift"}, "applies_to", "shift"),
        ({"position": 0}, "position", "counted from 1"),
        ({"plans": ("gold",)}, "plans", "no plan “gold”"),
        ({"severities": ("dire",)}, "severities", "no severity “dire”"),
        ({"excluded_types": ("poem",)}, "excluded_types", "no type “poem”"),
        ({"channels": ("general",)}, "channels", "general"),
        ({"promises": ()}, "promises", "promised"),
        ({"within": timedelta(0)}, "promises.0.within", "longer than zero"),
        ({"within": timedelta(days=4000)}, "promises.0.within", "10 years"),
        ({"within": timedelta(seconds=1.5)}, "promises.0.within", "whole seconds"),
    ],
)
def test_a_policy_is_refused_beside_the_field_at_fault(fields: dict[str, Any], path: str, words: str) -> None:
    found = problems(spec(**fields))

    assert list(found) == [path]
    assert words in found[path][0]


@pytest.mark.parametrize(
    ("tier", "path", "words"),
    [
        ({"kind": "everybody"}, "kind", "one of not_embedded"),
        ({"kind": "user_group"}, "user_group", "user group"),
        ({"kind": "user_group", "user_group": "group support"}, "user_group", "neither"),
        ({"kind": "user_group", "user_group": "@empty"}, "user_group", "Nobody is in @empty"),
        ({"kind": "user_group", "user_group": "@ghost"}, "user_group", "Slack has no user group “@ghost”"),
        ({"kind": "user_group", "user_group": "S0GHOST"}, "user_group", "It has @empty."),
        ({"kind": "group"}, "group", "which named group"),
        ({"kind": "group", "group": "bosses"}, "group", "no named group “bosses”"),
        ({"kind": "group", "group": "hollow"}, "group", "Nobody who works here"),
        ({"kind": "agents"}, "agents", "which agents"),
        ({"kind": "agents", "agents": ("who@example.com",)}, "agents", "no agent “who@example.com”"),
        ({"kind": "agents", "agents": ("gone@example.com",)}, "agents", "works here any more"),
        ({"kind": "channel"}, "channel", "which channel"),
        ({"kind": "channel", "channel": "#general"}, "channel", "#general"),
        ({"message": "Dear {peple}, {ticket}"}, "message", "{peple} cannot be filled in"),
        ({"message": "{ticket"}, "message", "a single { or }"),
        ({"message": "x" * 2001}, "message", "2000 characters"),
        ({"after": timedelta(0)}, "after", "longer than zero"),
    ],
)
def test_a_tier_is_refused_beside_the_field_at_fault(
    now: datetime, tier: dict[str, Any], path: str, words: str
) -> None:
    gone = make.agent("Gone", is_active=False)
    make.named_group("hollow", gone)
    UserGroup.objects.create(slack_id="S0EMPTY", handle="empty", synced_at=now)

    found = problems(spec(replace(ON_SHIFT, **tier)))

    assert list(found) == [f"promises.0.tiers.0.{path}"]
    assert words in found[f"promises.0.tiers.0.{path}"][0]


@pytest.mark.parametrize("handle", ["@group-support", "GROUP-support", "s0support"])
def test_a_user_group_is_known_by_its_handle_or_id_in_any_case(now: datetime, handle: str) -> None:
    UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support", member_ids=["U1"], synced_at=now)

    assert problems(spec(replace(ON_SHIFT, kind="user_group", user_group=handle))) == {}


def test_any_user_group_is_accepted_until_slack_has_told_us_which_there_are() -> None:
    UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support")

    assert problems(spec(replace(ON_SHIFT, kind="user_group", user_group="@ghost"))) == {}


def test_a_policy_that_is_off_may_name_a_user_group_to_come(now: datetime) -> None:
    UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support", synced_at=now)

    assert problems(spec(replace(ON_SHIFT, kind="user_group", user_group="@ghost"), enabled=False)) == {}


def test_an_unknown_placeholder_is_answered_with_those_there_are() -> None:
    found = problems(spec(replace(ON_SHIFT, message="{who}")))

    assert "{people}, {ticket}, {subject}" in found["promises.0.tiers.0.message"][0]


@pytest.mark.parametrize("minutes", [10, 9])
def test_a_tier_that_is_not_later_than_the_one_above_is_refused(minutes: int) -> None:
    found = problems(spec(ON_SHIFT, replace(ON_SHIFT, after=minutes * MINUTE)))

    assert list(found) == ["promises.0.tiers.1.after"]


def test_a_promise_without_a_tier_is_refused() -> None:
    promise = PromiseSpec(kind="first_response", within=50 * MINUTE, tiers=())

    assert list(problems(spec(promises=(promise,)))) == ["promises.0.tiers"]


def test_the_same_promise_twice_is_refused() -> None:
    promise = PromiseSpec(kind="first_response", within=50 * MINUTE, tiers=(ON_SHIFT,))

    assert list(problems(spec(promises=(promise, promise)))) == ["promises.1.kind"]


def test_a_policy_that_is_switched_off_may_name_an_empty_group() -> None:
    make.named_group("hollow")
    tier = TierSpec(after=10 * MINUTE, kind="group", group="hollow")

    assert problems(spec(tier, enabled=False)) == {}


def test_a_name_in_use_is_refused_to_another_policy_and_not_to_itself(now: datetime) -> None:
    policy = save_policy(None, spec(), now=now)

    assert list(problems(spec())) == ["name"]
    assert problems(spec(), policy) == {}


def test_a_refused_policy_leaves_nothing_behind(now: datetime) -> None:
    with pytest.raises(PolicyRefused) as refused:
        save_policy(None, spec(name=""), now=now)

    assert refused.value.errors == {"name": ["Give the policy a name."]}
    assert str(refused.value) == "Give the policy a name."
    assert not Policy.objects.exists()
    assert not StoredEvent.objects.exists()


def test_a_new_policy_goes_before_the_fallback(now: datetime) -> None:
    make.plan("teams")
    first = save_policy(None, spec(name="First", plans=("teams",)), now=now)
    fallback = save_policy(None, spec(name="Fallback", without_plan=True), now=now)

    new = save_policy(None, spec(name="New"), now=now)

    assert list(Policy.objects.all()) == [first, new, fallback]


def test_a_new_policy_goes_to_the_end_when_the_last_one_is_no_fallback(now: datetime) -> None:
    first = save_policy(None, spec(name="First", severities=("urgent",)), now=now)

    new = save_policy(None, spec(name="New"), now=now)

    assert list(Policy.objects.all()) == [first, new]


def in_order() -> list[tuple[int, str]]:
    return list(Policy.objects.values_list("position", "name"))


def test_a_new_policy_goes_before_the_fallback_also_when_something_stands_behind_that(now: datetime) -> None:
    make.plan("teams")
    save_policy(None, spec(name="Fallback"), now=now)
    save_policy(None, spec(name="VIP", plans=("teams",), position=2), now=now)

    save_policy(None, spec(name="New", severities=("urgent",)), now=now)

    assert in_order() == [(1, "New"), (2, "Fallback"), (3, "VIP")]


def test_one_that_was_parked_in_the_middle_is_no_fallback(now: datetime) -> None:
    save_policy(None, spec(name="Parked", enabled=False), now=now)
    save_policy(None, spec(name="Teams", severities=("low",), position=2), now=now)

    save_policy(None, spec(name="New"), now=now)

    assert in_order() == [(1, "Parked"), (2, "Teams"), (3, "New")]


@pytest.mark.parametrize(("position", "there"), [(1, "DABC"), (2, "ADBC"), (3, "ABDC"), (4, "ABCD"), (99, "ABCD")])
def test_a_position_puts_the_policy_there_and_the_others_make_way(now: datetime, position: int, there: str) -> None:
    for number, name in enumerate("ABCD", start=1):
        save_policy(None, spec(name=name, severities=("low",), position=number), now=now)
    last = Policy.objects.get(name="D")

    save_policy(last, replace(spec_of(last), position=position), now=now)

    assert in_order() == list(enumerate(there, start=1))


def test_a_move_is_one_event_for_each_policy_that_moved(now: datetime) -> None:
    for name in ("A", "B", "C"):
        save_policy(None, spec(name=name, severities=("low",)), now=now)
    last = Policy.objects.get(name="C")

    save_policy(last, replace(spec_of(last), position=2), now=now)

    moved = [event for event in policy_events() if event.type == "ObjectChanged"]
    assert [(event.payload["label"], event.payload["changes"]) for event in moved] == [
        ("C", {"position": [3, 2]}),
        ("B", {"position": [2, 3]}),
    ]


def test_a_policy_that_is_saved_without_a_position_stays_where_it_is(now: datetime) -> None:
    for name in ("A", "B", "C"):
        save_policy(None, spec(name=name), now=now)
    middle = Policy.objects.all()[1]

    save_policy(middle, replace(spec_of(middle), name="Still here"), now=now)

    assert list(Policy.objects.all())[1].name == "Still here"


@pytest.mark.parametrize("position", [None, 1, 2, 3, 9])
def test_a_draft_stands_where_it_will_once_it_is_saved(now: datetime, position: int | None) -> None:
    for name in ("A", "B"):
        save_policy(None, spec(name=name, severities=("low",)), now=now)
    save_policy(None, spec(name="Fallback"), now=now)
    draft = spec(name="New", position=position)

    drafted = rules_with(draft, None)
    save_policy(None, draft, now=now)

    assert sorted((rule.position, rule.name) for rule in drafted) == in_order()


@pytest.mark.django_db(transaction=True)
def test_two_moved_to_one_place_at_once_are_behind_each_other(now: datetime) -> None:
    policies = [save_policy(None, spec(name=name), now=now) for name in ("A", "B", "C")]
    together = threading.Barrier(2)

    def move(policy: Policy) -> None:
        together.wait()
        save_policy(policy, replace(spec_of(policy), position=1), now=now)
        connection.close()

    threads = [threading.Thread(target=move, args=[policy]) for policy in policies[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(Policy.objects.values_list("position", flat=True)) == [1, 2, 3]


def test_policies_with_one_number_or_gaps_are_numbered_in_the_order_they_had() -> None:
    for name, position in (("A", 0), ("B", 0), ("C", 7), ("D", 3)):
        make.policy(name, position=position)

    import_module("apps.sla.migrations.0002_order_from_one").number(apps, None)

    assert in_order() == list(enumerate("ABDC", start=1))


def test_the_policy_of_a_channel_is_the_one_for_that_channel_alone(now: datetime) -> None:
    save_policy(None, spec(name="Both", channels=("C100", "C200")), now=now)
    alone = save_policy(None, spec(name="Alone", channels=("C100",)), now=now)

    assert channel_policy("C100") == alone
    assert channel_policy("C200") is None


def test_the_rules_with_a_draft_are_the_rules_once_it_is_saved(now: datetime) -> None:
    make.plan("teams")
    save_policy(None, spec(name="Teams", plans=("teams",)), now=now)
    save_policy(None, spec(name="Fallback", within=60 * MINUTE), now=now)
    draft = spec(name="Urgent", severities=("urgent",), within=5 * MINUTE)
    facts = Facts(plan="teams", severity="urgent", channel="", type="question")
    others = Facts(plan="", severity="urgent", channel="", type="question")

    drafted = rules_with(draft, None)
    save_policy(None, draft, now=now)

    saved = rules_with(spec_of(Policy.objects.get(name="Urgent")), Policy.objects.get(name="Urgent"))
    assert govern(drafted, facts).policy.name == govern(saved, facts).policy.name == "Teams"  # type: ignore[union-attr]
    assert govern(drafted, others).policy.name == govern(saved, others).policy.name == "Urgent"  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_of_two_new_policies_with_one_name_one_is_refused(now: datetime) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def save() -> None:
        together.wait()
        try:
            save_policy(None, spec(), now=now)
            outcomes.append("saved")
        except PolicyRefused as refused:
            outcomes.append(next(iter(refused.errors)))
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["name", "saved"]
