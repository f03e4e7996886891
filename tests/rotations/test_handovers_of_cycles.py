"""Hand-overs of cycles open by themselves, go on by themselves, and wait for an outage to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.pages import services as pages
from apps.pages.models import Page
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.cycles.pairs import Form
from apps.rotations.models import Cycle, HandOver, HandOverPerson, RunItem
from apps.trail.models import StoredEvent
from tests import make
from tests.rotations.handing import happened
from tests.rotations.test_cycle_runs import NEXT, START, cast, cycle, set_up  # noqa: F401

pytestmark = pytest.mark.django_db

SWAP = datetime(2026, 3, 30, 8, tzinfo=UTC)
SWAP_OPENS, SWAP_DUE = datetime(2026, 3, 26, 17, tzinfo=UTC), datetime(2026, 3, 27, 17, tzinfo=UTC)
OPENS, DUE = datetime(2026, 4, 2, 16, tzinfo=UTC), datetime(2026, 4, 3, 16, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def running(cycle: Cycle) -> Cycle:  # noqa: F811
    services.sweep(now=START)
    return cycle


def look(at: datetime) -> tuple[int, int]:
    """What the job did: how many were opened, and how many failed."""
    counts = services.look_after_handovers(now=at)
    return counts.opened, counts.failed


def people(handover: HandOver, side: str) -> list[str]:
    rows = HandOverPerson.objects.filter(handover=handover, side=side).select_related("agent")
    return [f"{row.role} {row.agent}{'*' if row.signs else ''}" for row in rows]


def test_both_open_a_day_before_they_are_due_and_once(running: Cycle) -> None:
    opened = [look(at) for at in (SWAP_OPENS - SECOND, SWAP_OPENS, SWAP_OPENS, OPENS - SECOND, OPENS, OPENS)]

    assert opened == [(0, 0), (1, 0), (0, 0), (0, 0), (1, 0), (0, 0)]
    assert list(HandOver.objects.order_by("changes_at").values_list("kind", "due_at", "changes_at")) == [
        ("short", SWAP_DUE, SWAP),
        ("full", DUE, NEXT),
    ]


def test_at_mid_cycle_each_pair_hands_over_and_all_four_confirm(running: Cycle) -> None:
    look(SWAP_OPENS)

    short = HandOver.objects.get()
    assert people(short, "outgoing") == ["primary Ana*", "primary Cem*"]
    assert people(short, "incoming") == ["primary Ben*", "primary Dot*"]


def test_at_its_end_the_whole_team_hands_over_and_the_leads_confirm(running: Cycle) -> None:
    look(OPENS)

    whole = HandOver.objects.get(kind="full")
    assert people(whole, "outgoing") == ["primary Ben", "primary Dot", "backup Ana", "backup Cem", "lead Lea*"]
    assert people(whole, "incoming") == ["primary Eli", "primary Gus", "backup Fay", "backup Hal", "lead Max*"]


def test_whoever_was_on_in_its_first_half_alone_hands_over_at_its_end(cast: dict[str, Agent]) -> None:  # noqa: F811
    cycle = set_up(cast, form=Form.STAGGERED)  # noqa: F811
    services.sweep(now=START)
    page = make.page(to=cycle.rotation.team)
    pages.acknowledge(page, by=Acting(cast["ana"]), now=START)

    for at in (OPENS, NEXT):
        look(at)

    whole = HandOver.objects.get(kind="full")
    assert people(whole, "outgoing") == ["primary Ben", "backup Cem", "lead Lea*", "primary Ana"]
    assert people(whole, "incoming") == ["primary Cem", "backup Dot", "lead Lea*"]
    assert str(Page.objects.get().owner) == "Lea"


def test_a_lead_whom_the_cycle_names_is_on_both_sides(cast: dict[str, Agent]) -> None:  # noqa: F811
    mara = make.agent("Mara")
    set_up(cast, lead=mara)
    services.sweep(now=START)

    look(OPENS)

    whole = HandOver.objects.get(kind="full")
    assert people(whole, "outgoing")[-1] == people(whole, "incoming")[-1] == "lead Mara*"
    assert HandOverPerson.objects.filter(handover=whole, signs=True).count() == 2


def test_opened_by_hand_it_is_the_one_at_the_end_of_the_cycle(running: Cycle) -> None:
    handover = services.open_by_hand(running.rotation, now=START + DAY)

    assert (handover.changes_at, handover.due_at, look(OPENS)[0]) == (NEXT, DUE, 0)


def test_after_an_outage_over_the_change_nothing_is_forgotten(running: Cycle, cast: dict[str, Agent]) -> None:  # noqa: F811
    page = make.page(to=running.rotation.team)
    pages.acknowledge(page, by=Acting(cast["ben"]), now=START)
    services.sweep(now=NEXT + DAY)

    first, second = look(NEXT + DAY), look(NEXT + DAY)

    assert (first, second) == ((1, 0), (0, 0))
    assert str(Page.objects.get().owner) == "Max"
    assert [event["confirmed"] for event in happened("HandOverClosed")] == [False]
    assert [len(event["left"]) for event in happened("HandOverSettled")] == [1]


def test_it_reminds_closes_and_settles_by_itself(running: Cycle) -> None:
    for at in (OPENS, DUE, DUE + DAY, NEXT, NEXT + DAY):
        look(at)

    whole = HandOver.objects.get(kind="full")
    assert (whole.closed_at, whole.settled_at) == (NEXT, NEXT)
    assert [event["kind"] for event in happened("HandOverOverdue")] == ["full", "full"]


def test_confirmed_by_all_it_ticks_its_own_items_with_the_confirmation_as_the_cause(running: Cycle) -> None:
    run = running.runs.get(number=1)
    last = run.items.get(text__startswith="What they need")
    running.template.filter(pk=last.template_id).update(by_handover=True)
    swap = run.items.get(part="swap")
    look(SWAP_OPENS)
    short = HandOver.objects.get()

    services.confirm(short, short.people.filter(side="outgoing"), by=short.people.all()[0].agent, now=SWAP_OPENS)
    assert not run.items.exclude(done_at=None).exists()
    services.confirm(short, short.people.all(), by=short.people.all()[0].agent, now=SWAP_DUE)

    assert [(item.pk, item.done_at, item.done_by) for item in run.items.exclude(done_at=None)] == [
        (swap.pk, SWAP_DUE, None)
    ]
    closed, done = StoredEvent.objects.filter(type__in=["HandOverClosed", "ChecklistItemDone"]).order_by("position")
    assert (done.actor_kind, done.causation_id, done.correlation_id) == (
        "system",
        closed.event_id,
        closed.correlation_id,
    )
    look(OPENS)
    whole = HandOver.objects.get(kind="full")
    services.confirm(whole, whole.people.all(), by=whole.people.all()[0].agent, now=DUE)
    assert RunItem.objects.get(pk=last.pk).done_at == DUE


def test_what_a_hand_over_ticks_is_ticked_and_taken_back_by_hand_too(running: Cycle, cast: dict[str, Agent]) -> None:  # noqa: F811
    swap = running.runs.get(number=1).items.get(part="swap")
    services.tick(swap, by=cast["lea"], now=START)
    look(SWAP_OPENS)
    short = HandOver.objects.get()

    services.confirm(short, short.people.all(), by=cast["lea"], now=SWAP_OPENS)
    assert RunItem.objects.get(pk=swap.pk).done_by == cast["lea"]
    services.untick(swap, now=SWAP_DUE)
    look(SWAP_DUE)

    assert RunItem.objects.get(pk=swap.pk).done_at is None


def test_not_confirmed_before_people_changed_it_ticks_nothing(running: Cycle) -> None:
    look(SWAP_OPENS)
    look(SWAP)

    assert HandOver.objects.get().closed_at == SWAP
    assert not RunItem.objects.exclude(done_at=None).exists()
