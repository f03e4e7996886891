"""Runs begin by themselves, once, with their checklist; they go through their phases and end; leads are reminded."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.cycles.pairs import ROLES, Form, Group, layers
from apps.rotations.errors import CycleRefused, DigestMoved, ItemMoved, RunStays
from apps.rotations.models import Cycle, CycleRun, Rotation, RunItem
from apps.rotations.services.cycle_runs import advance, remind
from apps.rotations.specs import RotationSpec
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# A Wednesday; cycles begin on Monday, 23 March, 09:00 in London. The clocks go forward on the 29th.
NOW = make.NOW
START = datetime(2026, 3, 23, 9, tzinfo=UTC)
NEXT = datetime(2026, 4, 6, 8, tzinfo=UTC)
NAMES = ("Lea", "Ana", "Ben", "Cem", "Dot", "Max", "Eli", "Fay", "Gus", "Hal")


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in NAMES}


def set_up(cast: dict[str, Agent], form: Form = Form.CONCURRENT, **fields: Any) -> Cycle:
    """Two groups of four, Lea and then Max leading."""
    team = make.team("set", *cast.values())
    emails = [f"{name.lower()}@example.com" for name in NAMES]
    groups = [Group(emails[at], tuple(emails[at + 1 : at + 5])) for at in (0, 5)]  # type: ignore[arg-type]
    start = datetime(2026, 3, 23, 9)
    spec = RotationSpec(
        team=team.slug,
        slug="set",
        name="SET",
        time_zone="Europe/London",
        roles=ROLES,
        layers=layers(form, groups, start_local=start),
    )
    return services.create_in_cycles(spec, start_local=start, now=NOW, **fields)


@pytest.fixture
def cycle(cast: dict[str, Agent]) -> Cycle:
    return set_up(cast)


def run_of(cycle: Cycle, number: int = 1) -> CycleRun:
    return CycleRun.objects.select_related("cycle__rotation").get(cycle=cycle, number=number)


def types(*names: str) -> list[StoredEvent]:
    return list(StoredEvent.objects.filter(type__in=names).order_by("position"))


def names(people: list[dict[str, str]]) -> list[str]:
    return [f"{each['role']} {each['name']}" for each in people]


def test_nothing_begins_before_its_instant(cycle: Cycle) -> None:
    services.sweep(now=START - timedelta(seconds=1))

    assert run_of(cycle).state == "planned"


def test_a_run_begins_at_its_instant_with_its_checklist_and_knows_who_serves_and_who_comes(cycle: Cycle) -> None:
    services.sweep(now=START)

    run = run_of(cycle)
    assert (run.state, run.phase, run.ends_at) == ("running", "start", NEXT)
    assert names(run.outgoing) == ["primary Ana", "primary Cem", "backup Ben", "backup Dot", "lead Lea"]
    assert names(run.incoming) == ["primary Eli", "primary Gus", "backup Fay", "backup Hal", "lead Max"]
    assert run.items.filter(part="monitor", repeats="daily").count() == 30
    assert run_of(cycle, 2).starts_at == NEXT


def test_swept_again_nothing_happens_twice(cycle: Cycle) -> None:
    services.sweep(now=START)
    before = StoredEvent.objects.count()

    again = services.sweep(now=START + timedelta(minutes=1))

    assert (again.moved, again.reminded, again.failed) == (0, 0, 0)
    assert StoredEvent.objects.count() == before


def test_with_all_of_start_done_monitor_begins_at_once(cycle: Cycle, cast: dict[str, Agent]) -> None:
    services.sweep(now=START)
    for item in run_of(cycle).items.filter(part="start"):
        services.tick(item, by=cast["lea"], now=START + HOUR)

    assert run_of(cycle).phase == "monitor"


def test_the_hand_over_begins_a_day_before_its_friday_and_looks_again_at_who_comes(
    cycle: Cycle, cast: dict[str, Agent]
) -> None:
    services.sweep(now=START)
    leads = cycle.rotation.layers.get(name="Leads")
    services.change_roster(leads, [["ana@example.com"]], now=START + HOUR)

    services.sweep(now=datetime(2026, 4, 2, 16, tzinfo=UTC))

    run = run_of(cycle)
    assert run.phase == "handover"
    assert names(run.incoming)[-1] == "lead Ana"


def test_at_its_end_the_next_begins_and_what_was_not_done_is_said(cycle: Cycle) -> None:
    services.sweep(now=START)

    services.sweep(now=NEXT)

    assert [run_of(cycle, number).state for number in (1, 2, 3)] == ["over", "running", "planned"]
    [ended] = types("CycleRunEnded")
    assert "Every ongoing item has an owner in this team" in ended.payload["open"]
    assert names(run_of(cycle, 2).outgoing)[0] == "primary Eli"


def test_after_an_outage_what_passed_is_said_and_the_cycle_of_now_begins_late(cycle: Cycle) -> None:
    late = START + 3 * WEEK + HOUR

    services.sweep(now=late)

    first, second = run_of(cycle), run_of(cycle, 2)
    assert (first.state, second.state, second.phase) == ("missed", "running", "monitor")
    # What was due meanwhile cannot be done any more; Start can, counted from now.
    assert second.items.filter(due_at__lte=late).count() == 0
    assert second.items.filter(due_at=late + 8 * HOUR, part="start").count() == 3


def test_what_begins_in_the_run_since_the_rules_changed_meanwhile_begins_when_that_has_ended(cycle: Cycle) -> None:
    services.sweep(now=START)
    Cycle.objects.update(start_date=(START + WEEK).date())

    services.sweep(now=NEXT)

    second = run_of(cycle, 2)
    assert (second.state, second.starts_at, second.ends_at) == ("running", NEXT, NEXT + WEEK)


def test_an_archived_rotation_ends_its_run_and_once_restored_goes_on_with_the_next_cycle(cycle: Cycle) -> None:
    services.sweep(now=START)
    services.archive(cycle.rotation, now=START + DAY)
    services.sweep(now=START + DAY + HOUR)
    services.restore(Rotation.objects.get(), now=START + 2 * DAY)

    services.sweep(now=START + 2 * DAY)
    services.sweep(now=NEXT)

    assert [run_of(cycle, number).state for number in (1, 2)] == ["over", "running"]


def test_with_runs_that_do_not_start_by_themselves_none_starts(cast: dict[str, Agent]) -> None:
    cycle = set_up(cast, runs_itself=False)

    services.sweep(now=START + HOUR)

    assert run_of(cycle).state == "planned"


def test_one_that_cannot_be_moved_does_not_stop_the_others(cycle: Cycle) -> None:
    broken = Cycle.objects.create(rotation=make.rotation(slug="old"), start_date=START.date())
    Rotation.objects.filter(pk=broken.rotation_id).update(time_zone="Mars/Olympus")

    swept = services.sweep(now=START)

    assert (swept.failed, run_of(cycle).state) == (1, "running")


def test_the_lead_is_reminded_once_and_once_more_a_day_later_of_what_does_not_come_again(cycle: Cycle) -> None:
    services.sweep(now=START)
    due = START + 8 * HOUR
    counts = [services.sweep(now=due + after).reminded for after in (-HOUR, timedelta(0), HOUR, 23 * HOUR, DAY)]

    # Three of Start and three of the day; a day later Start's again, and that day's own.
    assert counts == [0, 6, 0, 0, 6]
    again = [event for event in types("ChecklistOverdue") if event.payload["again"]]
    assert {event.payload["text"] for event in again} == set(
        run_of(cycle).items.filter(part="start").values_list("text", flat=True)
    )
    assert {(event.payload["lead"], event.payload["lead_slack_id"]) for event in again} == {("lea@example.com", "ULEA")}


def test_after_days_of_outage_the_lead_hears_only_of_what_can_still_be_done(cycle: Cycle) -> None:
    services.sweep(now=START)

    services.sweep(now=START + 3 * DAY + 9 * HOUR)

    # Three of Start, and of three that come every day the newest.
    assert len(types("ChecklistOverdue")) == 6


def test_what_is_ticked_is_not_reminded_of_and_two_cannot_tick_it(cycle: Cycle, cast: dict[str, Agent]) -> None:
    services.sweep(now=START)
    item = run_of(cycle).items.get(part="start", position=1)

    services.tick(item, by=cast["lea"], now=START + HOUR)

    with pytest.raises(ItemMoved, match="is done already: Lea ticked it"):
        services.tick(item, by=cast["max"], now=START + HOUR)
    services.sweep(now=START + 8 * HOUR)
    assert item.text not in {event.payload["text"] for event in types("ChecklistOverdue")}
    services.untick(item, now=START + 9 * HOUR)
    assert services.sweep(now=START + 9 * HOUR).reminded == 1


def test_a_run_that_is_over_stays_as_it_was(cycle: Cycle, cast: dict[str, Agent]) -> None:
    services.sweep(now=START)
    services.sweep(now=NEXT)

    with pytest.raises(RunStays, match="Cycle 1 of SET is over"):
        services.tick(RunItem.objects.filter(run=run_of(cycle)).first(), by=cast["lea"], now=NEXT)  # type: ignore[arg-type]


def test_an_item_is_added_given_to_somebody_and_noted(cycle: Cycle, cast: dict[str, Agent]) -> None:
    services.sweep(now=START)
    item = services.add_item(run_of(cycle), part="monitor", text="Call Acme", due_at=START + DAY, now=START)

    services.change_item(item, owner=cast["ben"], note="They close at \x00four", now=START)

    item.refresh_from_db()
    assert (item.owner, item.note) == (cast["ben"], "They close at four")
    assert [event.actor_label for event in types("ChecklistItemAdded", "ChecklistItemChanged")]
    with pytest.raises(CycleRefused) as refused:
        services.add_item(run_of(cycle), part="monitor", text=" ", due_at=NEXT + DAY, now=START)
    assert refused.value.errors == {
        "text": ["Say what is to be done."],
        "due_at": ["The cycle ends on 6 Apr 2026 09:00 BST: choose that or earlier."],
    }


def test_a_digest_goes_out_once_though_two_send_it(cycle: Cycle, cast: dict[str, Agent]) -> None:
    services.sweep(now=START)
    run, channel = run_of(cycle), make.channel()
    services.send_digest(
        run, text="All is well", people=[cast["max"]], channels=[channel], by=cast["lea"], seen=0, now=START
    )

    with pytest.raises(DigestMoved):
        services.send_digest(run, text="All is well", people=[], channels=[channel], by=cast["lea"], seen=0, now=START)
    [sent] = types("DigestSent")
    [ticked] = run.items.exclude(done_at=None)
    assert (ticked.text, ticked.done_by) == ("Status digest sent to the stakeholders", cast["lea"])
    assert (sent.payload["channels"], sent.payload["people"][0]["slack_id"]) == (["C100"], "UMAX")
    with pytest.raises(CycleRefused, match="No Slack id is known of Nel"):
        services.send_digest(
            run, text="x", people=[make.agent("Nel", slack_id=None)], channels=[], by=cast["lea"], seen=1, now=START
        )


@pytest.fixture
def committed(transactional_db: None) -> Cycle:
    return set_up({name.lower(): make.agent(name) for name in NAMES})


@pytest.mark.parametrize("work", [advance, remind], ids=["start", "remind"])
def test_two_workers_at_once_start_a_run_and_remind_once(committed: Cycle, work: Any) -> None:
    now = START
    if work is remind:
        advance(committed, now=START)
        now = START + 8 * HOUR
    done: list[int] = []

    def second() -> None:
        try:
            done.append(work(committed, now=now))
        finally:
            connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        mine = work(committed, now=now)
        other.start()
        make.until_somebody_waits()
    other.join()

    assert mine
    assert done == [0]
    assert len(types("CycleRunStarted")) == 1
    assert len(types("ChecklistOverdue")) == (mine if work is remind else 0)


def test_whatever_services_do_is_told_by_them_alone(committed: Cycle) -> None:
    before = len(types("ChangedOutside"))
    lea = Agent.objects.get(email="lea@example.com")
    services.sweep(now=START)
    item = run_of(committed).items.filter(part="start")[0]
    services.tick(item, by=lea, now=START)
    services.untick(item, now=START)
    services.change_item(item, owner=lea, note="soon", now=START)
    services.sweep(now=START + 8 * HOUR)
    services.sweep(now=NEXT)

    assert types("ChangedOutside")[before:] == []
