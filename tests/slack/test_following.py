"""Topics and user groups follow who is on duty, and only when that changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.integrations.slack import following, jobs
from apps.integrations.slack.following import Round
from apps.integrations.slack.gateway import Gateway
from apps.integrations.slack.models import Followed
from apps.people.models import Agent, UserGroup
from apps.rotations import services
from apps.rotations.models import Role, Rotation
from apps.trail.models import StoredEvent
from tests import make
from tests.standins.slack import StandInSlack
from tests.standins.slack_payloads import BOT_USER

pytestmark = pytest.mark.django_db

NOW, MINUTE = make.NOW, make.MINUTE
HOUR, WEEK = 60 * MINUTE, timedelta(weeks=1)
ON = "SET: primary Cem · backup Ana"
NEXT = "SET: primary Ana · backup Ben"


@pytest.fixture
def cast(standin: StandInSlack) -> dict[str, Agent]:
    for name in ("Ana", "Ben", "Cem"):
        standin.add_user(f"U{name.upper()}", name.lower())
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem")}


@pytest.fixture
def rotation(cast: dict[str, Agent], standin: StandInSlack) -> Rotation:
    """Cem is primary and Ana backup until Monday the 23rd; #set names them, @set-primary is Cem."""
    people = tuple(cast.values())
    made = make.rotation(make.layer(*people), make.layer(*people, role="backup", index_offset=1))
    Rotation.objects.filter(pk=made.pk).update(channel=make.channel("C0SET", "set"))
    made.roles.filter(name="primary").update(user_group="@set-primary")
    standin.add_channel("C0SET", "set").topic = "Ask here &amp; be kind"
    standin.add_user_group("S0PRIMARY", "set-primary", ["UOLD"])
    UserGroup.objects.create(slack_id="S0PRIMARY", handle="set-primary", member_ids=["UOLD"])
    return made


def look(at: datetime = NOW) -> Round:
    """What the job does at `at`."""
    around = Round(Gateway(), clock=lambda: at)
    around.everything()
    return around


def topic(standin: StandInSlack) -> str:
    return standin.channels["C0SET"].topic


def members(standin: StandInSlack, group: str = "S0PRIMARY") -> list[str]:
    found: list[str] = standin.user_groups[group]["users"]
    return found


def happened(*kinds: str) -> list[tuple[str, dict[str, Any]]]:
    rows = StoredEvent.objects.filter(type__in=kinds or KINDS).order_by("position")
    return list(rows.values_list("type", "payload"))


KINDS = ("TopicSet", "TopicNotSet", "TopicLeft", "GroupFollowed", "GroupNotFollowed")


def row(place: str) -> Followed:
    return Followed.objects.get(place=place)


def test_the_topic_and_the_group_name_who_is_on_beside_what_people_wrote(
    standin: StandInSlack, rotation: Rotation
) -> None:
    look()

    assert topic(standin) == f"{ON} | Ask here &amp; be kind"
    assert members(standin) == ["UCEM"]
    assert UserGroup.objects.get().member_ids == ["UCEM"]
    assert [kind for kind, _ in happened()] == ["TopicSet", "GroupFollowed"]
    assert StoredEvent.objects.filter(type="TopicSet").get().about == ["rotation:set"]


def test_slack_is_asked_nothing_while_nothing_changes_and_told_at_the_handoff(
    standin: StandInSlack, rotation: Rotation
) -> None:
    look()
    standin.calls.clear()

    with CaptureQueriesContext(connection) as asked:
        look(NOW + MINUTE)
    assert standin.calls == []
    # However many rotations there are: see the schedules' own test.
    assert len(asked) <= 12, [query["sql"][:100] for query in asked.captured_queries]

    look(NOW + WEEK)
    assert topic(standin).startswith(NEXT)
    assert members(standin) == ["UANA"]


def test_who_takes_the_shift_is_in_it_within_the_minute(
    standin: StandInSlack, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    look()
    services.add_override(
        rotation, ends_at=NOW + HOUR, remove=cast["cem"], add=cast["ben"], reason="Cem is ill", now=NOW
    )

    look(NOW + MINUTE)

    assert topic(standin).startswith("SET: primary Ben")
    assert members(standin) == ["UBEN"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_slack_once(standin: StandInSlack, rotation: Rotation) -> None:
    together = Barrier(2)

    def work() -> None:
        together.wait()
        try:
            look()
        finally:
            connection.close()

    standin.stall("conversations.info", 0.3)
    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(standin.calls_of("conversations.setTopic")) == 1
    assert len(standin.calls_of("usergroups.users.update")) == 1


def test_whoever_began_to_look_before_another_told_slack_tells_nothing_older(
    standin: StandInSlack, rotation: Rotation
) -> None:
    late = Round(Gateway(), clock=lambda: NOW)
    look(NOW + WEEK)

    late.everything()

    assert topic(standin).startswith(NEXT)
    assert members(standin) == ["UANA"]


def test_a_topic_changed_by_hand_is_put_right_once_and_then_left(standin: StandInSlack, rotation: Rotation) -> None:
    look()
    standin.channels["C0SET"].topic = "Party on Friday"

    look(NOW + MINUTE)
    assert topic(standin) == "Party on Friday"

    look(NOW + HOUR)
    assert topic(standin) == f"{ON} | Party on Friday"
    assert happened("TopicSet")[-1][1]["mends"] is True

    standin.channels["C0SET"].topic = "No robots"
    for hours in (2, 3, 4):
        look(NOW + hours * HOUR)
    assert topic(standin) == "No robots"
    assert row("C0SET").notes == [following.LEFT_TO_THEM]

    look(NOW + WEEK)
    assert topic(standin) == f"{NEXT} | No robots"


def test_what_somebody_writes_beside_ours_stays(standin: StandInSlack, rotation: Rotation) -> None:
    look()
    standin.channels["C0SET"].topic = f"Read the docs | {ON} | Ask here"

    look(NOW + HOUR)
    assert len(standin.calls_of("conversations.setTopic")) == 1

    look(NOW + WEEK)
    assert topic(standin) == f"Read the docs | {NEXT} | Ask here"


def test_a_group_changed_by_hand_is_put_right_once_and_then_left(standin: StandInSlack, rotation: Rotation) -> None:
    look()
    for hours, expected in ((1, ["UCEM"]), (2, ["UBEN"])):
        standin.user_groups["S0PRIMARY"]["users"] = ["UBEN"]
        at = NOW + hours * HOUR
        UserGroup.objects.update(member_ids=["UBEN"], synced_at=at)
        look(at + MINUTE)
        assert members(standin) == expected

    assert row("S0PRIMARY").notes == [following.LEFT_TO_THEM]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: Agent.objects.filter(first_name="Cem").update(slack_id=None), following.NOBODY),
        (lambda: Agent.objects.filter(first_name="Cem").update(is_active=False), following.NOBODY),
    ],
)
def test_a_group_is_never_emptied_and_says_so_once(
    standin: StandInSlack, rotation: Rotation, change: Callable[[], None], reason: str
) -> None:
    change()

    for minutes in range(3):
        look(NOW + minutes * MINUTE)

    assert members(standin) == ["UOLD"]
    assert standin.calls_of("usergroups.users.update") == []
    assert (row("S0PRIMARY").error, row("S0PRIMARY").failing_since) == (reason, NOW)
    assert [payload["reason"] for _, payload in happened("GroupNotFollowed")] == [reason]


def test_one_whom_slack_does_not_take_does_not_keep_the_others_out(
    standin: StandInSlack, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    for who in (cast["ben"], cast["ana"], make.agent("Zoe", slack_id=None)):
        services.add_override(rotation, role=primary(rotation), ends_at=NOW + HOUR, add=who, reason="busy", now=NOW)
    del standin.users["UBEN"]

    look()

    assert sorted(members(standin)) == ["UANA", "UCEM"]
    [(_, told)] = happened("GroupFollowed")
    assert (told["people"], sorted(told["left_out"])) == (["Ana", "Cem"], ["Ben", "Zoe"])
    assert row("S0PRIMARY").notes == [
        "Zoe has no Slack id, so the group goes without.",
        "Slack does not take Ben: check the Slack id.",
    ]
    standin.calls.clear()
    look(NOW + MINUTE)
    assert standin.calls == []


def test_two_roles_with_one_group_share_it(standin: StandInSlack, rotation: Rotation) -> None:
    Role.objects.filter(rotation=rotation).update(user_group="S0PRIMARY")

    look()

    assert members(standin) == ["UANA", "UCEM"]


@pytest.mark.parametrize(
    ("method", "error", "place", "words"),
    [
        ("conversations.setTopic", "not_in_channel", "C0SET", "/invite"),
        ("conversations.setTopic", "missing_scope", "C0SET", "channels:write.topic"),
        ("usergroups.users.update", "permission_denied", "S0PRIMARY", "let everyone"),
        ("usergroups.users.update", "plan_upgrade_required", "S0PRIMARY", "plan"),
    ],
)
def test_what_only_a_person_can_mend_is_said_once_and_tried_again_at_times(
    standin: StandInSlack, rotation: Rotation, method: str, error: str, place: str, words: str
) -> None:
    refused = standin.refuse(method, error)

    for minutes in (0, 1, 5, 10):
        look(NOW + minutes * MINUTE)

    assert refused.hits == 2
    assert words in row(place).error
    assert row(place).failing_since == NOW
    assert len(happened("TopicNotSet", "GroupNotFollowed")) == 1
    standin.heal()
    look(NOW + 21 * MINUTE)
    assert (row(place).error, row(place).failing_since) == ("", None)
    assert {kind for kind, _ in happened("TopicSet", "GroupFollowed")} == {"TopicSet", "GroupFollowed"}


def test_a_limit_is_kept_and_says_nothing(standin: StandInSlack, rotation: Rotation) -> None:
    standin.rate_limit("conversations.setTopic", seconds=90)

    for minutes in (0, 1):
        look(NOW + minutes * MINUTE)
    assert len(standin.calls_of("conversations.setTopic")) == 1

    look(NOW + 2 * MINUTE)
    assert topic(standin).startswith(ON)
    assert happened("TopicNotSet") == []


def test_a_call_of_which_nobody_knows_is_not_made_twice(standin: StandInSlack, rotation: Rotation) -> None:
    standin.lie("conversations.setTopic")
    look()
    assert row("C0SET").failing_since == NOW

    look(NOW + MINUTE)

    assert len(standin.calls_of("conversations.setTopic")) == 1
    assert row("C0SET").error == ""
    assert [kind for kind, _ in happened("TopicSet", "TopicNotSet")] == ["TopicSet"]


def test_a_topic_without_room_is_left_and_says_what_to_do(standin: StandInSlack, rotation: Rotation) -> None:
    standin.channels["C0SET"].topic = "x" * 240

    look()

    assert topic(standin) == "x" * 240
    assert "Shorten it" in row("C0SET").error


def test_a_handle_nobody_knows_is_said_without_asking_slack(standin: StandInSlack, rotation: Rotation) -> None:
    rotation.roles.filter(name="primary").update(user_group="@nobodys")

    look()
    assert "no user group @nobodys" in row("@nobodys").error

    UserGroup.objects.create(slack_id="S0NEW", handle="nobodys")
    standin.add_user_group("S0NEW", "nobodys", ["UOLD"])
    look(NOW + MINUTE)
    assert members(standin, "S0NEW") == ["UCEM"]
    assert not Followed.objects.filter(place="@nobodys").exists()


def test_a_channel_that_is_no_rotations_any_more_gets_its_topic_back(standin: StandInSlack, rotation: Rotation) -> None:
    look()

    services.archive(rotation, now=NOW + MINUTE)
    look(NOW + MINUTE)

    assert topic(standin) == "Ask here &amp; be kind"
    assert members(standin) == ["UCEM"]
    assert not Followed.objects.exists()
    assert happened()[-1][0] == "TopicLeft"


def test_members_that_slack_told_of_before_we_told_it_are_no_news(standin: StandInSlack, rotation: Rotation) -> None:
    jobs.follow_duty()
    told_at = row("S0PRIMARY").sent_at
    assert told_at

    from_before = Gateway().user_groups()
    from_before[0]["users"] = ["UOLD"]
    jobs.syncing.user_groups(from_before, now=told_at - MINUTE)

    assert UserGroup.objects.get().member_ids == members(standin)


def test_a_channel_the_bot_is_not_in_is_refused_by_the_stand_in_as_by_slack(
    standin: StandInSlack, rotation: Rotation
) -> None:
    standin.channels["C0SET"].members = ["UANA"]
    look()
    standin.channels["C0SET"].members = ["UANA", BOT_USER]
    look(NOW + 10 * MINUTE)

    assert [kind for kind, _ in happened("TopicSet", "TopicNotSet")] == ["TopicNotSet", "TopicSet"]


def test_the_rotations_page_says_what_slack_was_told_and_what_it_was_not(
    standin: StandInSlack, rotation: Rotation, client: Client
) -> None:
    client.force_login(Agent.objects.create_superuser("root@example.com"))
    page = reverse("admin:rotations_rotation_change", args=[rotation.pk])
    assert "told within a minute" in client.get(page).content.decode()
    standin.refuse("usergroups.users.update", "permission_denied")

    look()

    text = client.get(page).content.decode()
    assert f"{ON}" in text
    assert "not told" in text
    assert "let everyone do it" in text


def primary(rotation: Rotation) -> Role:
    return rotation.roles.get(name="primary")
