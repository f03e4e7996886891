"""/sla-setup and /add-support-engineer: modals for managers, validated before they are accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from apps.escalations.models import Clock
from apps.integrations.slack.models import SlackEvent
from apps.people.models import Agent, Channel, UserGroup
from apps.sla.models import Policy
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make
from tests.slack.inbound import HERE, answers, heard, manager, post, watch
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import picked_user, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]

Values = dict[str, dict[str, dict[str, Any]]]


def setup_command(user: str = "UMARA", channel: str = HERE, **more: Any) -> str:
    return payloads.slash_command("/sla-setup", user=user, channel=channel, **more)


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


def filled(**change: str) -> Values:
    """The modal as it could be sent: two tiers; `change` names blocks."""
    said = {
        "within": "30 min",
        "after_1": "5 min",
        "audience_1": "not_embedded",
        "message_1": "",
        "after_2": "15 min",
        "audience_2": "on_shift",
        "message_2": "",
        **change,
    }
    return {
        block: {"value": chosen(value) if block.startswith("audience") else typed(value)}
        for block, value in said.items()
    }


def submit(values: Values, user: str = "UMARA", channel: str = HERE) -> HttpResponse:
    metadata = json.dumps({"channel": channel})
    return post(payloads.view_submission("sla_setup", values, user=user, private_metadata=metadata))


def errors(response: HttpResponse) -> dict[str, str]:
    said = json.loads(response.content)
    assert said["response_action"] == "errors"
    found: dict[str, str] = said["errors"]
    return found


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def test_a_manager_gets_the_usual_ladder_to_start_from(standin: StandInSlack) -> None:
    manager()

    heard(setup_command())

    [view] = standin.views
    fields = inputs(view)
    assert fields["within"]["initial_value"] == "50 min"
    assert [fields[f"after_{n}"]["initial_value"] for n in (1, 2, 3, 4)] == ["10 min", "20 min", "35 min", "50 min"]
    assert fields["audience_1"]["initial_option"]["value"] == "not_embedded"
    assert SlackEvent.objects.get().state == "done"


def test_the_channels_own_policy_is_shown_as_it_is(standin: StandInSlack) -> None:
    manager()
    make.agent("Ana", nickname="annie")
    UserGroup.objects.create(slack_id="S0SUPPORT", handle="group-support", member_ids=["UANA"])
    policy = make.policy("Own", minutes=(7, 90, 120), within=100, channels=(make.channel(),))
    policy.tiers.filter(position=2).update(message="<@UANA> and <!here>: {ticket}")

    heard(setup_command())

    fields = inputs(standin.views[0])
    assert fields["within"]["initial_value"] == "1 h 40 min"
    assert fields["after_2"]["initial_value"] == "1 h 30 min"
    assert fields["message_2"]["initial_value"] == "@ana and @here: {ticket}"
    assert fields["audience_3"]["initial_option"]["value"] == "user_group:S0SUPPORT"
    assert "initial_value" not in fields["after_4"]


def test_named_agents_and_handles_without_an_option_are_kept(standin: StandInSlack) -> None:
    manager()
    ana = make.agent("Ana")
    audiences = ({"audience_kind": "agents"}, {"audience_kind": "user_group", "user_group": "@elsewhere"})
    policy = make.policy("Own", minutes=(5, 15), channels=(make.channel(),), audiences=audiences)
    policy.tiers.get(position=1).agents.set([ana])
    heard(setup_command())
    fields = inputs(standin.views[0])

    said = {f"audience_{n}": fields[f"audience_{n}"]["initial_option"]["value"] for n in (1, 2)}
    response = submit(filled(**said))

    assert response.content == b""
    first, second = Policy.objects.get().tiers.all()
    assert list(first.agents.all()) == [ana]
    assert second.user_group == "@elsewhere"


def test_setting_up_a_policy_that_is_switched_off_says_so(standin: StandInSlack) -> None:
    manager()
    make.policy("Own", channels=(make.channel(),), enabled=False)

    submit(filled())

    assert "switched off" in answers()[-1].text


def test_more_than_four_tiers_are_left_to_the_portal(standin: StandInSlack) -> None:
    manager()
    policy = make.policy(
        "Own", minutes=(1, 2, 3, 4, 5), channels=(make.channel(),), audiences=({"audience_kind": "on_shift"},) * 5
    )

    heard(setup_command())

    [view] = standin.views
    text = view["blocks"][0]["text"]["text"]
    assert f"/admin/sla/policy/{policy.pk}/change/" in text
    assert "submit" not in view
    assert policy.tiers.count() == 5


def test_an_unwatched_channel_is_said_to_be_so_with_a_link(standin: StandInSlack) -> None:
    manager()

    heard(setup_command())
    submit(filled())

    remarks = json.dumps(standin.views[0]["blocks"][:2])
    assert f"slack/watchedchannel/add/?slack_id={HERE}" in remarks
    assert "not watched yet" in answers()[-1].text
    assert Channel.objects.get(slack_id=HERE).name == "support"


@pytest.mark.parametrize("who", ["nobody", "agent"])
def test_only_a_manager_may_and_others_learn_who(standin: StandInSlack, who: str) -> None:
    manager("Mara")
    if who == "agent":
        make.agent("Ana")

    heard(setup_command("UANA"))

    assert standin.views == []
    [answer] = answers()
    assert answer.private
    assert "Mara" in answer.text


def test_a_refusal_mentions_nobody_by_a_name_that_looks_like_markup(standin: StandInSlack) -> None:
    called_so = manager()
    called_so.first_name = "<!channel>"
    called_so.save()

    heard(setup_command(user="UNOBODY"))
    heard(payloads.slash_command("/add-support-engineer", user="UNOBODY", channel=HERE))

    assert ["<!channel>" in said.text for said in answers()] == [False, False]


def test_a_submission_of_somebody_who_may_not_is_refused(standin: StandInSlack) -> None:
    make.agent("Ana")

    assert "within" in errors(submit(filled(), user="UANA"))
    assert not Policy.objects.exists()


def test_what_the_modal_says_becomes_the_channels_policy() -> None:
    manager()

    response = submit(filled(message_1="Please look, {people}"))

    assert (response.status_code, response.content) == (200, b"")
    policy = Policy.objects.get()
    assert [channel.slack_id for channel in policy.channels.all()] == [HERE]
    assert policy.promises.get().within == timedelta(minutes=30)
    tiers = [(tier.after, tier.audience_kind, tier.message) for tier in policy.tiers.all()]
    assert tiers == [
        (timedelta(minutes=5), "not_embedded", "Please look, {people}"),
        (timedelta(minutes=15), "on_shift", ""),
    ]
    stored = StoredEvent.objects.get(type="ObjectCreated", payload__model="sla.policy")
    assert (stored.actor_kind, stored.actor_label) == ("slack", "Mara")


def test_the_channels_policy_comes_before_the_policies_of_plans() -> None:
    manager()
    enterprise = make.policy("Enterprise", plans=(make.plan(),), position=0)
    fallback = make.policy("Fallback", position=1)

    submit(filled())

    assert [policy.name for policy in Policy.objects.all()][1:] == [enterprise.name, fallback.name]
    make.ticket("1", plan=make.plan(), channel=HERE)
    assert Clock.objects.get().within == timedelta(minutes=30)


def test_the_policies_behind_it_keep_their_order() -> None:
    manager()
    for position, name in enumerate("ABCD", start=1):
        make.policy(name, position=position)

    submit(filled())
    submit(filled(), channel="C200")

    assert [(policy.position, policy.name) for policy in Policy.objects.all()] == [
        (1, "Channel C200"),
        (2, "Channel C100"),
        (3, "A"),
        (4, "B"),
        (5, "C"),
        (6, "D"),
    ]


def test_an_existing_policy_is_changed_in_place() -> None:
    manager()
    make.policy("First", position=1)
    own = make.policy("Own", channels=(make.channel(),), position=2, severities=["urgent"], excluded_types=["task"])

    submit(filled())

    own.refresh_from_db()
    assert (own.name, own.position, own.severities, own.excluded_types) == ("Own", 2, ["urgent"], ["task"])
    assert own.tiers.count() == 2


@pytest.mark.parametrize(
    ("change", "block"),
    [
        ({"within": "soon"}, "within"),
        ({"within": ""}, "within"),
        ({"after_1": "10"}, "after_1"),
        ({"after_2": "5 min"}, "after_2"),
        ({"after_2": "1 min"}, "after_2"),
        ({"message_2": "Hello {nobody}"}, "message_2"),
        ({"message_1": "Hello @nobody"}, "message_1"),
        ({"audience_2": ""}, "audience_2"),
        ({"audience_2": "group:unknown"}, "audience_2"),
        ({"audience_1": "keep:9"}, "audience_1"),
        ({"audience_1": "rubbish"}, "audience_1"),
        ({"after_1": "", "after_2": ""}, "after_1"),
        ({"after_2": "", "after_3": "1 min", "audience_3": "on_shift"}, "after_3"),
    ],
)
def test_what_cannot_be_accepted_is_said_beside_its_field(change: dict[str, str], block: str) -> None:
    manager()

    found = errors(submit(filled(**change)))

    assert list(found) == [block]
    assert found[block]
    assert not Policy.objects.exists()


def test_several_mistakes_are_said_at_once() -> None:
    manager()

    found = errors(submit(filled(within="soon", after_1="10", message_2="@nobody")))

    assert set(found) == {"within", "after_1", "message_2"}


def test_names_in_messages_become_slack_ids() -> None:
    manager()
    make.agent("Ana", nickname="annie")
    UserGroup.objects.create(slack_id="S1", handle="heads")

    submit(filled(message_1="@annie, @here and @channel: ask @heads or mail help@example.com."))

    message = Policy.objects.get().tiers.get(position=1).message
    assert message == "<@UANA>, <!here> and <!channel>: ask <!subteam^S1> or mail help@example.com."


def test_in_a_direct_message_there_is_no_channel_to_set_up(standin: StandInSlack) -> None:
    manager()

    heard(setup_command(channel="D123"))

    assert standin.views == []
    assert "in the channel" in answers()[0].text


def test_a_trigger_that_ran_out_is_said_so_privately(standin: StandInSlack) -> None:
    manager()

    heard(setup_command(trigger_id="1.1.standin"))

    [answer] = answers()
    assert (answer.private, answer.text) == (True, "That took too long, please try again.")
    assert SlackEvent.objects.get().state == "done"


def test_a_trigger_that_was_used_opened_the_modal_already(standin: StandInSlack) -> None:
    manager()
    heard(setup_command())
    SlackEvent.objects.update(state="waiting")

    heard(setup_command())

    assert {event.state for event in SlackEvent.objects.all()} == {"done"}
    assert answers() == []


def test_slack_out_of_order_leaves_the_command_waiting(standin: StandInSlack) -> None:
    manager()
    standin.fail("views.open", times=1)
    heard(setup_command())
    assert SlackEvent.objects.get().state == "waiting"

    heard(setup_command())

    assert len(standin.views) == 2


def test_without_a_token_nothing_is_opened_and_nothing_fails() -> None:
    manager()

    heard(setup_command())

    event = SlackEvent.objects.get()
    assert (event.state, "not configured" in event.error) == ("done", True)


# /add-support-engineer


def engineer(**change: str) -> Values:
    said = {"first_name": "Ana", "last_name": "Lopez", "nickname": "annie", "email": "Ana@Example.com", **change}
    picked = said.pop("slack_id", "UANA")
    values: Values = {block: {"value": typed(value)} for block, value in said.items()}
    return {**values, "slack_id": {"value": picked_user(picked)}}


def add(values: Values, user: str = "UMARA") -> HttpResponse:
    metadata = json.dumps({"channel": HERE})
    return post(payloads.view_submission("add_support_engineer", values, user=user, private_metadata=metadata))


def test_a_manager_gets_the_form_for_a_colleague(standin: StandInSlack) -> None:
    manager()

    heard(payloads.slash_command("/add-support-engineer", user="UMARA", channel=HERE))

    assert set(inputs(standin.views[0])) == {"slack_id", "first_name", "last_name", "nickname", "email"}


@pytest.mark.parametrize("opening", [True, False])
def test_only_a_manager_may_add_people(standin: StandInSlack, opening: bool) -> None:
    make.agent("Ben")

    if opening:
        heard(payloads.slash_command("/add-support-engineer", user="UBEN", channel=HERE))
        assert answers()[0].private
    else:
        assert errors(add(engineer(), user="UBEN"))

    assert standin.views == []
    assert not Agent.objects.filter(slack_id="UANA").exists()


def test_the_new_agent_has_the_role_and_can_snooze_but_not_sign_in() -> None:
    roles.sync(make.NOW)
    manager()

    response = add(engineer())

    agent = Agent.objects.get(slack_id="UANA")
    assert response.content == b""
    assert agent.has_perm("tickets.change_ticket")
    assert (agent.email, agent.get_full_name(), agent.nickname) == ("ana@example.com", "Ana Lopez", "annie")
    assert [role.name for role in agent.groups.all()] == ["Agent"]
    assert not agent.has_usable_password()
    assert "<@UANA> is a support agent now" in answers()[0].text


@pytest.mark.parametrize(
    ("change", "block"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "MARA@example.com"}, "email"),
        ({"email": ""}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"slack_id": "UMARA"}, "slack_id"),
        ({"slack_id": ""}, "slack_id"),
    ],
)
def test_a_colleague_who_cannot_be_added_is_refused_beside_the_field(change: dict[str, str], block: str) -> None:
    manager()

    found = errors(add(engineer(**change)))

    assert list(found) == [block]
    assert Agent.objects.count() == 1


def test_an_unknown_modal_is_taken() -> None:
    assert post(payloads.view_submission("something", {}, user="U1")).status_code == 200


@pytest.mark.parametrize("send", [submit, add])
def test_a_modal_with_nothing_in_it_is_refused_not_broken(send: Callable[[Values], HttpResponse]) -> None:
    manager()
    watch()

    assert errors(send({}))
