"""The pages of cycles: a new rotation from a lead and four engineers, a run's checklist, its digest, who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.models import Cycle, CycleRun, Rotation, RunItem
from apps.rotations.schedules import on_call
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db

NAMES = ("Lea", "Ana", "Ben", "Cem", "Dot", "Max", "Eli", "Fay", "Gus", "Hal")
NEW = reverse("rotations_cycles:new")
FOUR = dict(zip(("lead", "engineer_1", "engineer_2", "engineer_3", "engineer_4"), NAMES, strict=False))
NEXT_FOUR = dict(zip(FOUR, NAMES[5:], strict=True))


@pytest.fixture
def team(now: datetime) -> Team:
    roles.sync(now)
    return make.team("set", *(make.agent(name) for name in NAMES))


@pytest.fixture
def enter() -> Callable[..., Client]:
    """A client somebody of this role signed in with."""

    def signed_in(name: str, role: str) -> Client:
        agent = Agent.objects.filter(email=f"{name.lower()}@example.com").first() or make.agent(name)
        agent.groups.set(Group.objects.filter(name=role))
        client = Client()
        client.force_login(agent)
        return client

    return signed_in


@pytest.fixture
def lead(team: Team, enter: Callable[..., Client]) -> Client:
    return enter("Lea", roles.LEAD)


def typed(team: Team, *groups: dict[str, str], **fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "team": team.pk,
        "name": "Sustained Engineering",
        "time_zone": "Europe/London",
        "start": "2027-03-01T09:00",
        "form": "concurrent",
        "asks_a_day": "2",
        "rows": len(groups) or 2,
    }
    for n, group in enumerate(groups or (FOUR, NEXT_FOUR)):
        said |= {f"group-{n}-{field}": f"{name.lower()}@example.com" for field, name in group.items() if name}
    return {**said, **fields}


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def running(team: Team, slug: str = "set") -> CycleRun:
    """The first run of a rotation in cycles, begun an hour ago."""
    now = timezone.now()
    start = (now - timedelta(hours=1)).replace(tzinfo=None)
    rotation = make.rotation(
        make.layer(Agent.objects.get(email="ana@example.com"), role="lead", start_local=start, length=2),
        team_of=team,
        zone="UTC",
        slug=slug,
        now=now,
    )
    services.set_up_cycle(rotation, start_local=start, now=now)
    services.sweep(now=now)
    return CycleRun.objects.get(number=1, cycle__rotation=rotation)


def address(run: CycleRun, page: str = "page") -> str:
    return reverse(f"rotations_cycles:{page}", args=[run.cycle.rotation.slug])


def test_a_lead_and_four_engineers_are_looked_at_before_anything_is_made(team: Team, lead: Client) -> None:
    answer = lead.post(NEW, typed(team))

    said = text(answer)
    assert "Nothing to warn of" in said
    assert "<dt>Primary</dt><dd>Ana, Cem</dd>" in said
    assert "<dt>Backup</dt><dd>Fay, Hal</dd>" in said
    assert [coming.span.number for coming in answer.context["preview"].cycles] == [1, 2, 3]
    assert not Rotation.objects.exists()
    assert not StoredEvent.objects.filter(type__startswith="Cycle").exists()


def test_once_confirmed_it_is_made_with_its_checklist_and_its_first_run_planned(team: Team, lead: Client) -> None:
    answer = lead.post(NEW, typed(team, _confirmed="1"))

    cycle = Cycle.objects.get()
    assert answer["Location"] == reverse("rotations_cycles:page", args=["sustained-engineering"])
    assert cycle.lead_role is not None
    assert cycle.runs.get().starts_at == datetime.fromisoformat("2027-03-01T09:00+00:00")
    assert cycle.template.get(text__startswith="Ask R&D").repeats == "twice"
    assert "nobody leads" not in text(lead.get(answer["Location"]))
    [roles_then] = on_call(datetime.fromisoformat("2027-03-08T09:00+00:00")).values()
    assert [current.names for current in roles_then] == [("Ben", "Dot"), ("Ana", "Cem"), ("Lea",)]
    assert lead.get(answer["Location"]).status_code == 200


def test_one_whose_first_cycle_began_already_runs_at_once(team: Team, lead: Client) -> None:
    began = f"{timezone.now() - timedelta(days=3):%Y-%m-%dT09:00}"

    answer = lead.post(NEW, typed(team, start=began, _confirmed="1"), follow=True)

    assert CycleRun.objects.get(number=1).state == "running"
    assert "0 of 3 done" in text(answer)


def test_the_staggered_form_makes_one_roster_with_next_weeks_primary_as_backup(team: Team, lead: Client) -> None:
    lead.post(NEW, typed(team, FOUR, form="staggered", _confirmed="1"))

    [roles_then] = on_call(datetime.fromisoformat("2027-03-08T09:00+00:00")).values()
    assert [current.names for current in roles_then] == [("Ben",), ("Cem",), ("Lea",)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"group-0-engineer_2": "ana@example.com"}, "This is engineer 1 as well: choose somebody else."),
        ({"group-0-engineer_4": ""}, "A cycle takes four engineers; here are 3."),
        ({"group-1-engineer_1": ""}, "A cycle takes four engineers; here are 3."),
        ({"group-0-lead": ""}, "This field is required."),
        ({"start": "2027-03-28T01:30"}, "skip 01:30 on 28 Mar 2027: choose 02:00, or another time."),
        ({"start": "tomorrow"}, "Give a day and a time, such as 2026-03-23 09:00."),
        ({"start": "9999-01-01T09:00"}, "The year 9999 is a slip of the finger."),
        ({"start": "2001-01-01T09:00"}, "More than a year ago."),
        ({"slug": "new"}, "“new” is an address of its own: choose another slug."),
        ({"name": "???"}, "Nothing of the name can stand in an address"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"group-0-lead": "zoe@example.com"}, "Choose somebody who works here."),
    ],
)
def test_what_cannot_be_is_said_beside_it_and_nothing_is_made(
    team: Team, lead: Client, change: dict[str, str], sentence: str
) -> None:
    answer = lead.post(NEW, typed(team, **change) | {"_confirmed": "1"})

    assert sentence in text(answer)
    assert not Rotation.objects.exists()


def test_a_lead_among_the_four_is_warned_of_and_accepted(team: Team, lead: Client) -> None:
    said = typed(team, FOUR | {"lead": "Ana"})

    assert "Ana leads and is one of the four" in text(lead.post(NEW, said))
    assert lead.post(NEW, said | {"_confirmed": "1"}).status_code == 302


def test_another_group_is_added_and_what_was_typed_stays(team: Team, lead: Client) -> None:
    answer = lead.post(NEW, typed(team, FOUR, _add="1"))

    assert len(answer.context["rows"]) == 2
    assert '<option value="dot@example.com" selected>' in text(answer)
    assert not answer.context["form"].errors


def test_a_lead_ticks_adds_and_gives_items_without_a_script(team: Team, lead: Client) -> None:
    run = running(team)
    item = run.items.get(part="start", position=1)

    lead.post(address(run), {"do": f"tick:{item.pk}"})
    lead.post(
        address(run), {"do": f"change:{item.pk}", "owner": team.members.get(first_name="Ben").pk, "note": "Asked"}
    )
    due = timezone.localtime(timezone.now() + timedelta(days=2))
    lead.post(address(run), {"do": "add", "part": "monitor", "text": "Call Acme", "due_at": f"{due:%Y-%m-%dT%H:%M}"})

    said = text(lead.get(address(run)))
    assert 'Start</h2><span class="portal-quiet">1 of 3 done' in said
    assert "Ben sees to it. Asked" in said
    assert "Call Acme" in said
    assert RunItem.objects.get(pk=item.pk).done_by == Agent.objects.get(email="lea@example.com")
    late = lead.post(address(run), {"do": "add", "part": "monitor", "text": "x", "due_at": "2020-01-01T09:00"})
    assert "This is over already: choose an instant to come." in text(late)


@pytest.mark.parametrize(
    ("name", "role", "status"),
    [("Lea", roles.LEAD, 302), ("Mia", roles.MANAGER, 302), ("Zoe", roles.LEAD, 403), ("Ben", roles.ENGINEER, 403)],
)
def test_leads_of_the_own_team_and_managers_change_and_others_see(
    team: Team, enter: Callable[..., Client], name: str, role: str, status: int
) -> None:
    run, client = running(team), enter(name, role)
    item = run.items.filter(part="start")[0]

    page = client.get(address(run))
    assert page.status_code == 200
    assert (f"tick:{item.pk}" in text(page)) is (status == 302)
    assert client.post(address(run), {"do": f"tick:{item.pk}"}).status_code == status
    assert (client.get(address(run, "digest")).status_code == 200) is (status == 302)


def test_what_nobody_has_is_said_so_and_given_to_somebody_of_the_team_from_the_runs_page(
    team: Team, lead: Client, enter: Callable[..., Client]
) -> None:
    run, now = running(team), timezone.now()
    paged = make.page("The login is down", to=team, now=now)
    ben, zoe = team.members.get(first_name="Ben"), make.agent("Zoe")
    said = {"do": f"give:Pages|{paged.pk}", "was": "", "to": ben.pk}

    shown = text(lead.get(address(run)))
    assert (
        f'Nobody has it</span> <a class="portal-link portal-wrap" href="/admin/pages/page/{paged.pk}/change/">' in shown
    )
    assert enter("Cem", roles.ENGINEER).post(address(run), said).status_code == 403
    assert "Choose somebody of the team." in text(lead.post(address(run), said | {"to": zoe.pk}, follow=True))
    assert "Choose who gets it." in text(lead.post(address(run), said | {"to": ""}, follow=True))

    assert "Ben has it now." in text(lead.post(address(run), said, follow=True))
    late = text(lead.post(address(run), said | {"to": team.members.get(first_name="Max").pk}, follow=True))

    paged.refresh_from_db()
    assert paged.owner == ben
    assert "by now: somebody gave it away before you." in late
    assert "Ben, not of this cycle" in late
    gone = text(lead.post(address(run), said | {"do": "give:Pages|0"}, follow=True))
    assert "It is not open any more" in gone


def test_a_digest_is_written_looked_at_and_sent_once(team: Team, lead: Client) -> None:
    run = running(team)
    max_, channel = team.members.get(first_name="Max"), make.channel()
    run.cycle.stakeholders.add(max_)
    run.cycle.channels.add(channel)
    paged = make.page("The login is down", to=team, now=timezone.now())
    page = lead.get(address(run, "digest"))
    words = page.context["form"].initial["text"]
    assert f"• {paged}: The login is down (nobody has it, since" in words
    assert "Pages: 1 open" in words
    said = {"text": words, "people": [max_.pk], "channels": [channel.pk], "seen": 0}

    looked_at = lead.post(address(run, "digest"), said)
    sent = lead.post(address(run, "digest"), said | {"_confirmed": "1"})
    again = lead.post(address(run, "digest"), said | {"_confirmed": "1"}, follow=True)

    assert "Send this?" in text(looked_at)
    assert sent.status_code == 302
    assert "A digest was sent meanwhile." in text(again)
    assert StoredEvent.objects.filter(type="DigestSent").count() == 1


def test_the_list_shows_each_cycle_in_a_constant_number_of_queries(team: Team, lead: Client) -> None:
    address = reverse("rotations_cycles:list")
    assert "No rotation runs in cycles yet." in text(lead.get(address))
    costs = []
    for slug in ("one", "two", "three"):
        running(team, slug)
        with CaptureQueriesContext(connection) as queries:
            said = text(lead.get(address))
        costs.append(len(queries))

    assert costs[0] == costs[2]
    assert "Cycle 1 is in Start" in said
    assert "Start: 0 of 3 done" in said


def test_a_rotation_that_is_there_runs_in_cycles_once_its_settings_are_saved(
    team: Team, lead: Client, enter: Callable[..., Client]
) -> None:
    rotation = make.rotation(make.layer(Agent.objects.get(email="ana@example.com"), role="lead"), team_of=team)
    said = {
        "rotation": rotation.pk, "start_date": "2090-03-20", "start_time": "09:00", "weeks": "2", "runs_itself": "on",
        "handover_weekday": "4", "handover_time": "17:00", "hands_over_mid_cycle": "on",
    }  # fmt: skip
    add = reverse("admin:rotations_cycle_add")

    refused = enter("Zoe", roles.LEAD).post(add, said)
    saved = lead.post(add, said)

    assert "Choose a rotation of yours that does not run in cycles yet." in text(refused)
    assert saved.status_code == 302
    cycle = Cycle.objects.get()
    assert (str(cycle.lead_role), cycle.template.count(), cycle.runs.get().state) == ("lead", 11, "planned")
