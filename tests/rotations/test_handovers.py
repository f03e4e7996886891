"""Hand-overs: opened once, confirmed once by each, nothing of them lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apps.pages import handover as pages_provider
from apps.pages import services as pages
from apps.pages.models import Page
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import AlreadyConfirmed, ContextChanged, HandOverRefused, NothingToConfirm
from apps.rotations.handovers.board import state_of
from apps.rotations.handovers.items import NotPassedOn, OpenItems
from apps.rotations.models import HandOver, PassedOn
from apps.rotations.services import Chosen
from apps.trail.models import StoredEvent
from tests import make
from tests.make import NOW
from tests.rotations.handing import CHANGE, DUE, a_handover, fresh, happened, of, the_set

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# That the provider is one, mypy says.
PROVIDER: OpenItems = pages_provider


def owned_by(agent: Agent, message: str = "The login is down") -> Page:
    page = make.page(message)
    pages.acknowledge(page, by=Acting(agent), now=NOW)
    return page


def owner(page: Page) -> str:
    return str(Page.objects.get(pk=page.pk).owner or "nobody")


def both_leads(handover: HandOver, by: Agent) -> None:
    services.confirm(handover, of(handover, "Lea", "Max"), by=by, now=NOW)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each answers or raises, on a connection of its own."""
    answers: list[Any] = []
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            ready.wait(10)
            answers.append(work())
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


def test_it_is_between_those_on_duty_before_and_after_the_change_and_due_on_the_friday_before() -> None:
    the_set()

    handover = a_handover()

    people = [(row.side, str(row.agent), row.role, row.signs) for row in handover.people.order_by("-side", "place")]
    assert (handover.changes_at, handover.due_at) == (CHANGE, DUE)
    assert people == [
        ("outgoing", "Ana", "primary", False),
        ("outgoing", "Ben", "backup", False),
        ("outgoing", "Lea", "lead", True),
        ("incoming", "Cai", "primary", False),
        ("incoming", "Dora", "backup", False),
        ("incoming", "Max", "lead", True),
    ]


def test_opened_after_it_would_be_due_it_is_due_with_the_change() -> None:
    the_set()

    assert a_handover(DUE + HOUR).due_at == CHANGE


def test_a_rotation_that_never_changes_has_none() -> None:
    rotation = make.rotation()

    with pytest.raises(HandOverRefused, match="Nobody knows when people change"):
        services.open_by_hand(rotation, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_open_it_at_once_open_one() -> None:
    the_set()

    first, second = at_once(a_handover, a_handover)

    assert first == second
    assert len(happened("HandOverOpened")) == 1


def max_is_ill(handover: HandOver, people: dict[str, Agent]) -> None:
    """Dora comes for him."""
    rotation = handover.rotation
    services.add_override(
        rotation,
        role=rotation.roles.get(name="lead"),
        starts_at=CHANGE,
        ends_at=CHANGE + DAY,
        remove=people["max"],
        add=people["dora"],
        reason="Max is ill",
        now=NOW,
    )


def test_it_follows_the_rotation_and_whoever_stays_keeps_what_they_confirmed() -> None:
    people = the_set()
    handover = a_handover()
    services.confirm(handover, of(handover, "Lea"), by=people["lea"], now=NOW)
    max_is_ill(handover, people)

    moved = [services.follow_people(handover, now=NOW) for _ in range(2)]

    signing = {str(row.agent): row.signed_at for row in handover.people.filter(signs=True)}
    assert moved == [True, False]
    assert signing == {"Lea": NOW, "Dora": None}
    assert len(happened("HandOverPeopleChanged")) == 1


def test_opened_by_hand_once_more_it_has_its_people_as_they_are_by_then() -> None:
    people = the_set()
    before = a_handover()
    max_is_ill(before, people)

    again = a_handover()

    assert again == before
    assert {str(row.agent) for row in again.people.filter(signs=True)} == {"Lea", "Dora"}


def test_confirmed_by_all_it_is_open_again_for_a_lead_who_comes_after_that() -> None:
    people = the_set()
    handover = a_handover()
    both_leads(handover, people["lea"])
    rotation, lead = handover.rotation, handover.rotation.roles.get(name="lead")
    services.add_override(
        rotation, role=lead, starts_at=CHANGE, ends_at=CHANGE + DAY, remove=people["max"], add=people["dora"],
        reason="Max is ill", now=NOW,
    )  # fmt: skip

    services.look_after_handovers(now=NOW)
    services.look_after_handovers(now=DUE)

    assert fresh(handover).closed_at is None
    assert [person["name"] for person in happened("HandOverOverdue")[0]["missing"]] == ["Dora"]


def test_confirmed_after_people_changed_it_was_not_confirmed_in_time() -> None:
    people = the_set()
    handover = a_handover()
    services.look_after_handovers(now=CHANGE)

    services.confirm(handover, of(handover, "Lea", "Max"), by=people["lea"], now=CHANGE + HOUR)

    assert state_of(fresh(handover), CHANGE + HOUR) == ("bad", "Not confirmed before people changed")


def test_it_is_closed_once_both_leads_have_confirmed() -> None:
    people = the_set()
    handover = a_handover()

    closed = [
        services.confirm(handover, of(handover, name), by=people[name.lower()], now=NOW) for name in ("Max", "Lea")
    ]

    assert closed == [False, True]
    assert fresh(handover).closed_at == NOW
    assert [event["confirmed"] for event in happened("HandOverClosed")] == [True]


def test_a_lead_who_is_both_confirms_once_for_both_and_it_is_said() -> None:
    lea = make.agent("Lea")
    ana, cai = make.agent("Ana"), make.agent("Cai")
    make.rotation(make.layer(ana, cai), make.layer(lea, role="lead"), team_of=make.team("set", lea))
    rotation = make.team().rotations.get()
    handover, _ = services.open_handover(rotation, changes_at=CHANGE, due_at=DUE, now=NOW)

    services.confirm(handover, of(handover, "Lea"), by=lea, now=NOW)

    assert fresh(handover).closed_at == NOW
    said = StoredEvent.objects.get(type="HandOverConfirmed").sentence
    assert said == "Lea confirmed the hand-over of SET (outgoing and incoming)"


def test_a_manager_confirms_for_somebody_and_it_is_said() -> None:
    the_set()
    handover, mara = a_handover(), make.agent("Mara")

    services.confirm(handover, of(handover, "Lea"), by=mara, now=NOW)

    assert StoredEvent.objects.get(type="HandOverConfirmed").sentence == (
        "Mara confirmed the hand-over of SET for Lea (outgoing)"
    )
    with pytest.raises(AlreadyConfirmed, match="Mara confirmed this for Lea already"):
        services.confirm(handover, of(handover, "Lea"), by=mara, now=NOW)


def test_whoever_confirms_nothing_is_told_so() -> None:
    people = the_set()
    handover = a_handover()

    with pytest.raises(NothingToConfirm):
        services.confirm(handover, of(handover, "Ana"), by=people["ana"], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_the_same_at_once_one_is_told_that_it_is_done() -> None:
    people = the_set()
    handover = a_handover()
    lead = of(handover, "Lea")

    answers = at_once(*[lambda: services.confirm(handover, lead, by=people["lea"], now=NOW)] * 2)

    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyConfirmed", "bool"]
    assert len(happened("HandOverConfirmed")) == 1


def test_an_item_goes_to_somebody_with_its_note_and_both_stories_tell_it() -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])

    services.pass_on(
        handover, Chosen("Pages", str(page.pk), people["cai"], note="Customer waits"), by=people["lea"], now=NOW
    )

    [event] = StoredEvent.objects.filter(type="ItemPassedOn")
    assert owner(page) == "Cai"
    assert event.sentence == (
        f"Page {page.pk}: The login is down went from Ana to Cai in the hand-over of SET (Customer waits)"
    )
    assert {link.stream for link in event.links.all()} == {handover.stream, "rotation:set", page.stream}
    assert [told["by"] for told in happened("PageHandedOver")] == ["Lea"]


def test_an_item_that_is_finished_meanwhile_says_so() -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])
    pages.resolve(page, by=Acting(people["ana"]), now=NOW)

    with pytest.raises(NotPassedOn, match="not open any more"):
        services.pass_on(handover, Chosen("Pages", str(page.pk), people["cai"]), by=people["lea"], now=NOW)


def test_an_item_that_somebody_passed_on_meanwhile_stays_theirs() -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])
    first, second = (Chosen("Pages", str(page.pk), people[name], owner="ana@example.com") for name in ("cai", "dora"))
    services.pass_on(handover, first, by=people["lea"], now=NOW)

    with pytest.raises(NotPassedOn, match="is Cai's by now"):
        services.pass_on(handover, second, by=people["max"], now=NOW)

    assert owner(page) == "Cai"


def test_a_provider_that_fails_while_an_item_is_passed_on_says_so(settings: Any) -> None:
    people = the_set()
    settings.HANDOVER_PROVIDERS = ["tests.rotations.failing_items"]

    with pytest.raises(NotPassedOn, match="Incidents failed, and nothing changed"):
        services.pass_on(a_handover(), Chosen("Incidents", "1", people["cai"]), by=people["lea"], now=NOW)


def test_a_note_that_somebody_wrote_meanwhile_is_not_written_over() -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])
    services.pass_on(handover, Chosen("Pages", str(page.pk), note="Theirs"), by=people["ana"], now=NOW)

    with pytest.raises(ContextChanged, match="Theirs"):
        services.pass_on(handover, Chosen("Pages", str(page.pk), note="Mine", seen=""), by=people["lea"], now=NOW)

    assert PassedOn.objects.get().note == "Theirs"


def test_a_context_that_somebody_wrote_meanwhile_is_not_written_over() -> None:
    the_set()
    handover = a_handover()
    services.write_context(handover, "The upgrade is on Tuesday.", seen="", now=NOW)

    with pytest.raises(ContextChanged):
        services.write_context(handover, "Mine", seen="", now=NOW)

    assert fresh(handover).context == "The upgrade is on Tuesday."


def test_whoever_has_not_confirmed_what_is_due_is_reminded_once_a_day() -> None:
    people = the_set()
    handover = a_handover()
    services.confirm(handover, of(handover, "Lea"), by=people["lea"], now=NOW)

    moments = [DUE - HOUR, DUE, DUE + HOUR, DUE + DAY, CHANGE]
    reminded = [services.nag(handover, now=at) for at in moments]

    assert reminded == [False, True, False, True, False]
    assert [person["name"] for person in happened("HandOverOverdue")[0]["missing"]] == ["Max"]


def test_at_the_change_it_is_closed_and_what_nobody_took_goes_to_the_incoming_lead() -> None:
    people = the_set()
    handover = a_handover()
    taken, kept, nobodys = owned_by(people["ana"], "Taken"), owned_by(people["ben"], "Kept"), make.page("Nobody's")
    services.pass_on(handover, Chosen("Pages", str(taken.pk), people["cai"]), by=people["lea"], now=NOW)

    closed = services.close_when_changed(handover, now=CHANGE)
    settled = [services.settle(handover, now=CHANGE) for _ in range(2)]

    assert (closed, settled) == (True, [True, True])
    assert [owner(page) for page in (taken, kept, nobodys)] == ["Cai", "Max", "Max"]
    assert [event["title"] for event in happened("LeftToTheLead")] == [
        f"Page {kept.pk}: Kept",
        f"Page {nobodys.pk}: Nobody's",
    ]
    [event] = happened("HandOverSettled")
    assert (event["lead"], event["slack_id"], len(event["left"])) == ("Max", "UMAX", 2)


def test_what_somebody_has_who_works_here_no_more_goes_to_the_incoming_lead() -> None:
    people = the_set()
    a_handover()
    page = owned_by(people["ana"])
    Agent.objects.filter(pk=people["ana"].pk).update(is_active=False)

    for at in (NOW, CHANGE):
        services.look_after_handovers(now=at)

    assert owner(page) == "Max"


@pytest.mark.parametrize(("weeks", "whose"), [(2, "Max"), (3, "Ana")])
def test_after_weeks_of_outage_it_ends_and_what_those_have_who_are_not_on_again_goes_to_who_leads(
    weeks: int, whose: str
) -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])

    services.look_after_handovers(now=CHANGE + weeks * 7 * DAY)

    row = fresh(handover)
    assert (bool(row.closed_at), bool(row.settled_at), owner(page)) == (True, True, whose)


def test_confirmed_early_it_is_settled_only_when_people_change() -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])
    both_leads(handover, people["lea"])

    assert services.settle(handover, now=CHANGE - HOUR) is False
    assert owner(page) == "Ana"
    assert services.settle(handover, now=CHANGE) is True
    assert owner(page) == "Max"


def test_a_page_sent_just_before_the_change_goes_on_climbing() -> None:
    the_set()
    handover = a_handover()
    page = make.page("Just now", now=CHANGE - timedelta(minutes=5))
    services.close_when_changed(handover, now=CHANGE)

    services.settle(handover, now=CHANGE)

    assert (owner(page), happened("LeftToTheLead")) == ("nobody", [])


def test_what_was_left_before_a_crash_is_not_left_twice_and_the_lead_hears_of_all(settings: Any) -> None:
    people = the_set()
    handover = a_handover()
    before, after = owned_by(people["ana"], "Before"), owned_by(people["ben"], "After")
    services.close_when_changed(handover, now=CHANGE)
    # As after a crash: the first is left, and the whole is not settled, since one provider fails.
    pages.hand_over(after, to=people["dora"], by=Acting(None), now=NOW)
    settings.HANDOVER_PROVIDERS = ["apps.pages.handover", "tests.rotations.failing_items"]
    assert services.settle(handover, now=CHANGE) is False
    pages.hand_over(after, to=people["ben"], by=Acting(None), now=NOW)
    settings.HANDOVER_PROVIDERS = ["apps.pages.handover"]

    assert services.settle(handover, now=CHANGE + HOUR) is True

    assert [owner(before), owner(after)] == ["Max", "Max"]
    assert len(happened("LeftToTheLead")) == 2
    assert [len(event["left"]) for event in happened("HandOverSettled")] == [2]


def test_what_nobody_can_take_is_told_once_a_day_until_somebody_can() -> None:
    people = the_set()
    a_handover()
    page = owned_by(people["ana"])
    Agent.objects.exclude(pk=people["ana"].pk).update(is_active=False)
    hours = (0, 1, 2, 26)

    for after in hours:
        services.look_after_handovers(now=CHANGE + after * HOUR)
    unsettled = happened("HandOverUnsettled")
    Agent.objects.update(is_active=True)
    services.look_after_handovers(now=CHANGE + 27 * HOUR)

    assert [event["because"] for event in unsettled] == [["Nobody is on duty in SET who could take it."]] * 2
    assert owner(page) == "Max"


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_settle_at_once_leave_each_item_once() -> None:
    people = the_set()
    handover = a_handover()
    for message in ("One", "Two", "Three"):
        owned_by(people["ana"], message)
    services.close_when_changed(handover, now=CHANGE)

    answers = at_once(*[lambda: services.settle(handover, now=CHANGE)] * 2)

    assert answers == [True, True]
    assert (len(happened("LeftToTheLead")), len(happened("HandOverSettled"))) == (3, 1)


@pytest.mark.django_db(transaction=True)
def test_what_somebody_takes_while_it_is_left_to_the_lead_is_theirs() -> None:
    people = the_set()
    handover, page = a_handover(), owned_by(people["ana"])
    services.close_when_changed(handover, now=CHANGE)

    def settle() -> None:
        try:
            services.settle(handover, now=CHANGE)
        finally:
            connection.close()

    other = threading.Thread(target=settle)
    with transaction.atomic():
        pages.hand_over(page, to=people["dora"], by=Acting(None), now=NOW)
        other.start()
        make.until_somebody_waits()
    other.join()

    assert (owner(page), happened("LeftToTheLead")) == ("Dora", [])


def test_a_short_one_is_between_those_who_swap_and_leaves_what_is_not_passed_on() -> None:
    people = {name: make.agent(name.capitalize()) for name in ("ana", "ben")}
    ana, ben = people["ana"], people["ben"]
    rotation = make.rotation(
        make.layer(ana, ben), make.layer(ben, ana, role="backup"), team_of=make.team("set", ana, ben)
    )
    page = owned_by(ana)
    handover, _ = services.open_handover(rotation, kind=HandOver.Kind.SHORT, changes_at=CHANGE, due_at=DUE, now=NOW)

    for agent in (ana, ben):
        services.confirm(handover, of(handover, str(agent)), by=agent, now=NOW)

    row = fresh(handover)
    assert [(each.side, str(each.agent)) for each in row.people.order_by("-side")] == [
        ("outgoing", "Ana"),
        ("incoming", "Ben"),
    ]
    assert (row.closed_at, row.settled_at) == (NOW, NOW)
    assert services.settle(row, now=CHANGE) is True
    assert owner(page) == "Ana"
