"""Requests on the hand-over of a rotation: what is listed, and who has it afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.people.models import Agent, Team
from apps.rfhs import handover, services
from apps.rfhs.models import RFH
from apps.rotations import services as rotations
from apps.rotations.handovers.items import NotPassedOn
from apps.rotations.models import HandOver
from supportops import roles
from tests import make
from tests.rotations.handing import the_set

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people() -> dict[str, Agent]:
    return the_set()


@pytest.fixture
def team(people: dict[str, Agent]) -> Team:
    return make.team("set")


def item_of(team: Team, now: datetime, summary: str = "Slow search") -> RFH:
    """Ana's, who is primary on shift."""
    rfh, _ = services.make_item(team=team, by=make.acting(), now=now, summary=summary, source="board")
    return rfh


def test_what_the_set_works_on_and_what_it_goes_on_telling_of_is_listed(team: Team, now: datetime) -> None:
    worked, told, over = (item_of(team, now, text) for text in ("Worked on", "Handed over", "Over"))
    services.hand_over(told, team=make.team("search"), note="The index", by=make.acting(), now=now)
    services.withdraw(over, because="It went away", by=make.acting(), now=now)

    listed = [(item.id, item.title, item.owner, item.state) for item in handover.open_items(team)]

    assert listed == [
        (str(worked.pk), f"{worked}: Worked on", "Ana", "Filed"),
        (f"tell-{told.pk}", f"Telling how {told} goes, which Search has: Handed over", "Ana", "Handed over"),
    ]


def test_passed_on_it_is_owned_and_told_of_by_who_comes(people: dict[str, Agent], team: Team, now: datetime) -> None:
    worked, told = item_of(team, now), item_of(team, now)
    services.hand_over(told, team=make.team("search"), note="The index", by=make.acting(), now=now)
    services.acknowledge(told, by=make.acting(make.agent("Sia")), now=now)

    for item in handover.open_items(team):
        handover.reassign(item, people["cai"], people["lea"], now)

    assert {item.owner for item in handover.open_items(team)} == {"Cai"}
    told.refresh_from_db()
    # Who works on it at the owning team goes on doing so.
    assert (str(told.owner), str(told.teller)) == ("Sia", "Cai")
    worked.refresh_from_db()
    assert str(worked.owner) == "Cai"


def test_what_is_over_or_somebody_elses_by_now_is_not_passed_on(
    people: dict[str, Agent], team: Team, now: datetime
) -> None:
    rfh = item_of(team, now)
    [item] = handover.open_items(team)

    services.assign(rfh, to=people["ben"], by=make.acting(), now=now)
    with pytest.raises(NotPassedOn, match="is Ben’s by now"):
        handover.reassign(item, people["cai"], None, now)
    services.assign(rfh, to=people["ana"], by=make.acting(), now=now)
    services.withdraw(rfh, because="It went away", by=make.acting(), now=now)
    with pytest.raises(NotPassedOn):
        handover.reassign(item, people["cai"], None, now)


def test_who_comes_must_be_in_the_channel_of_the_incident(team: Team, now: datetime) -> None:
    make.channel("C9INC", "incident-9")
    rfh = item_of(team, now)
    services.change(rfh, {"incident_channel": "C9INC"}, by=make.acting(), now=now)

    places = [(place.slack_id, place.name) for place in handover.channels(team)]

    assert places == [("C9INC", "#incident-9"), ("C0SET", "#set")]


def test_the_page_of_the_hand_over_passes_requests_on(people: dict[str, Agent], team: Team, now: datetime) -> None:
    roles.sync(now)
    people["lea"].groups.set([Group.objects.get(name=roles.LEAD)])
    made = rotations.open_by_hand(team.rotations.get(), now=make.NOW)
    clock = timezone.now()
    HandOver.objects.filter(pk=made.pk).update(changes_at=clock + 2 * DAY, due_at=clock + DAY)
    rfh = item_of(team, now)
    client = Client()
    client.force_login(people["lea"])
    said = {
        "item-1": f"Requests for help|{rfh.pk}",
        "to-1": "cai@example.com",
        "note-1": "Ask Anna first",
        "seen-1": "",
    }

    shown = client.get(f"/rotations/handovers/{made.pk}/")
    answer = client.post(f"/rotations/handovers/{made.pk}/", {"do": "chosen", **said}, follow=True)

    assert f"{rfh}: Slow search" in shown.content.decode()
    assert "Ask Anna first" in answer.content.decode()
    rfh.refresh_from_db()
    assert str(rfh.owner) == "Cai"
