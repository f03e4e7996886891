"""What one does about a page: who may, who was quicker, and what follows."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from apps.escalations.models import Clock
from apps.notices.models import Notice
from apps.pages import handover, services
from apps.pages.errors import AlreadyAcknowledged, BadPage, NobodyToAsk, NotOpen, NotYours, PageError
from apps.pages.models import Page
from apps.people.models import Agent
from apps.trail.context import Actor, acting
from supportops import roles
from tests import make
from tests.pages.duty import MINUTE, by, fresh, happened, sweep, the_set, told

pytestmark = pytest.mark.django_db


def of_role(name: str, role: str, now: datetime) -> Agent:
    roles.sync(now)
    agent = make.agent(name)
    agent.groups.set([Group.objects.get(name=role)])
    return agent


def test_whoever_acknowledges_owns_it(now: datetime) -> None:
    ana = the_set()["primary"]
    page = make.page()

    services.acknowledge(page, by=by(ana), now=now + MINUTE)

    assert (page.state, page.owner, page.acknowledged_at) == ("acknowledged", ana, now + MINUTE)


def test_who_comes_second_is_told_who_was_first(now: datetime) -> None:
    people = the_set()
    page = make.page()
    services.acknowledge(page, by=by(people["backup"]), now=now)

    with pytest.raises(AlreadyAcknowledged, match="acknowledged by Ben before you"):
        services.acknowledge(page, by=by(people["primary"]), now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_acknowledge_at_once_one_wins_and_the_other_is_told_who(now: datetime) -> None:
    people = the_set()
    page = make.page()
    barrier = threading.Barrier(2)
    won: list[str] = []
    lost: list[str] = []

    def run(agent: Agent) -> None:
        mine = fresh(page)
        barrier.wait()
        try:
            services.acknowledge(mine, by=by(agent), now=now)
            won.append(str(agent))
        except PageError as refusal:
            lost.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[people[role]]) for role in ("primary", "backup")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == len(lost) == 1
    assert lost == [f"Page {page.pk} was acknowledged by {won[0]} before you."]
    assert len(happened("PageAcknowledged")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_each_person_once(now: datetime) -> None:
    the_set()
    for _ in range(40):
        make.page()
    barrier = threading.Barrier(3)

    def run() -> None:
        barrier.wait()
        sweep(now)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told()) == 40
    assert len({event["check"] for event in happened("PageStepReached")}) == 40


@pytest.mark.django_db(transaction=True)
def test_an_acknowledgement_and_a_sweep_at_once_end_in_a_page_that_is_taken_and_quiet(now: datetime) -> None:
    ana = the_set()["primary"]
    pages = [make.page() for _ in range(20)]
    barrier = threading.Barrier(2)

    def take() -> None:
        barrier.wait()
        for page in pages:
            services.acknowledge(page, by=by(ana), now=now)
        connection.close()

    thread = threading.Thread(target=take)
    thread.start()
    barrier.wait()
    sweep(now)
    thread.join()
    before = len(told())
    sweep(now + 60 * MINUTE)

    assert set(Clock.objects.values_list("state", flat=True)) == {"met"}
    assert len(told()) == before


def test_a_stranger_may_not_acknowledge(now: datetime) -> None:
    the_set()
    page = make.page()

    with pytest.raises(NotYours, match="you are none of them"):
        services.acknowledge(page, by=by(make.agent("Eve")), now=now)

    assert fresh(page).state == "open"


def test_a_manager_may_acknowledge_any_page_and_a_lead_those_of_the_own_team(now: datetime) -> None:
    the_set()
    page, other = make.page(), make.page(to=make.team("docs"))
    mara, lou = of_role("Mara", roles.MANAGER, now), of_role("Lou", roles.LEAD, now)
    page.team.members.add(lou)

    services.acknowledge(other, by=by(mara), now=now)
    services.acknowledge(page, by=by(lou), now=now)

    with pytest.raises(NotYours):
        services.resolve(other, by=by(lou), now=now)


def test_where_nobody_was_on_every_member_of_the_team_may_take_it(now: datetime) -> None:
    member = make.agent("Mel")
    page = make.page(to=make.team("docs", member))
    sweep(now)

    services.acknowledge(page, by=by(member), now=now)

    assert page.owner == member


def test_the_backup_is_asked_to_join_and_the_page_stays_the_primarys(now: datetime) -> None:
    people = the_set()
    page = make.page()

    asked = services.ask_to_join(page, by=by(people["primary"]), now=now)

    assert (asked, page.state, page.owner) == (["Ben"], "acknowledged", people["primary"])
    [event] = happened("HelpAsked")
    assert (event["role"], event["people"][0]["slack_id"]) == ("backup", "UBEN")


def test_without_a_backup_the_lead_is_asked_and_without_anybody_it_says_so(now: datetime) -> None:
    people = the_set(roles=("primary", "lead"))
    page = make.page()

    asked = services.ask_to_join(page, by=by(people["primary"]), now=now)
    people["lead"].is_active = False
    people["lead"].save()

    assert asked == ["Lea"]
    with pytest.raises(NobodyToAsk, match="Nobody else is on duty"):
        services.ask_to_join(page, by=by(people["primary"]), now=now)


def test_whoever_resolves_an_open_page_acknowledged_it_by_that(now: datetime) -> None:
    ana = the_set()["primary"]
    page = make.page()

    services.resolve(page, by=by(ana), now=now)

    assert (page.state, page.owner, Clock.objects.get().state) == ("resolved", ana, "met")
    with pytest.raises(NotOpen, match="resolved by Ana already"):
        services.resolve(page, by=by(ana), now=now)
    with pytest.raises(NotOpen, match="does not climb any more"):
        services.pass_on(page, by=by(ana), now=now)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"message": "  "}, "Say what is wrong"),
        ({"message": "x" * 10_001}, "at most 10,000"),
        ({"urgency": "panic"}, "high or low"),
    ],
)
def test_what_is_no_page_is_refused_with_a_sentence(now: datetime, fields: dict[str, str], words: str) -> None:
    with pytest.raises(BadPage, match=words):
        make.page(**{"message": "Help", **fields})

    assert not Page.objects.exists()


def test_the_hand_over_lists_what_is_not_resolved_and_gives_it_to_somebody_else(now: datetime) -> None:
    people = the_set()
    taken, untaken, over = make.page("One"), make.page("Two"), make.page("Three")
    services.acknowledge(taken, by=by(people["primary"]), now=now)
    services.resolve(over, by=by(people["primary"]), now=now)
    cleo = make.agent("Cleo")

    items = handover.open_items(taken.team)
    for item in items:
        handover.reassign(item, cleo, people["lead"], now)

    assert [(item.title, item.owner_email) for item in items] == [
        (f"Page {taken.pk}: One", "ana@example.com"),
        (f"Page {untaken.pk}: Two", ""),
    ]
    assert {fresh(page).owner for page in (taken, untaken)} == {cleo}
    assert Clock.objects.filter(state="running").count() == 0
    assert [event["before"] for event in happened("PageHandedOver")] == ["Ana", ""]
    assert [event["by"] for event in happened("PageAcknowledged")] == ["Ana", "Ana", "Lea"]


def test_whoever_gets_a_page_from_somebody_hears_that_it_is_theirs(now: datetime) -> None:
    people = the_set()
    given, taken, left = make.page("One"), make.page("Two"), make.page("Three")
    lea, ben = people["lead"], people["backup"]

    with acting(actor=Actor(kind="user", id=str(lea.pk), label=str(lea))):
        services.hand_over(given, to=ben, by=by(lea), now=now)
        services.hand_over(taken, to=lea, by=by(lea), now=now)
    services.hand_over(left, to=ben, by=services.Acting(None, "SupportOps"), now=now)

    [notice] = Notice.objects.filter(text__contains="handed this page over to you")
    assert (notice.channel, notice.about) == ("UBEN", given.stream)
    assert "<@UBEN>, Lea handed this page over to you: it is yours now." in notice.text
