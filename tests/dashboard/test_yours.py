"""What waits for whoever looks at Home: theirs alone, by name or because they lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.dashboard.yours import Yours, yours
from apps.incidents import services as incidents
from apps.people.models import Agent
from apps.rfhs import services as rfhs
from apps.rotations import services
from apps.rotations.models import CycleRun, RunItem, SwapRequest
from apps.rotations.schedules import on_call
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# A Monday; the day after, all of Start and the first daily items are overdue.
START = datetime(2026, 3, 23, 9, tzinfo=UTC)
TUESDAY, FRIDAY = START + DAY + timedelta(hours=10), datetime(2026, 4, 3, 18, tzinfo=UTC)


def engineer(name: str, role: str = roles.ENGINEER) -> Agent:
    agent = make.agent(name)
    agent.groups.set([Group.objects.get(name=role)])
    return Agent.objects.get(pk=agent.pk)


@pytest.fixture
def cast(now: datetime) -> dict[str, Agent]:
    roles.sync(now)
    return {"lea": engineer("Lea", roles.LEAD), "ben": engineer("Ben"), "cem": engineer("Cem")}


@pytest.fixture
def run(cast: dict[str, Agent]) -> CycleRun:
    """It runs since START, and Lea leads it by being on."""
    cycle = make.cycle(cast["lea"], lead_role=None)
    cycle.lead_role = cycle.rotation.roles.get(name="lead")
    cycle.save()
    cycle.rotation.team.members.add(cast["ben"])
    services.sweep(now=START)
    return CycleRun.objects.get(number=1)


def seen(agent: Agent, now: datetime) -> Yours:
    return yours(agent, on_call(now), now=now)


def test_what_is_overdue_is_its_owners_and_the_leads_where_nobody_owns_it(
    run: CycleRun, cast: dict[str, Agent]
) -> None:
    mine = run.items.filter(part="start").order_by("pk")[0]
    services.change_item(mine, owner=cast["ben"], note="", now=START)

    [bens] = seen(cast["ben"], TUESDAY).lines
    leas = [line.key for line in seen(cast["lea"], TUESDAY).lines]

    assert (bens.title, bens.word, bens.link) == (mine.text, "Overdue", f"/rotations/cycles/cycled/#item-{mine.pk}")
    assert f"item-{mine.pk}" not in leas
    assert len(leas) > 1
    assert not seen(cast["cem"], TUESDAY).lines


def test_of_what_comes_again_only_the_newest_is_overdue(run: CycleRun, cast: dict[str, Agent]) -> None:
    RunItem.objects.exclude(repeats="daily").delete()
    daily = run.items.order_by("due_at", "position", "pk").filter(due_at__lte=FRIDAY)

    shown = [line.key for line in seen(cast["lea"], FRIDAY).lines]

    newest = {item.template_id: item for item in daily}
    assert shown == [f"item-{item.pk}" for item in newest.values()]
    services.tick(next(iter(newest.values())), by=cast["lea"], now=FRIDAY)
    assert [line.key for line in seen(cast["lea"], FRIDAY).lines] == shown[1:]


def test_a_hand_over_to_confirm_is_said_once_and_overdue_in_words(run: CycleRun, cast: dict[str, Agent]) -> None:
    RunItem.objects.all().delete()
    handover = services.open_by_hand(run.cycle.rotation, now=START)

    early, late = (seen(cast["lea"], at).lines for at in (START, FRIDAY))

    assert [(line.key, line.word) for line in early] == [(f"handover-{handover.pk}", "To confirm")]
    assert [(line.key, line.word) for line in late] == [(f"handover-{handover.pk}", "Overdue")]
    services.confirm(handover, handover.people.all(), by=cast["lea"], now=FRIDAY)
    assert not seen(cast["lea"], FRIDAY).lines


def test_home_shows_the_swaps_asked_of_one_and_costs_the_same_for_many(
    cast: dict[str, Agent], django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    rotation = make.rotation(make.layer(cast["ben"], cast["cem"]), team_of=make.team("set", *cast.values()), now=now)
    client = Client()
    client.force_login(cast["cem"])

    def ask(*hours: int) -> None:
        for hour in hours:
            swap = SwapRequest.objects.create(
                rotation=rotation,
                role=rotation.roles.get(name="primary"),
                person=cast["ben"],
                asked_by=cast["ben"],
                asked_at=now,
                starts_at=now + timedelta(hours=hour),
                ends_at=now + timedelta(hours=hour + 1),
            )
            swap.invited.create(agent=cast["cem"])

    assert "Yours now" not in client.get("/home/fragment/").content.decode()
    ask(1)
    with django_assert_num_queries(9):
        assert [line.word for line in yours(cast["cem"], {}, now=now).lines] == ["Asked of anyone"]
    ask(*range(2, 9))
    with django_assert_num_queries(7):
        many = yours(cast["cem"], {}, now=now)

    assert (len(many.lines), many.more) == (5, [("More swaps", "/rotations/swaps/")])
    page = client.get("/home/fragment/").content.decode()
    assert "Yours now" in page
    assert f'href="/rotations/swaps/{SwapRequest.objects.order_by("starts_at")[0].pk}/"' in page


def test_requests_for_help_wait_for_who_must_acknowledge_resolve_or_work_on_them(
    cast: dict[str, Agent], now: datetime
) -> None:
    ana, cem = engineer("Ana", roles.AGENT), cast["cem"]
    by = make.acting(ana)
    filed = make.filed_rfh(now, team_of=make.team("delivery", cem), by=by, summary="Filed")
    answered = make.filed_rfh(now, by=by, summary="Answered")
    rfhs.acknowledge(answered, by=make.acting(cem), now=now)

    assert [(line.title, line.word) for line in seen(cem, now).lines] == [
        (f"{filed} Filed", "To acknowledge"),
        (f"{answered} Answered", "Acknowledged"),
    ]
    rfhs.answer(answered, answer="Yes", by=make.acting(cem), now=now)
    assert [(line.title, line.word) for line in seen(ana, now).lines] == [
        (f"{answered} Answered", "To resolve"),
        (f"{filed} Filed", "Filed"),
    ]
    rfhs.resolve(answered, learned="Yes", by=by, now=now)
    assert [line.title for line in seen(ana, now).lines] == [f"{filed} Filed"]
    assert seen(cast["ben"], now).lines == []


def test_an_incident_is_its_peoples_and_says_whether_they_owe_an_update(cast: dict[str, Agent], now: datetime) -> None:
    make.incident("Search is slow", now=now, severity="sev-3", contact=cast["ben"])
    make.incident("Login is down", now=now, point=cast["ben"], lead=cast["ben"])
    over = make.incident("Long gone", now=now, contact=cast["ben"])
    incidents.close(over, by=make.acting(), now=now)

    due, mild = seen(cast["ben"], now).lines
    [late, _] = seen(cast["ben"], now + DAY).lines

    assert (due.word, due.title[-13:], due.at) == ("Update due", "Login is down", now + DAY)
    assert due.about == "sev-1, investigating; you are its point and lead"
    assert (mild.word, mild.when, mild.was) == ("Open", "last word", True)
    assert (late.word, late.tone) == ("Update overdue", "bad")
    assert seen(cast["cem"], now).lines == []
