"""A manager edits policies in the admin, sees the effect first, and asks who would hear."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.escalations.models import Clock
from apps.people.models import Agent, UserGroup
from apps.sla.models import Policy
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LIST = "/admin/sla/policy/"
ADD = "/admin/sla/policy/add/"


def signed_in(role: str, now: datetime) -> Client:
    roles.sync(now)
    who = make.agent(role.split()[-1].capitalize())
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def manager(now: datetime) -> Client:
    return signed_in(roles.MANAGER, now)


def tier(number: int, after: str, **fields: str) -> dict[str, str]:
    said = {"position": str(number), "after": after, "audience_kind": "on_shift", **fields}
    return {f"tiers-{number - 1}-{name}": value for name, value in said.items()}


def typed(*tiers: dict[str, str], policy: Policy | None = None, **fields: Any) -> dict[str, Any]:
    """The form as a manager fills it in."""
    rows = tiers or (tier(1, "10 min"),)
    known = list(policy.tiers.all()) if policy else []
    form: dict[str, Any] = {
        "name": policy.name if policy else "Gold",
        "enabled": "on",
        "position": "",
        "within": "50 min",
        "excluded_types": ["feedback"],
        "tiers-TOTAL_FORMS": str(len(rows)),
        "tiers-INITIAL_FORMS": str(min(len(known), len(rows))),
        "tiers-MIN_NUM_FORMS": "0",
        "tiers-MAX_NUM_FORMS": "1000",
        "_save": "1",
    }
    for index, row in enumerate(rows):
        form.update(row)
        if index < len(known):
            form[f"tiers-{index}-id"] = str(known[index].pk)
        if policy:
            form[f"tiers-{index}-policy"] = str(policy.pk)
    return {**form, **fields}


def change(policy: Policy) -> str:
    return reverse("admin:sla_policy_change", args=[policy.pk])


def page(client: Client, address: str, form: dict[str, Any]) -> str:
    response = client.post(address, form)
    assert response.status_code == 200, response.headers.get("Location")
    return response.content.decode()


def changes(kind: str = "ObjectChanged") -> list[StoredEvent]:
    found = StoredEvent.objects.filter(type=kind).order_by("position")
    return [event for event in found if event.payload["model"] == "sla.policy"]


def test_a_manager_adds_a_policy_in_words(manager: Client) -> None:
    plan = make.plan()
    rows = (
        tier(1, "10 min", audience_kind="not_embedded"),
        tier(2, "1h30", audience_kind="user_group", user_group="@group-support", message="{people}: {ticket}"),
    )

    response = manager.post(ADD, typed(*rows, plans=[plan.pk], severities=["urgent"], within="2 hours"))

    assert response.status_code == 302
    policy = Policy.objects.get()
    assert list(policy.plans.all()) == [plan]
    assert policy.promises.get().within == 120 * MINUTE
    assert [(each.position, each.after, each.user_group) for each in policy.tiers.all()] == [
        (1, 10 * MINUTE, ""),
        (2, 90 * MINUTE, "@group-support"),
    ]
    [event] = changes("ObjectCreated")
    assert event.actor_kind == "user"
    assert len(event.payload["after"]["tiers"]) == 2


def test_the_form_shows_durations_as_people_say_them(manager: Client) -> None:
    policy = make.policy(minutes=(90,), within=60 * 24 * 3)

    shown = manager.get(change(policy)).content.decode()

    assert 'value="1 h 30 min"' in shown
    assert 'value="3 days"' in shown


def test_saving_what_is_there_records_nothing(manager: Client) -> None:
    policy = make.policy(minutes=(10,))

    response = manager.post(change(policy), typed(tier(1, "10 min", audience_kind="not_embedded"), policy=policy))

    assert response.status_code == 302
    assert changes() == []


@pytest.mark.parametrize(
    ("rows", "fields", "sentence"),
    [
        ((), {"tiers-TOTAL_FORMS": "0"}, "Add at least one tier"),
        ((tier(1, "20 min"), tier(2, "10 min")), {}, "10 min is before the tier above (20 min)"),
        ((tier(1, "10 min"), tier(2, "10 min")), {}, "10 min is the same as the tier above"),
        ((tier(1, "10 min", message="{who}"),), {}, "{who} cannot be filled in"),
        ((tier(1, "10 min", audience_kind="group"),), {}, "Say which named group hears"),
        ((tier(1, "10 min", audience_kind="agents"),), {}, "Say which agents hear"),
        ((tier(1, "10 min", audience_kind="channel"),), {}, "Say which channel hears"),
        ((tier(1, "10 min", audience_kind="user_group"),), {}, "Say which Slack user group hears"),
        ((tier(1, "soon"),), {}, "is not understood"),
        ((), {"within": "0 min"}, "longer than zero"),
        ((), {"name": "Taken"}, "There is a policy called “Taken” already."),
    ],
)
def test_a_refused_policy_keeps_all_that_was_typed(
    manager: Client, rows: tuple[dict[str, str], ...], fields: dict[str, str], sentence: str
) -> None:
    make.policy("Taken", minutes=(10,))
    form = typed(*rows, **{"name": "A name I thought about", **fields})

    shown = page(manager, ADD, form)

    assert sentence in shown.replace("&#x27;", "'").replace("&quot;", '"')
    assert f'value="{form["name"]}"' in shown
    for name, value in form.items():
        if name.endswith("-after") and fields.get("tiers-TOTAL_FORMS") != "0":
            assert f'value="{value}"' in shown
    assert Policy.objects.count() == 1


def test_an_unknown_user_group_is_refused_beside_its_field(manager: Client, now: datetime) -> None:
    UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support", member_ids=["U1"], synced_at=now)

    response = manager.post(ADD, typed(tier(1, "10 min", audience_kind="user_group", user_group="@ghosts")))

    [formset] = response.context["inline_admin_formsets"]
    assert [list(errors) for errors in formset.formset.errors] == [["user_group"]]


def test_the_reason_is_beside_the_tier_at_fault(manager: Client) -> None:
    response = manager.post(ADD, typed(tier(1, "20 min"), tier(2, "10 min")))

    [formset] = response.context["inline_admin_formsets"]
    assert [list(errors) for errors in formset.formset.errors] == [[], ["after"]]


def test_tiers_are_taken_in_the_order_of_their_numbers(manager: Client) -> None:
    rows = (
        {**tier(1, "20 min"), "tiers-0-position": "1"},
        {**tier(2, "10 min", audience_kind="not_embedded"), "tiers-1-position": "0"},
    )

    manager.post(ADD, typed(*rows))

    assert list(Policy.objects.get().tiers.values_list("position", "after")) == [(1, 10 * MINUTE), (2, 20 * MINUTE)]


def test_a_row_nobody_filled_in_is_no_tier(manager: Client) -> None:
    empty = {"tiers-1-position": "1", "tiers-1-after": "", "tiers-1-audience_kind": ""}

    manager.post(ADD, typed(tier(1, "10 min"), empty))

    assert Policy.objects.get().tiers.count() == 1


def test_a_manager_takes_a_tier_away(manager: Client) -> None:
    policy = make.policy(minutes=(10, 20))
    form = typed(tier(1, "10 min"), tier(2, "20 min"), policy=policy)

    manager.post(change(policy), {**form, "tiers-0-DELETE": "on"})

    assert list(policy.tiers.values_list("position", "after")) == [(1, 20 * MINUTE)]


def test_a_change_that_moves_checks_shows_its_effect_before_it_is_saved(manager: Client) -> None:
    policy = make.policy(minutes=(10,))
    make.ticket(subject="Printer burns", opened_at=timezone.now())

    shown = page(manager, change(policy), typed(tier(1, "25 min"), policy=policy))

    assert "Open tickets would change at once" in shown
    assert "4711" in shown
    assert "Printer burns" in shown
    assert shown.count("<time") == 2
    assert policy.tiers.get().after == 10 * MINUTE
    assert changes() == []


def test_confirmed_the_change_is_saved_and_followed(manager: Client) -> None:
    policy = make.policy(minutes=(10,))
    make.ticket(opened_at=timezone.now())

    response = manager.post(change(policy), typed(tier(1, "25 min"), policy=policy, _confirmed="1"))

    assert response.status_code == 302
    assert policy.tiers.get().after == 25 * MINUTE
    assert len(changes()) == 1


def test_the_effect_page_holds_all_that_was_typed(manager: Client) -> None:
    policy = make.policy(minutes=(10,))
    make.ticket(opened_at=timezone.now())
    form = typed(tier(1, "25 min", message='{people} "now"'), policy=policy)

    response = manager.post(change(policy), form)

    held = dict(response.context["typed"])
    assert {name: value for name, value in form.items() if name != "_save" and not isinstance(value, list)} == {
        name: value for name, value in held.items() if name != "excluded_types"
    }
    assert held["excluded_types"] == "feedback"


def test_going_back_from_the_effect_keeps_what_was_typed_and_saves_nothing(manager: Client) -> None:
    policy = make.policy(minutes=(10,))

    shown = page(manager, change(policy), typed(tier(1, "25 min"), policy=policy, _edit="1"))

    assert 'value="25 min"' in shown
    assert policy.tiers.get().after == 10 * MINUTE


def test_the_preview_of_a_change_without_effect_says_so_and_saves_nothing(manager: Client) -> None:
    policy = make.policy(minutes=(10,))

    shown = page(manager, change(policy), typed(tier(1, "25 min"), policy=policy, _preview="1"))

    assert "No check of an open ticket would move" in shown
    assert policy.tiers.get().after == 10 * MINUTE


def test_the_preview_of_a_refused_policy_shows_the_reason_and_saves_nothing(manager: Client) -> None:
    shown = page(manager, ADD, typed(tier(1, "soon"), _preview="1"))

    assert "is not understood" in shown
    assert not Policy.objects.exists()


def test_switching_a_policy_off_shows_which_tickets_lose_their_promise(manager: Client) -> None:
    policy = make.policy(minutes=(10,))
    make.ticket(opened_at=timezone.now())
    form = typed(tier(1, "10 min", audience_kind="not_embedded"), policy=policy)
    del form["enabled"]

    response = manager.post(change(policy), form)

    assert (response.context["effect"].lost, response.context["effect"].moved) == (1, 0)


def test_a_new_policy_shows_which_tickets_gain_a_promise(manager: Client) -> None:
    make.ticket(opened_at=timezone.now())

    response = manager.post(ADD, typed())

    assert response.context["effect"].gained == 1
    assert not Policy.objects.exists()


def test_the_policys_page_shows_the_open_tickets_it_governs(manager: Client) -> None:
    policy = make.policy(minutes=(10,))
    make.ticket("4711", opened_at=timezone.now())
    make.ticket("4712", opened_at=timezone.now())
    Clock.objects.filter(ticket__number="4712").update(state="cancelled", stopped_at=timezone.now())

    governed = manager.get(change(policy)).context["governed"]

    assert governed["count"] == 1
    assert [clock.ticket.number for clock in governed["first"]] == ["4711"]


def test_the_list_tells_each_policy_in_words(manager: Client) -> None:
    make.policy("Gold", minutes=(10, 90), plans=(make.plan(),), severities=["urgent", "high"])

    shown = manager.get(LIST).content.decode()

    assert "plan Enterprise; urgent or high, but not feedback" in shown
    assert "first response within 50 min" in shown
    assert "10 min → support on shift" in shown
    assert "1 h 30 min → everybody on shift" in shown


def test_the_list_costs_the_same_queries_however_many_policies(manager: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert manager.get(LIST).status_code == 200
        return len(captured)

    who = make.agent("Ana")
    for number in range(2):
        make.policy(f"Policy {number}", minutes=(10,), audiences=({"audience_kind": "agents"},)).tiers.get().agents.set(
            [who]
        )
    few = queries()
    for number in range(2, 12):
        make.policy(f"Policy {number}", minutes=(10,), audiences=({"audience_kind": "agents"},)).tiers.get().agents.set(
            [who]
        )

    assert queries() == few


def listed(*policies: Policy, positions: tuple[int, ...], **fields: str) -> dict[str, Any]:
    """The list with these positions typed, as it is posted."""
    form = {"form-TOTAL_FORMS": str(len(policies)), "form-INITIAL_FORMS": str(len(policies)), "_save": "1", **fields}
    for row, (policy, position) in enumerate(zip(policies, positions, strict=True)):
        form |= {f"form-{row}-id": str(policy.pk), f"form-{row}-position": str(position)}
    return form


def four() -> list[Policy]:
    return [make.policy(name, position=position) for position, name in enumerate("ABCD", start=1)]


@pytest.mark.parametrize(
    ("positions", "order"),
    [
        # Dragged: every row is numbered anew, from 0.
        ((1, 2, 3, 0), "DABC"),
        ((0, 2, 1, 3), "ACBD"),
        # Typed.
        ((1, 2, 3, 1), "DABC"),
        ((3, 2, 3, 4), "BCAD"),
        ((1, 9, 3, 4), "ACDB"),
        ((2, 1, 3, 4), "BACD"),
        ((1, 2, 1, 1), "CDAB"),
        ((0, 2, 3, 4), "ABCD"),
    ],
)
def test_an_order_that_is_dragged_or_typed_has_no_ties(manager: Client, positions: tuple[int, ...], order: str) -> None:
    response = manager.post(LIST, listed(*four(), positions=positions))

    assert response.status_code == 302
    assert list(Policy.objects.values_list("position", "name")) == list(enumerate(order, start=1))


def test_rows_of_a_filtered_list_change_places_among_themselves(manager: Client) -> None:
    _, second, _, last = four()

    manager.post(LIST, listed(second, last, positions=(1, 0)))

    assert "".join(policy.name for policy in Policy.objects.all()) == "ADCB"


def test_reordering_in_the_list_is_on_the_trail_with_what_was_moved_first(manager: Client) -> None:
    manager.post(LIST, listed(*four(), positions=(1, 2, 3, 1)))

    assert [event.payload["changes"] for event in changes()] == [
        {"position": [4, 1]},
        {"position": [1, 2]},
        {"position": [2, 3]},
        {"position": [3, 4]},
    ]


def test_a_position_that_is_no_number_is_refused_in_the_list(manager: Client) -> None:
    policies = four()
    form = listed(*policies, positions=(1, 2, 3, 4)) | {"form-0-position": "first"}

    assert "Enter a whole number" in page(manager, LIST, form)
    assert changes() == []


def test_a_position_typed_in_the_form_puts_the_policy_there(manager: Client) -> None:
    last = four()[-1]
    rows = (tier(number + 1, f"{after} min") for number, after in enumerate((10, 20, 35, 50)))

    response = manager.post(change(last), typed(*rows, policy=last, position="2"))

    assert response.status_code == 302
    assert list(Policy.objects.values_list("position", "name")) == list(enumerate("ADBC", start=1))


def test_policies_behind_a_deleted_one_close_ranks(now: datetime) -> None:
    policies = four()
    client = Client()
    client.force_login(Agent.objects.create_superuser("root@example.com", "secret"))

    client.post(reverse("admin:sla_policy_delete", args=[policies[1].pk]), {"post": "yes"})

    assert list(Policy.objects.values_list("position", "name")) == list(enumerate("ACD", start=1))


def test_going_back_from_the_effect_of_an_order_leaves_it(manager: Client) -> None:
    first, second = make.policy("First", position=1), make.policy("Second", position=2, minutes=(30,))
    make.ticket("4711")

    response = manager.post(LIST, listed(first, second, positions=(2, 1), _edit="1"))

    assert response.status_code == 302
    assert list(Policy.objects.all()) == [first, second]


def test_another_order_shows_which_open_tickets_it_moves_before_it_is_saved(manager: Client, now: datetime) -> None:
    first, second = make.policy("First", position=1), make.policy("Second", position=2, minutes=(30,))
    make.ticket("4711")
    form = listed(first, second, positions=(1, 1))

    shown = page(manager, LIST, form)
    before = Policy.objects.get(pk=second.pk).position
    saved = manager.post(LIST, {**form, "_confirmed": "1"})

    assert "What saving the new order does" in shown
    assert "First → Second" in shown
    assert before == 2
    assert saved.status_code == 302
    assert Policy.objects.get(pk=second.pk).position == 1


def test_who_may_only_look_sees_the_policy_and_no_buttons(now: datetime) -> None:
    agent = signed_in(roles.AGENT, now)
    policy = make.policy(minutes=(10,))

    shown = agent.get(change(policy)).content.decode()

    assert "10 min" in shown
    assert "50 min" in shown
    assert "_preview" not in shown
    assert agent.post(change(policy), typed(policy=policy)).status_code == 403


def test_who_may_only_look_sees_no_effect_either(now: datetime) -> None:
    agent = signed_in(roles.AGENT, now)
    policy = make.policy(minutes=(10,))

    assert agent.post(change(policy), typed(policy=policy, _preview="1")).status_code == 403


def test_the_test_page_tells_who_would_hear_and_why(manager: Client) -> None:
    policy = make.policy(minutes=(10, 20, 35, 50), plans=(make.plan(),))
    make.shift(make.agent("Ana"), start=timezone.now() - 60 * MINUTE)
    make.shift(make.agent("Ben"), kind="embedded", product="Boards", start=timezone.now() - 60 * MINUTE)

    response = manager.get(reverse("admin:sla_policy_test", args=[policy.pk]))

    trial = response.context["trial"]
    assert trial.verdict.policy.name == "Enterprise"
    [course] = trial.courses
    assert [[person.name for person in step.told.people] for step in course.steps] == [["Ana"], ["Ana", "Ben"], [], []]
    assert "embedded in Boards" in response.content.decode()


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_test_page_refuses_a_year_nobody_meant(manager: Client, zone: str, at: str) -> None:
    Agent.objects.update(time_zone=zone)
    policy = make.policy()
    asked = {"severity": "normal", "type": "question", "at": at}

    response = manager.get(reverse("admin:sla_policy_test", args=[policy.pk]), asked)

    assert response.status_code == 200
    assert response.context["form"].errors == {"at": [f"The year {int(at[:4])} is a slip of the finger."]}


def test_the_test_page_says_why_another_policy_governs(manager: Client) -> None:
    policy = make.policy("Enterprise", plans=(make.plan(),), position=0)
    make.policy("Rest", position=1)
    teams = make.plan("teams")

    shown = manager.get(
        reverse("admin:sla_policy_test", args=[policy.pk]),
        {"plan": teams.slug, "severity": "normal", "type": "question", "channel": "", "at": "2026-03-18T09:00"},
    ).content.decode()

    assert "Rest governs" in shown
    assert "it is for enterprise, and the plan is teams" in shown


@pytest.mark.parametrize(
    ("kind", "title"), [("feedback", "governs, and promises nothing"), ("question", "Enterprise governs")]
)
def test_the_test_page_says_when_the_type_gets_no_promise(manager: Client, kind: str, title: str) -> None:
    policy = make.policy()

    shown = manager.get(
        reverse("admin:sla_policy_test", args=[policy.pk]),
        {"plan": "", "severity": "normal", "type": kind, "channel": "", "at": ""},
    ).content.decode()

    assert title in shown


def test_the_test_page_says_when_nobody_matches(manager: Client) -> None:
    policy = make.policy(enabled=False)

    shown = manager.get(reverse("admin:sla_policy_test", args=[policy.pk])).content.decode()

    assert "No policy matches: no promise" in shown
    assert "switched off" in shown


def test_the_test_page_asks_the_shifts_of_each_tiers_own_instant(manager: Client) -> None:
    policy = make.policy(minutes=(10, 50), audiences=({"audience_kind": "on_shift"}, {"audience_kind": "on_shift"}))
    start = datetime.fromisoformat("2026-03-18T09:00:00+00:00")
    make.shift(make.agent("Ana"), start=start, hours=0.5)
    make.shift(make.agent("Ben"), start=start + 30 * MINUTE, hours=1)

    response = manager.get(
        reverse("admin:sla_policy_test", args=[policy.pk]),
        {"plan": "", "severity": "normal", "type": "question", "channel": "", "at": "2026-03-18T09:00"},
    )

    [course] = response.context["trial"].courses
    assert [[person.name for person in step.told.people] for step in course.steps] == [["Ana"], ["Ben"]]


def test_the_test_page_says_until_when_in_the_viewers_zone(manager: Client) -> None:
    policy = make.policy(minutes=(10,), audiences=({"audience_kind": "on_shift"},))
    make.shift(make.agent("Ana"), start=datetime.fromisoformat("2026-03-18T09:00:00+00:00"), hours=8)
    manager.cookies["time_zone"] = "Europe/Paris"

    shown = manager.get(
        reverse("admin:sla_policy_test", args=[policy.pk]),
        {"plan": "", "severity": "normal", "type": "question", "channel": "", "at": "2026-03-18T10:00"},
    ).content.decode()

    assert re.search(r"is on shift \(support\) until <time [^>]*>18 Mar( 2026)? 18:00 CET</time>", shown)


def test_an_agent_named_in_a_tier_is_chosen_by_key(manager: Client) -> None:
    who = make.agent("Ana")

    manager.post(ADD, typed(tier(1, "10 min", audience_kind="agents", agents=str(who.pk))))

    assert list(Policy.objects.get().tiers.get().agents.all()) == [Agent.objects.get(pk=who.pk)]
