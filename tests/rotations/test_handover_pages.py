"""The pages of hand-overs: who sees and does what on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.integrations.slack.models import ChannelMembers
from apps.pages import services as pages
from apps.pages.models import Page
from apps.people.acting import Acting
from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.models import HandOver, PassedOn
from supportops import roles
from tests import make
from tests.rotations.handing import of, the_set

pytestmark = pytest.mark.django_db

# Pages read the clock: the people of the tests change in two days from now, whenever that is.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def people(now: datetime) -> dict[str, Agent]:
    roles.sync(now)
    everybody = the_set()
    for name in ("lea", "max"):
        everybody[name].groups.set([Group.objects.get(name=roles.LEAD)])
    for name in ("ana", "ben", "cai", "dora"):
        everybody[name].groups.set([Group.objects.get(name=roles.ENGINEER)])
    return everybody


@pytest.fixture
def handover(people: dict[str, Agent]) -> HandOver:
    """Of a change that is two days away."""
    rotation = make.team().rotations.get()
    made = services.open_by_hand(rotation, now=make.NOW)
    clock = timezone.now()
    HandOver.objects.filter(pk=made.pk).update(changes_at=clock + 2 * DAY, due_at=clock + DAY)
    return HandOver.objects.get(pk=made.pk)


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def somebody(role: str) -> Client:
    agent = make.agent("Mara")
    agent.groups.set([Group.objects.get(name=role)])
    return signed_in(agent)


def address(handover: HandOver) -> str:
    return f"/rotations/handovers/{handover.pk}/"


def owned_by(agent: Agent, message: str) -> Page:
    page = make.page(message)
    pages.acknowledge(page, by=Acting(agent), now=make.NOW)
    return page


def owners() -> dict[str, str]:
    return {page.message: str(page.owner or "nobody") for page in Page.objects.select_related("owner")}


def row(page: Page, number: int = 1, *, to: str = "", note: str = "", seen: str = "") -> dict[str, str]:
    return {
        f"item-{number}": f"Pages|{page.pk}",
        f"to-{number}": to,
        f"note-{number}": note,
        f"seen-{number}": seen,
    }


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_lead_opens_one_and_finds_it_in_the_list(people: dict[str, Agent]) -> None:
    client = signed_in(people["lea"])

    answer = client.post("/rotations/handovers/", {"rotation": "set"}, follow=True)

    assert "Nothing is open: confirm and go." in text(answer)
    assert "Hand-over of SET" in text(client.get("/rotations/handovers/"))


def test_all_is_passed_on_as_chosen_by_role(people: dict[str, Agent], handover: HandOver) -> None:
    first, second = owned_by(people["ana"], "First"), owned_by(people["ben"], "Second")
    client = signed_in(people["lea"])
    shown = client.get(address(handover)).context["board"].waiting
    chosen = [each.suggested for each in shown]

    rows = row(first, 1, to=chosen[0], note="Ask Anna first") | row(second, 2, to=chosen[1])
    answer = client.post(address(handover), {"do": "chosen", **rows}, follow=True)

    assert owners() == {"First": "Cai", "Second": "Dora"}
    assert PassedOn.objects.get(item=str(first.pk)).note == "Ask Anna first"
    assert "Ask Anna first" in text(answer)
    assert answer.context["board"].red == 0


def test_all_that_is_red_is_given_to_one_and_what_others_own_stays(
    people: dict[str, Agent], handover: HandOver
) -> None:
    red, theirs = owned_by(people["ana"], "Red"), make.page("Theirs")
    pages.hand_over(theirs, to=make.agent("Zoe"), by=Acting(None), now=make.NOW)

    rows = row(red, 1) | row(theirs, 2)
    signed_in(people["max"]).post(address(handover), {"do": "all", "everything": people["dora"].email, **rows})

    assert owners() == {"Red": "Dora", "Theirs": "Zoe"}


def test_an_engineer_of_the_team_writes_notes_and_takes_items_but_gives_none(
    people: dict[str, Agent], handover: HandOver
) -> None:
    page = owned_by(people["ana"], "Mine to take")
    cai = signed_in(people["cai"])

    offered = text(cai.get(address(handover)))
    refused = cai.post(address(handover), {"do": "one:1", **row(page, to=people["dora"].email)})
    noted = cai.post(address(handover), {"do": "note:1", **row(page, note="I know it", to=people["cai"].email)})

    assert '<input type="hidden" name="to-1" value="cai@example.com">' in offered
    assert (refused.status_code, noted.status_code, owners()) == (403, 302, {"Mine to take": "Ana"})
    assert PassedOn.objects.get().note == "I know it"

    cai.post(
        address(handover), {"do": "one:1", **row(page, note="I know it", seen="I know it", to=people["cai"].email)}
    )

    assert owners() == {"Mine to take": "Cai"}


@pytest.mark.parametrize("role", [roles.AUDITOR, roles.AGENT, roles.LEAD, roles.ENGINEER])
def test_whoever_is_not_of_the_team_sees_it_and_does_nothing(handover: HandOver, role: str) -> None:
    client = somebody(role)

    seen, done = client.get(address(handover)), client.post(address(handover), {"do": "context", "context": "Mine"})

    assert (seen.status_code, done.status_code) == (200, 403)
    assert "<textarea" not in text(seen)


def test_whoever_has_no_role_sees_none(handover: HandOver) -> None:
    client = signed_in(make.agent("Newcomer"))

    assert [client.get(page).status_code for page in ("/rotations/handovers/", address(handover))] == [403, 403]


def test_a_manager_confirms_for_somebody_and_the_page_says_so(handover: HandOver) -> None:
    client = somebody(roles.MANAGER)
    [lea] = of(handover, "Lea")

    answer = client.post(address(handover), {"do": f"confirm:{lea.agent_id}"}, follow=True)

    assert "by Mara for Lea" in text(answer)


def test_a_lead_confirms_for_nobody_else(people: dict[str, Agent], handover: HandOver) -> None:
    [top] = of(handover, "Max")

    assert signed_in(people["lea"]).post(address(handover), {"do": f"confirm:{top.agent_id}"}).status_code == 403


def test_confirming_what_is_still_red_asks_first(people: dict[str, Agent], handover: HandOver) -> None:
    owned_by(people["ana"], "Red")
    client = signed_in(people["lea"])

    confirm = f"confirm:{people['lea'].pk}"

    asked = client.post(address(handover), {"do": confirm})
    before = HandOver.objects.get().people.exclude(signed_at=None).count()
    client.post(address(handover), {"do": confirm, "sure": "yes"})

    assert "Confirm although nobody took one item yet?" in text(asked)
    assert (before, HandOver.objects.get().people.exclude(signed_at=None).count()) == (0, 1)


def test_a_context_that_somebody_wrote_meanwhile_is_shown_beside_what_was_typed(
    people: dict[str, Agent], handover: HandOver
) -> None:
    services.write_context(handover, "Theirs", seen="", now=make.NOW)

    answer = signed_in(people["lea"]).post(address(handover), {"do": "context", "context": "What I typed", "seen": ""})

    assert "Somebody wrote the context meanwhile" in text(answer)
    assert "What I typed" in text(answer)
    assert HandOver.objects.get().context == "Theirs"


def test_a_provider_that_fails_says_so_and_the_others_stay(
    people: dict[str, Agent], handover: HandOver, settings: Any
) -> None:
    settings.HANDOVER_PROVIDERS = ["tests.rotations.failing_items", "apps.pages.handover"]
    owned_by(people["ana"], "Still listed")

    shown = text(signed_in(people["lea"]).get(address(handover)))

    assert "Incidents could not be read" in shown
    assert "Still listed" in shown


def test_an_item_that_is_finished_meanwhile_says_so(people: dict[str, Agent], handover: HandOver) -> None:
    page = owned_by(people["ana"], "Done soon")
    client = signed_in(people["lea"])
    client.post(address(handover), {"do": "note:1", **row(page, note="Nearly done")})
    pages.resolve(page, by=Acting(people["ana"]), now=make.NOW)

    answer = client.post(address(handover), {"do": "one:1", **row(page, to=people["cai"].email)}, follow=True)

    assert "It is not open any more" in text(answer)
    assert "Finished meanwhile" in text(answer)


def test_what_was_left_to_the_lead_stays_red_until_somebody_else_has_it(
    people: dict[str, Agent], handover: HandOver
) -> None:
    page = owned_by(people["ana"], "Left")
    clock = timezone.now()
    HandOver.objects.update(changes_at=clock - HOUR, due_at=clock - DAY)
    services.close_when_changed(handover, now=clock)
    services.settle(handover, now=clock)
    client = signed_in(people["max"])

    before = client.get(address(handover))
    pages.hand_over(page, to=people["cai"], by=Acting(people["max"]), now=clock)

    assert "Nobody took it: left to Max" in text(before)
    assert [before.context["board"].red, client.get(address(handover)).context["board"].red] == [1, 0]


def test_who_must_join_a_channel_is_said_and_what_nobody_knows_too(
    people: dict[str, Agent], handover: HandOver, settings: Any
) -> None:
    client = signed_in(people["lea"])
    unconnected = text(client.get(address(handover)))
    settings.SLACK_BOT_TOKEN = "xoxb-1"
    unknown = text(client.get(address(handover)))
    ChannelMembers.objects.create(
        slack_id="C0SET", member_ids=["UCAI", "UMAX"], read_at=timezone.now(), asked_at=timezone.now()
    )

    known = text(client.get(address(handover)))

    assert "Slack is not connected. Open it and look." in unconnected
    assert "Slack has not been asked yet who is in it." in unknown
    assert "Dora must join." in known


def test_a_page_costs_the_same_for_one_item_and_for_many(
    people: dict[str, Agent], handover: HandOver, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        owned_by(people["ana"], f"Item {number}")
    client = signed_in(people["lea"])
    client.get(address(handover))

    with django_assert_max_num_queries(45):
        client.get(address(handover))


def test_the_team_of_another_rotation_is_not_offered(people: dict[str, Agent], now: datetime) -> None:
    other = Team.objects.create(slug="other", name="Other", kind="engineering")
    make.rotation(slug="other", team_of=other, now=now)

    shown = signed_in(people["lea"]).get("/rotations/handovers/")

    assert [each.slug for each in shown.context["openable"]] == ["set"]


def test_an_auditor_of_the_team_looks_and_writes_nothing(people: dict[str, Agent], handover: HandOver) -> None:
    client = somebody(roles.AUDITOR)
    make.team("set", Agent.objects.get(email="mara@example.com"))

    written = client.post(address(handover), {"do": "context", "context": "Mine", "seen": ""})

    assert (client.get(address(handover)).status_code, written.status_code) == (200, 403)
    assert HandOver.objects.get().context == ""


def test_whoever_left_the_team_takes_nothing_by_a_hand_over_that_is_settled(
    people: dict[str, Agent], handover: HandOver
) -> None:
    page, cai = owned_by(people["ana"], "The login is down"), people["cai"]
    said = {"do": "one:1", "item-1": f"Pages|{page.pk}", "to-1": cai.email, "note-1": "", "seen-1": ""}
    cai.teams.clear()
    before = signed_in(cai).get(address(handover)).context["takes_part"]
    HandOver.objects.update(closed_at=timezone.now(), settled_at=timezone.now())

    answer = signed_in(cai).post(address(handover), said)

    assert (before, answer.status_code, str(Page.objects.get().owner)) == (True, 403, "Ana")
