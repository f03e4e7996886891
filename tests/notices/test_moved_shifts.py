"""Whoever has coming shifts moved hears of it: once, what it means for them, by whom and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.notices.models import Notice
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.drafts import spec_of
from apps.rotations.models import Override, Rotation
from apps.trail.context import Actor, acting
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db

NOW = make.NOW
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
# Of the week that runs Cem is on, and Ana is next.
HANDOFF = datetime(2026, 3, 23, 9, tzinfo=UTC)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Dot")}


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    return make.rotation(make.layer(cast["ana"], cast["ben"], cast["cem"]))


def told() -> dict[str, str]:
    """What each person was told, by Slack id; nobody twice."""
    notices = list(Notice.objects.all())
    assert len({notice.channel for notice in notices}) == len(notices)
    return {notice.channel: notice.text for notice in notices}


def override(rotation: Rotation, cast: dict[str, Agent], **fields: Any) -> Override:
    asked: dict[str, Any] = {"remove": cast["cem"], "add": cast["dot"], "reason": "holiday", "by": cast["ana"]}
    return services.add_override(rotation, **{**asked, "ends_at": NOW + DAY, "now": NOW, **fields})


def test_both_sides_of_an_override_hear_what_it_means_for_them(rotation: Rotation, cast: dict[str, Agent]) -> None:
    with acting(actor=Actor("user", str(cast["ana"].pk), "Ana")):
        override(rotation, cast)

    said = told()
    assert set(said) == {"UCEM", "UDOT"}
    until = "<!date^1773910800^{date_short_pretty} at {time}|19 Mar 2026 09:00 UTC>"
    assert f"You are no longer on as *primary* from now to {until}; Dot is on instead." in said["UCEM"]
    assert f"You are on as *primary* from now to {until}, instead of Cem." in said["UDOT"]
    assert said["UDOT"].endswith("Changed by Ana: override: Dot for Cem. Reason: holiday")


def test_it_follows_from_the_change_and_is_in_the_story_of_each(rotation: Rotation, cast: dict[str, Agent]) -> None:
    override(rotation, cast)

    event = StoredEvent.objects.get(type="ShiftsMoved", payload__change="override: Dot for Cem")
    assert event.causation_id == StoredEvent.objects.get(type="OverrideAdded").event_id
    assert set(event.about) == {rotation.stream, f"agent:{cast['cem'].pk}", f"agent:{cast['dot'].pk}"}


def test_who_did_it_is_not_told_of_their_own_act(rotation: Rotation, cast: dict[str, Agent]) -> None:
    with acting(actor=Actor("slack", "UDOT", "Dot")):
        services.take_shift(rotation, rotation.roles.get(), by=cast["dot"], now=NOW)

    assert set(told()) == {"UCEM"}


def test_who_has_no_slack_id_or_works_here_no_more_is_owed_nothing(rotation: Rotation, cast: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=cast["dot"].pk).update(slack_id=None)
    Agent.objects.filter(pk=cast["cem"].pk).update(is_active=False)

    override(rotation, cast)

    assert told() == {}


def test_a_change_that_moves_nobody_says_nothing(rotation: Rotation, cast: dict[str, Agent]) -> None:
    # Ben is not on then, so nobody replaces him.
    override(rotation, cast, remove=cast["ben"])
    services.save_rotation(rotation, replace(spec_of(rotation), name="Another name"), now=NOW)

    assert told() == {}


def test_in_the_zone_of_who_reads_where_slack_cannot_say_it(rotation: Rotation, cast: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=cast["dot"].pk).update(time_zone="Asia/Tokyo")

    override(rotation, cast, starts_at=NOW + timedelta(hours=2), by=None)

    notice = Notice.objects.get(channel="UDOT")
    assert notice.summary == "Your shifts in SET changed: on as primary from 18 Mar 20:00 JST, by SupportOps"
    assert "|18 Mar 2026 20:00 JST>" in notice.text


def test_an_override_that_is_withdrawn_is_told_as_well_and_of_an_ended_one_what_is_left(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    made = override(rotation, cast)
    Notice.objects.all().delete()

    services.end_override(made, reason="back already", now=NOW + timedelta(hours=1))

    assert "You are on as *primary* from now to " in told()["UCEM"]
    assert told()["UCEM"].endswith("override ended: Dot for Cem. Reason: back already")


def test_a_new_roster_tells_who_comes_and_who_goes(rotation: Rotation, cast: dict[str, Agent]) -> None:
    layer = rotation.layers.get()

    services.change_roster(layer, [["ana@example.com"], ["dot@example.com"]], now=NOW)

    said = told()
    # Ana's turns move too: she is on every other week instead of every third.
    assert set(said) == {"UANA", "UBEN", "UCEM", "UDOT"}
    assert "instead of Ben." in said["UDOT"]
    assert "You are on" not in said["UBEN"]
    assert "the roster of primary weekly" in said["UBEN"]


def test_a_rotation_that_is_archived_tells_everybody_who_would_be_on(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    services.archive(rotation, now=NOW)

    assert set(told()) == {"UANA", "UBEN", "UCEM"}
    assert "; nobody is." in told()["UCEM"]
    assert "from now to" in told()["UCEM"]


def test_of_a_new_rotation_everybody_in_it_hears(cast: dict[str, Agent]) -> None:
    made = make.rotation(slug="emea")
    spec = replace(spec_of(made), layers=(make.layer(cast["ana"], cast["ben"]),))

    services.save_rotation(made, spec, now=NOW)

    assert set(told()) == {"UANA", "UBEN"}


def test_what_a_preview_takes_back_tells_nobody(rotation: Rotation, cast: dict[str, Agent]) -> None:
    def make_it() -> Rotation:
        override(rotation, cast)
        return rotation

    services.what_if(make_it, rotation, start=NOW, end=NOW + WEEK)

    assert told() == {}
    assert not StoredEvent.objects.filter(type="OverrideAdded").exists()
