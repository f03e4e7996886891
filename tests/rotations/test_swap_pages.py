"""The pages on which shifts are asked about, taken and declined, and who may."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.models import Override, Rotation, SwapRequest
from apps.rotations.swapping.selectors import coming_shifts
from apps.rotations.timeline import Duty
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db
LIST, ASK = "/rotations/swaps/", "/rotations/swaps/ask/"
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> dict[str, Agent]:
    roles.sync(timezone.now())
    made = {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem")}
    for agent in made.values():
        agent.groups.set([Group.objects.get(name=roles.ENGINEER)])
    return made


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    return make.rotation(
        make.layer(*cast.values()), team_of=make.team("set", *cast.values()), zone="UTC", now=timezone.now()
    )


def signed_in(agent: Agent, role: str = "") -> Client:
    if role:
        agent.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(agent)
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def next_shift(agent: Agent) -> Duty:
    return coming_shifts(agent, now=timezone.now())[0][1]


def form(rotation: Rotation, person: Agent, **fields: Any) -> dict[str, Any]:
    """The first day of the person's next shift, asked of anyone."""
    start: datetime = next_shift(person).start
    return {
        "rotation": rotation.slug, "role": "primary", "person": person.email, "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + DAY:%Y-%m-%dT%H:%M}", "to": "", "back": "", "back_from": "", "back_until": "",
        "message": "A wedding", **fields,
    }  # fmt: skip


def asked(rotation: Rotation, cast: dict[str, Agent], to: Agent | None = None) -> SwapRequest:
    start = next_shift(cast["ana"]).start
    return services.ask_to_swap(
        rotation, role=rotation.roles.get(), starts_at=start, ends_at=start + DAY, person=cast["ana"], to=to,
        by=cast["ana"], now=timezone.now(),
    )  # fmt: skip


def page_of(request: SwapRequest) -> str:
    return reverse("rotations_swaps:swap", args=[request.pk])


def test_one_asks_for_ones_own_shift_from_the_list_to_the_form(rotation: Rotation, cast: dict[str, Agent]) -> None:
    client = signed_in(cast["ana"])
    [address, *_] = re.findall(r'href="([^"]+ask/\?[^"]+)"', client.get(ASK).content.decode())

    shown = client.get(address.replace("&amp;", "&"))

    assert f'value="{next_shift(cast["ana"]).start:%Y-%m-%dT%H:%M}"' in shown.content.decode()
    made = client.post(ASK, form(rotation, cast["ana"]), follow=True)
    assert "It is asked." in text(made)
    assert SwapRequest.objects.get().message == "A wedding"
    assert "Ana's primary in SET" in text(client.get(LIST))


def test_a_shift_of_theirs_in_return_is_asked_of_them(rotation: Rotation, cast: dict[str, Agent]) -> None:
    theirs = next_shift(cast["ben"])
    back = f"{cast['ben'].pk}|primary|{theirs.start.isoformat()}"
    until = f"{theirs.start + DAY:%Y-%m-%dT%H:%M}"

    signed_in(cast["ana"]).post(ASK, form(rotation, cast["ana"], back=back, back_until=until))

    made = SwapRequest.objects.get()
    assert (made.to, made.back_starts_at, made.back_ends_at) == (cast["ben"], theirs.start, theirs.start + DAY)


def test_what_cannot_be_asked_is_said_with_what_was_typed(rotation: Rotation, cast: dict[str, Agent]) -> None:
    late = f"{next_shift(cast['ana']).end + DAY:%Y-%m-%dT%H:%M}"

    answer = signed_in(cast["ana"]).post(ASK, form(rotation, cast["ana"], ends_at=late))

    assert "Ana is not on as primary for all of this time." in text(answer)
    assert "A wedding" in answer.content.decode()


def test_nobody_asks_for_another_but_a_lead_of_the_team(rotation: Rotation, cast: dict[str, Agent]) -> None:
    assert signed_in(cast["ben"]).post(ASK, form(rotation, cast["ana"])).status_code == 403
    lead = make.agent("Lea")
    rotation.team.members.add(lead)

    signed_in(lead, roles.LEAD).post(ASK, form(rotation, cast["ana"]))

    made = SwapRequest.objects.get()
    assert (made.person, made.asked_by) == (cast["ana"], lead)


def test_who_is_asked_sees_what_it_changes_and_takes_it(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request, client = asked(rotation, cast), signed_in(cast["ben"])
    assert "Ana's primary in SET" in text(client.get(LIST)).split("Mine")[0]

    shown = text(client.get(page_of(request)))
    assert "Ana → Ben" in shown
    assert "+24 h" in shown
    assert not Override.objects.exists()
    answer = client.post(page_of(request), {"do": "take"}, follow=True)

    assert "You take it. Ana is told." in text(answer)
    assert str(Override.objects.get()) == "Ben for Ana as primary"
    other = signed_in(cast["cem"])
    assert "Ben has taken it already." in text(other.get(page_of(request)))
    assert "Ben has taken it already." in text(other.post(page_of(request), {"do": "take"}, follow=True))


def test_who_is_asked_declines_and_whose_it_is_withdraws(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = asked(rotation, cast)
    signed_in(cast["ben"]).post(page_of(request), {"do": "decline"})
    assert "Ben Declined" in text(signed_in(cast["ana"]).get(page_of(request)))
    assert signed_in(cast["cem"]).post(page_of(request), {"do": "withdraw"}).status_code == 403

    signed_in(cast["ana"]).post(page_of(request), {"do": "withdraw"})

    assert SwapRequest.objects.get().state == "withdrawn"


def test_why_it_cannot_be_taken_and_who_was_not_told_stand_on_its_page(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    request = asked(rotation, cast)
    Agent.objects.filter(pk=cast["cem"].pk).update(slack_id=None)
    services.archive(rotation, now=timezone.now())

    shown = text(signed_in(cast["ben"]).get(page_of(request)))

    assert "SET is archived" in shown
    assert "Take it" not in shown
    assert "Cem Not told no Slack id" in shown


def test_the_menu_counts_what_waits_for_an_answer(rotation: Rotation, cast: dict[str, Agent]) -> None:
    asked(rotation, cast, to=cast["ben"])

    counted = {
        name: re.search(r"Swaps\s+(\d*)", text(signed_in(cast[name]).get("/rotations/swaps/ask/")))
        for name in ("ben", "cem")
    }

    assert [found and found[1] for found in counted.values()] == ["1", ""]


def test_the_admin_lists_requests_and_changes_none(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = asked(rotation, cast)
    client = signed_in(cast["ben"], roles.MANAGER)
    changelist = "/admin/rotations/swaprequest/"

    assert "Ana's primary in SET" in text(client.get(f"{changelist}?state__exact=open"))
    assert client.get(f"{changelist}{request.pk}/change/").status_code == 200
    assert client.get(f"{changelist}add/").status_code == 403
    assert client.post(f"{changelist}{request.pk}/change/", {}).status_code == 403


def test_its_page_tells_its_story_to_who_may_read_the_trail(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = asked(rotation, cast, to=cast["ben"])
    words = "Ben was asked to take primary of Ana in SET"

    assert words not in text(signed_in(cast["ben"]).get(page_of(request)))
    assert words in text(signed_in(make.agent("Mara"), roles.MANAGER).get(page_of(request)))


@pytest.mark.parametrize(
    "said", ["role=%00", "rotation=%00&person=%00", "start=0001-01-01T00:00Z&end=9999-12-31T23:00Z"]
)
def test_nonsense_in_an_address_is_no_fault_of_the_portal(
    rotation: Rotation, cast: dict[str, Agent], said: str
) -> None:
    address = f"rotation={rotation.slug}&role=primary&{said}"

    assert signed_in(cast["ana"]).get(f"{ASK}?{address}").status_code == 200
