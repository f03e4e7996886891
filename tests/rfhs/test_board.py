"""The board: what it shows, what a move is, and what the second of two people sees."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.people.models import Agent, Team
from apps.rfhs import services
from apps.rfhs.board.asking import Asked, asked
from apps.rfhs.board.cards import board, queue
from apps.rfhs.board.columns import BY_KEY, COLUMNS, reachable, step_into
from apps.rfhs.board.loads import loads, why_all
from apps.rfhs.errors import ChangedMeanwhile, IllegalStep
from apps.rfhs.models import RFH, Desk
from apps.rfhs.states import RULES, State
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db
BOARD = "/rfhs/board/"
DAY = timedelta(days=1)
FETCH = {"X-Requested-With": "fetch"}


def signed_in(role: str, *teams: Team, name: str = "") -> tuple[Client, Agent]:
    roles.sync(timezone.now())
    who = make.agent(name or role.split()[-1].capitalize())
    who.groups.set([Group.objects.get(name=role)])
    who.teams.set(teams)
    client = Client()
    client.force_login(who)
    return client, who


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def post(client: Client, rfh: RFH, verb: str, **said: Any) -> Any:
    return client.post(f"{BOARD}{rfh.pk}/{verb}/", said, headers=FETCH)


def test_every_state_has_one_column_and_a_move_is_a_step_that_leads_there() -> None:
    assert sorted(state for column in COLUMNS for state in column.states) == sorted(State)
    for state in State:
        for column in reachable(state, was_filed=True):
            step = step_into(column, state, was_filed=True)
            assert state in RULES[step].sources
            assert RULES[step].target in column.states


def test_a_column_that_refuses_names_the_states_it_would_be_legal_from() -> None:
    with pytest.raises(IllegalStep) as refusal:
        step_into(BY_KEY["answered"], State.DRAFT, was_filed=False)

    assert refusal.value.legal_from == ["filed", "acknowledged", "in_progress", "handed_over"]


def test_what_the_address_asks_for_is_kept_and_what_makes_no_sense_is_said() -> None:
    said = asked({"team": "set", "priority": "p3", "set": "1", "view": "all"})

    assert said.query == "team=set&set=1&view=all"
    assert said.notes == ("“p3” is not known here: a priority is p1 or p2.",)


def test_cards_stand_in_columns_by_the_priority_of_work_and_what_is_owed_shows(now: datetime) -> None:
    team, viewer = make.team("set"), make.agent("Lena")
    Desk.objects.create(team=team, stuck_after_days=2, is_set=True)
    other = make.filed_rfh(now, team_of=team)
    escalated = make.filed_rfh(now, team_of=team, customer=make.customer(), level="L2")
    production = make.filed_rfh(now, team_of=team, production=True)
    handed = make.filed_rfh(now, team_of=team)
    RFH.objects.filter(pk=handed.pk).update(set_item=True)
    services.hand_over(handed, team=make.team("search"), note="The index", by=make.acting(), now=now)
    services.withdraw(make.rfh(now), by=make.acting(), now=now)

    shown = {each.column.key: each.cards for each in board(Asked(team="set"), viewer, now=now + 2 * DAY)}

    assert [card.rfh for card in shown["filed"]] == [production, escalated, other]
    assert [card.rank_words for card in shown["filed"]][:2] == [
        "Community or production quality, p2",
        "Customer escalation, p2, L2",
    ]
    assert [card.stuck_days for card in shown["filed"]] == [2, 2, 2]
    assert [card.update_owed for card in shown["filed"]] == [False, True, False]
    # Handed over, it stays in the SET's view: it goes on telling how it goes.
    assert [(card.rfh, card.tells) for card in shown["handed_over"]] == [(handed, True)]
    assert "support" not in shown
    assert next(each.cards for each in board(Asked(), viewer, now=now) if each.column.key == "over")


def test_a_card_moved_by_hand_stays_there_and_its_rank_stays_visible(now: datetime) -> None:
    first, second, third = (make.filed_rfh(now + timedelta(hours=hour)) for hour in range(3))
    lena = make.agent("Lena")

    services.place(third, above=first.pk, by=make.acting(lena), now=now)
    filed = next(each for each in board(Asked(), lena, now=now) if each.column.key == "filed")

    assert [card.rfh for card in filed.cards] == [first, third, second]
    assert [(card.by_hand, card.rank) for card in filed.cards] == [(False, 1), (True, 3), (False, 2)]
    services.back_to_rank(third, by=make.acting(lena), now=now)
    assert third.place is None


def test_a_team_over_its_limit_makes_one_list_of_all_queues(now: datetime) -> None:
    small, large = make.team("delivery"), make.team("search")
    Desk.objects.create(team=small, limit=1)
    Desk.objects.create(team=large, limit=9)
    two = [make.filed_rfh(now, team_of=small), make.filed_rfh(now + DAY, team_of=small)]
    urgent = make.filed_rfh(now + DAY, team_of=large, priority="p1")
    make.rfh(now)

    assert "Delivery has 2 open requests and takes 1" in why_all(loads(), team="")
    assert why_all(loads(), team="search") == ""
    assert [card.rfh for card in queue(Asked(team="delivery"), make.agent(), now=now)] == [urgent, *two]
    client, _ = signed_in(roles.MANAGER)
    assert "set priorities across the teams" in text(client.get(BOARD))
    assert "set priorities across the teams" not in text(client.get(f"{BOARD}?view=columns"))


def test_the_second_who_moves_a_card_sees_who_moved_it_where(now: datetime) -> None:
    rfh = make.filed_rfh(now, team_of=make.team("set"))
    client, _ = signed_in(roles.MANAGER)
    services.start(rfh, by=make.acting(make.agent("Greta")), now=now)

    answer = post(client, rfh, "move", to="acknowledged", version=rfh.version - 1)

    assert answer.status_code == 409
    assert "Greta works on RFH-" in answer.json()["said"]
    assert "is in “In progress” now" in answer.json()["said"]
    assert RFH.objects.get().state == "in_progress"


def test_an_illegal_move_says_from_where_it_would_be_legal(now: datetime) -> None:
    client, _ = signed_in(roles.MANAGER)
    rfh = make.rfh(now)

    answer = post(client, rfh, "move", to="answered", version=rfh.version)

    assert answer.status_code == 409
    assert answer.json()["legal_from"] == ["filed", "acknowledged", "in_progress", "handed_over"]


def test_a_step_that_needs_words_asks_for_them_and_keeps_what_was_typed(now: datetime) -> None:
    client, _ = signed_in(roles.MANAGER)
    rfh = make.filed_rfh(now)

    asks = post(client, rfh, "move", to="answered", version=rfh.version).json()["needs"]
    form = client.get(asks, headers=FETCH)
    services.acknowledge(rfh, by=make.acting(make.agent("Greta")), now=now)
    late = post(client, rfh, "answer", answer="Raise the limit.", version=rfh.version - 1)
    done = post(client, rfh, "answer", answer="Raise the limit.", version=rfh.version)

    assert "The answer" in text(form)
    assert late.status_code == 409
    assert "Raise the limit." in late.content.decode()
    assert "Greta acknowledged RFH-" in text(late)
    assert (done.status_code, RFH.objects.get().answer) == (200, "Raise the limit.")


def test_without_a_script_each_card_has_its_forms(now: datetime) -> None:
    team = make.team("set")
    client, lead = signed_in(roles.LEAD, team)
    rfh = make.filed_rfh(now, team_of=team)
    back = {"back": "team=set&view=columns"}

    moved = client.post(f"{BOARD}{rfh.pk}/move/", {"step": "acknowledge", "version": rfh.version, **back}, follow=True)
    client.post(f"{BOARD}{rfh.pk}/nudge/", back)
    asks = client.post(f"{BOARD}{rfh.pk}/move/", {"step": "hand_over", **back}, follow=True)

    assert moved.redirect_chain[-1][0] == f"{BOARD}?team=set&view=columns"
    assert "is in “Acknowledged” now" in text(moved)
    assert "Who owns it from now on" in text(asks)
    rfh.refresh_from_db()
    assert (rfh.owner, rfh.notes.get().kind) == (lead, "nudge")


def test_whoever_may_not_move_it_is_told_so_and_has_no_buttons(now: datetime) -> None:
    rfh = make.filed_rfh(now, team_of=make.team("set"))
    client, _ = signed_in(roles.ENGINEER, make.team("search"))

    answer = post(client, rfh, "move", to="acknowledged", version=rfh.version)

    assert answer.status_code == 403
    assert "data-movable" not in client.get(BOARD).content.decode()


def test_up_and_down_move_a_card_among_what_is_seen(now: datetime) -> None:
    client, viewer = signed_in(roles.MANAGER)
    team = make.team("set")
    rows = [make.filed_rfh(now + timedelta(hours=hour), team_of=team) for hour in range(3)]
    make.filed_rfh(now + timedelta(minutes=90), team_of=make.team("search"))

    def order() -> list[int]:
        shown = board(Asked(team="set"), viewer, now=now)
        return [card.rfh.pk - rows[0].pk for each in shown for card in each.cards]

    post(client, rows[2], "place", do="up", back="team=set")
    assert order() == [0, 2, 1]
    post(client, rows[2], "place", do="up", back="team=set")
    assert order() == [2, 0, 1]
    post(client, rows[2], "place", do="down", back="team=set")
    assert order() == [0, 2, 1]
    post(client, rows[2], "place", do="rank")
    assert order() == [0, 1, 2]


def test_a_new_item_comes_straight_from_the_board(now: datetime) -> None:
    team = make.team("set")
    Desk.objects.create(team=team, is_set=True)
    client, _ = signed_in(roles.ENGINEER, team)
    said = {"team": team.pk, "summary": "Slow search", "source": "ask_rnd", "priority": "p2", "symptoms": ["slow"]}

    refused = client.post(f"{BOARD}new/", {**said, "ticket": "99", "version": "10.2"})
    made = client.post(f"{BOARD}new/", {**said, "version": "10.2"}, follow=True)

    assert "There is no ticket 99." in text(refused)
    assert "10.2" in refused.content.decode()
    assert "nobody is primary on shift there" in text(made)
    rfh = RFH.objects.get()
    assert (rfh.source, rfh.set_item, rfh.context) == ("ask_rnd", True, {"version": "10.2"})


def test_the_board_asks_the_database_no_more_for_more_cards(now: datetime) -> None:
    client, _ = signed_in(roles.LEAD, make.team("set"))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(f"{BOARD}?view=columns")
        return len(seen)

    make.filed_rfh(now, team_of=make.team("set"), customer=make.customer())
    count()
    few = count()
    for number in range(4):
        make.filed_rfh(now, team_of=make.team("set"), ticket=make.ticket(str(number)))

    assert count() == few


def test_who_took_it_over_owns_it_and_an_older_version_moves_nothing(now: datetime) -> None:
    client, manager = signed_in(roles.MANAGER)
    rfh = make.filed_rfh(now)

    assert post(client, rfh, "take", version=rfh.version).status_code == 200
    rfh.refresh_from_db()
    assert rfh.owner == manager
    with pytest.raises(ChangedMeanwhile):
        services.place(rfh, above=None, below=None, by=make.acting(), now=now)


def test_filing_leads_to_the_guided_form(now: datetime) -> None:
    client, _ = signed_in(roles.MANAGER)
    rfh = make.rfh(now)

    assert post(client, rfh, "move", to="filed", version=rfh.version).json()["go"] == f"/rfhs/{rfh.pk}/form/"


def test_a_page_becomes_an_item_once_and_each_leads_to_the_other(now: datetime) -> None:
    client, _ = signed_in(roles.LEAD, make.team("set"))
    page = make.page("The login is down\nSince noon.")
    address = f"/admin/pages/page/{page.pk}/change/"
    make_it = f"/admin/pages/page/{page.pk}/make_item/"

    shown = client.get(make_it)
    said = {"summary": "Nobody can sign in", "level": "L1", "bug_class": "hotfix", "symptom": "stuck"}
    for _ in range(2):
        client.post(make_it, {**said, "_form_submitted": "on"})

    rfh = RFH.objects.get()
    assert "The login is down" in shown.content.decode()
    assert (rfh.source_key, rfh.team, rfh.level, rfh.symptoms) == (page.stream, page.team, "L1", ["stuck"])
    assert f"/admin/rfhs/rfh/{rfh.pk}/change/" in client.get(address).content.decode()
    assert address in client.get(BOARD).content.decode()


def test_handed_over_from_the_board_the_new_owners_hear_which_channel_to_join(now: datetime) -> None:
    client, lena = signed_in(roles.LEAD, make.team("set"))
    rfh, _ = services.make_item(team=make.team("set"), by=make.acting(lena), now=now, summary="Slow", source="board")
    said = {"team": make.team("search").pk, "note": "The index", "incident_channel": make.channel("C9", "inc").pk}

    answer = post(client, rfh, "hand-over", version=rfh.version, **said)

    rfh.refresh_from_db()
    assert (answer.status_code, rfh.state, rfh.incident_channel) == (200, "handed_over", "C9")
    assert (rfh.communicator, rfh.teller) == (make.team("set"), lena)
    assert "Set keeps telling: Lead" in text(client.get(f"{BOARD}?team=set"))
