"""Patterns that are watched for: told once, to the chosen channel, and never of their own telling."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.notices.models import Notice
from apps.trail import following
from apps.trail import services as trail
from apps.trail.models import MatchedEvent, Pattern, StoredEvent
from apps.trail.patterns.watching import watch
from tests import make
from tests.make import MINUTE
from tests.trail.lamps import switched

pytestmark = pytest.mark.django_db
# The watch goes by the database's clock, which is later than the tests'.
LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00+00:00")


def pattern(*required: str, **fields: Any) -> Pattern:
    defaults = {"name": "Twice", "advice": "Look at the fuse.", "watch": True, "watched_since": LONG_AGO}
    return Pattern.objects.create(required=list(required), **{**defaults, **fields})


def happened(*names: str, on: Sequence[str] = ("ticket:4711",), now: datetime) -> list[StoredEvent]:
    """Custom events of these names, one a minute."""
    positions = [
        trail.publish(name, about=on, now=now + 60 * MINUTE, occurred_at=now + minute * MINUTE).position
        for minute, name in enumerate(names)
    ]
    return list(StoredEvent.objects.filter(position__in=positions).order_by("position"))


def matched() -> list[list[int]]:
    return [event.payload["events"] for event in StoredEvent.objects.filter(type="PatternMatched").order_by("position")]


def test_a_match_is_an_event_on_the_story_with_what_it_rests_on(now: datetime) -> None:
    watched = pattern("FuseBlown", "FuseChanged")

    events = happened("FuseBlown", "FuseChanged", now=now)
    watch(events)

    found = StoredEvent.objects.get(type="PatternMatched")
    assert found.about == ["ticket:4711", f"pattern:{watched.pk}"]
    assert found.payload["events"] == [event.position for event in events]
    assert found.causation_id == events[1].event_id
    assert found.correlation_id == events[1].correlation_id
    assert found.sentence == "The pattern “Twice” was found on ticket:4711"


def test_the_same_events_again_are_not_told_again(now: datetime) -> None:
    pattern("FuseBlown", "FuseChanged")
    events = happened("FuseBlown", "FuseChanged", now=now)

    assert [watch(events), watch(events), watch(events[:1])] == [1, 0, 0]


def test_it_is_told_again_when_all_of_it_happens_again(now: datetime) -> None:
    pattern("FuseBlown", "FuseBlown")
    first, second, third, fourth = happened(*["FuseBlown"] * 4, now=now)

    for event in (first, second, third, fourth):
        watch([event])

    assert matched() == [[first.position, second.position], [third.position, fourth.position]]


@pytest.mark.django_db(transaction=True)
def test_of_two_that_watch_at_once_one_tells(now: datetime) -> None:
    """A process that lost its lease without knowing; here even without the follower's own lock."""
    pattern("FuseBlown")
    events = happened("FuseBlown", now=now)
    refused: list[IntegrityError] = []

    def second() -> None:
        try:
            with transaction.atomic():
                watch(events)
        except IntegrityError as error:
            refused.append(error)
        connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        watch(events)
        other.start()
        make.until_somebody_waits()
    other.join()

    assert len(refused) == 1
    assert matched() == [[event.position for event in events]]


def test_an_event_is_looked_at_on_each_story_of_the_watched_kind_alone(now: datetime) -> None:
    watched = pattern("FuseBlown")
    [event] = happened("FuseBlown", on=("customer:acme", "ticket:1", "ticket:2"), now=now)

    watch([event])

    streams = set(MatchedEvent.objects.filter(pattern=watched).values_list("stream", flat=True))
    assert streams == {"ticket:1", "ticket:2"}


def test_without_a_kind_every_story_is_watched(now: datetime) -> None:
    pattern("FuseBlown", watched_kind="")
    [event] = happened("FuseBlown", on=("customer:acme", "ticket:1"), now=now)

    assert watch([event]) == 2


def test_what_is_required_of_one_story_does_not_come_from_another(now: datetime) -> None:
    pattern("FuseBlown", "FuseChanged")
    events = [
        *happened("FuseBlown", on=["ticket:1"], now=now),
        *happened("FuseChanged", on=["ticket:2"], now=now),
    ]

    assert watch(events) == 0


def test_what_was_recorded_before_the_watch_began_is_not_new(now: datetime) -> None:
    [event] = happened("FuseBlown", now=now)
    pattern("FuseBlown", watched_since=event.recorded_at + timedelta(seconds=1))

    assert watch([event]) == 0


@pytest.mark.parametrize("off", [{"active": False}, {"watch": False}, {"watched_since": None}])
def test_what_is_not_watched_for_is_not_told(now: datetime, off: dict[str, Any]) -> None:
    pattern("FuseBlown", **off)

    assert watch(happened("FuseBlown", now=now)) == 0


def test_what_is_further_apart_than_the_window_is_no_match(now: datetime) -> None:
    pattern("FuseBlown", "FuseChanged", within=2 * MINUTE)

    assert watch(happened("FuseBlown", "Waited", "FuseChanged", now=now)) == 1
    assert watch(happened("FuseBlown", "Waited", "Waited", "FuseChanged", on=["ticket:2"], now=now)) == 0


def test_what_is_forbidden_between_holds_it_back(now: datetime) -> None:
    pattern("FuseBlown", "FuseBlown", forbidden=["FuseChanged"])

    assert watch(happened("FuseBlown", "FuseChanged", "FuseBlown", now=now)) == 0
    assert watch(happened("FuseBlown", "FuseBlown", on=["ticket:2"], now=now)) == 1


def test_an_event_that_was_called_otherwise_is_still_of_its_type(now: datetime) -> None:
    watched = pattern("LightSwitched", watched_kind="")
    positions = [entry.position for entry in switched(1, now=now)]

    assert watched.rule.required == ("LampSwitched",)
    assert watch(list(StoredEvent.objects.filter(position__in=positions))) == 1


def test_an_event_that_is_linked_to_a_case_later_counts_there(now: datetime) -> None:
    pattern("FuseBlown", watched_kind="case")
    [blown] = happened("FuseBlown", now=now)

    trail.link([blown.position], to="case:1", now=now)
    linked = StoredEvent.objects.get(type="EventsLinked")
    watch([linked])

    found = StoredEvent.objects.get(type="PatternMatched")
    assert found.payload["stream"] == "case:1"
    # It was found when it was linked, however long ago it happened.
    assert found.occurred_at == linked.recorded_at


def test_a_pattern_for_every_story_does_not_tell_again_of_what_is_linked(now: datetime) -> None:
    pattern("FuseBlown", watched_kind="")
    [blown] = happened("FuseBlown", now=now)

    trail.link([blown.position], to="audit:customer:acme", now=now)

    assert watch(list(StoredEvent.objects.order_by("position"))) == 1


def test_more_patterns_cost_no_more_statements(now: datetime) -> None:
    def cost(names: Sequence[str]) -> int:
        for name in names:
            pattern("FuseBlown", "FuseChanged", name=name, within=5 * MINUTE)
        events = happened("FuseBlown", now=now)
        with CaptureQueriesContext(connection) as queries:
            watch(events)
        return len(queries)

    assert cost([f"pattern {number}" for number in range(10)]) == cost(["one more"])


def test_the_chosen_channel_hears_of_it_once(now: datetime) -> None:
    make.channel("C0SUPPORT", "support")
    pattern("FuseBlown", channel="support")
    events = happened("FuseBlown", now=now)

    watch(events)
    watch(events)

    notice = Notice.objects.get()
    assert (notice.channel, notice.state, notice.about) == ("C0SUPPORT", "waiting", "ticket:4711")
    assert "It happened again:* Twice on *ticket 4711*" in notice.text
    assert "Look at the fuse." in notice.text


def test_what_a_manager_wrote_mentions_nobody_in_slack(now: datetime) -> None:
    pattern("FuseBlown", channel="C0SUPPORT", name="<!channel>", advice="<@U1> & so on")

    watch(happened("FuseBlown", now=now))

    said = str([Notice.objects.get().text, Notice.objects.get().blocks])
    assert "<!channel>" not in said
    assert "<@U1>" not in said


def test_a_channel_nobody_knows_is_a_failed_message_that_says_so(now: datetime) -> None:
    pattern("FuseBlown", channel="gone")

    watch(happened("FuseBlown", now=now))

    notice = Notice.objects.get()
    assert notice.state == "failed"
    assert "No Slack channel is called “gone”" in notice.error


def test_without_a_channel_it_is_only_recorded(now: datetime) -> None:
    pattern("FuseBlown")

    watch(happened("FuseBlown", now=now))

    assert len(matched()) == 1
    assert not Notice.objects.exists()


def test_a_pattern_of_what_its_own_telling_leads_to_does_not_tell_for_ever(now: datetime) -> None:
    """A channel nobody knows makes a NoticeFailed, which is on the ticket's story."""
    pattern("NoticeFailed", channel="gone")
    [spark] = happened("Sparked", now=now)
    failed = trail.publish("FuseBlown", about=["ticket:4711"], now=now)
    pattern("FuseBlown", name="First", channel="gone")
    watch([StoredEvent.objects.get(position=failed.position)])
    told = StoredEvent.objects.filter(type="NoticeFailed")
    before = told.count()

    for _ in range(3):
        watch(list(StoredEvent.objects.filter(position__gt=spark.position).order_by("position")))

    assert before == 1
    assert told.count() == 1
    assert len(matched()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_follower_tells_of_what_happens_after_the_commit(now: datetime) -> None:
    [follower] = [each for each in following.followers() if each.name == "patterns"]
    following.advance(follower, token="me", now=now)
    pattern("FuseBlown", "FuseChanged")
    events = happened("FuseBlown", "FuseChanged", now=now)

    until = time.monotonic() + 30
    while not matched() and time.monotonic() < until:
        following.advance(follower, token="me", now=now)
    # Sent back it sees everything once more.
    following.send_back("patterns", to=events[0].position, now=now)
    until = time.monotonic() + 30
    while following.advance(follower, token="me", now=now) and time.monotonic() < until:
        pass

    assert matched() == [[event.position for event in events]]
