"""Rotations in the admin: whose a lead may change, the effect before saving, rosters from when, overrides."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.models import Calendar, CalendarEntry, Layer, Override, Rotation
from apps.rotations.schedules import on_call
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/admin/rotations/rotation/"
ADD = "/admin/rotations/rotation/add/"
OVERRIDES = "/admin/rotations/override/"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem")}


@pytest.fixture
def team(cast: dict[str, Agent]) -> Team:
    return make.team("set", *cast.values())


@pytest.fixture
def rotation(team: Team, cast: dict[str, Agent]) -> Rotation:
    return make.rotation(make.layer(cast["ana"], cast["ben"]), team_of=team, zone="UTC", now=timezone.now())


def signed_in(role: str, *teams: Team) -> Client:
    roles.sync(timezone.now())
    who = make.agent(role.split()[-1].capitalize())
    who.groups.set([Group.objects.get(name=role)])
    who.teams.set(teams)
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def lead(team: Team) -> Client:
    return signed_in(roles.LEAD, team)


def page_of(rotation: Rotation) -> str:
    return reverse("admin:rotations_rotation_change", args=[rotation.pk])


def roster_of(layer: Layer) -> str:
    return reverse("admin:rotations_rotation_roster", args=[layer.rotation_id, layer.pk])


def typed(team: Team, **fields: Any) -> dict[str, Any]:
    """A rotation with one role and one layer of weekly turns."""
    layer = {
        "role_name": "primary", "name": "weekly", "kind": "turns", "priority": "0", "people": "Ana\nben@example.com",
        "unit": "week", "length": "1", "start_date": "2026-03-02", "start_time": "09:00", "index_offset": "0",
        "advance": "calendar",
    }  # fmt: skip
    asked = {
        "name": "EMEA", "slug": "emea", "team": team.pk, "time_zone": "Europe/Paris", "channel": "",
        "roles-TOTAL_FORMS": "1", "roles-INITIAL_FORMS": "0", "roles-0-name": "primary", "roles-0-position": "1",
        "roles-0-user_group": "", "layers-TOTAL_FORMS": "1", "layers-INITIAL_FORMS": "0",
        **{f"layers-0-{name}": value for name, value in layer.items()},
    }  # fmt: skip
    return {**asked, **fields}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_new_rotation_shows_its_effect_first_and_is_saved_when_confirmed(lead: Client, team: Team) -> None:
    shown = lead.post(ADD, typed(team))

    assert "Nothing is saved yet." in text(shown)
    assert "Hours on duty" in text(shown)
    assert not Rotation.objects.exists()

    saved = lead.post(ADD, typed(team, _confirmed="1"))

    assert saved.status_code == 302
    rotation = Rotation.objects.get()
    assert [turn[0] for turn in rotation.layers.get().rosters.get().turns] == ["ana@example.com", "ben@example.com"]


def test_going_back_keeps_what_was_typed_and_saves_nothing(lead: Client, team: Team) -> None:
    again = lead.post(ADD, typed(team, _edit="1"))

    assert 'value="EMEA"' in again.content.decode()
    assert not Rotation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"layers-0-length": "0"}, "A turn is at least one unit long."),
        ({"layers-0-role_name": "chief"}, "The rotation has no role “chief”."),
        ({"layers-0-people": "Zoe"}, "There is no agent “Zoe”."),
        ({"layers-0-start_date": ""}, "Say when the first turn begins."),
        ({"slug": "preview"}, "“preview” is an address of its own"),
        ({"roles-0-name": ""}, "A rotation has at least one role, such as primary."),
        ({"time_zone": "Mars/Olympus"}, "“Mars/Olympus” is no time zone. Use a name such as Europe/London."),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    lead: Client, team: Team, fields: dict[str, str], sentence: str
) -> None:
    answer = lead.post(ADD, typed(team, **fields))

    assert sentence in text(answer)
    assert 'value="EMEA"' in answer.content.decode()
    assert not Rotation.objects.exists()


def test_an_empty_roster_is_warned_of_and_may_be_saved(lead: Client, team: Team) -> None:
    shown = lead.post(ADD, typed(team, **{"layers-0-people": ""}))
    saved = lead.post(ADD, typed(team, **{"layers-0-people": "", "_confirmed": "1"}))

    assert "Look at this before you save" in text(shown)
    assert "Nobody is primary" in text(shown)
    assert saved.status_code == 302
    assert not Rotation.objects.get().layers.get().rosters.get().turns


def test_a_start_in_an_hour_the_clock_skips_is_said_to_begin_after_it(lead: Client, team: Team) -> None:
    next_year = timezone.now().year + 1
    march = {"layers-0-start_date": str(last_sunday_of_march(next_year)), "layers-0-start_time": "02:30"}

    shown = lead.post(ADD, typed(team, **march))

    assert "does not come in Europe/Paris, where clocks go forward then: weekly begins at 03:00." in text(shown)


def last_sunday_of_march(year: int) -> date:
    return max(day for day in (date(year, 3, number) for number in range(25, 32)) if day.weekday() == 6)


def away(who: Agent) -> None:
    """On vacation for the next weeks, as a calendar of leave says."""
    leave = Calendar.objects.create(name="Leave", team=make.team("leave"), source="icalendar", purpose="leave")
    entry = CalendarEntry.objects.create(
        calendar=leave,
        uid="a",
        kind="leave",
        summary=f"{who}: vacation",
        starts_at=timezone.now() - DAY,
        ends_at=timezone.now() + 8 * WEEK,
    )
    entry.people.add(who)


def test_who_would_be_on_duty_while_away_is_warned_of_before_a_roster_is_saved(
    lead: Client, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    away(cast["cem"])

    shown = lead.post(roster_of(rotation.layers.get()), {"people": "Cem", "effective_at": ""})

    assert "Leave Cem is primary while away: Cem: vacation" in text(shown)


def test_a_lead_makes_rotations_of_the_own_teams_only(lead: Client, team: Team) -> None:
    other = make.team("other")

    answer = lead.post(ADD, typed(other, _confirmed="1"))

    assert "You change the rotations of your own teams only." in text(answer)


def test_a_lead_sees_another_teams_rotation_and_does_not_change_it(team: Team, rotation: Rotation) -> None:
    stranger = signed_in(roles.LEAD, make.team("other"))

    assert stranger.get(page_of(rotation)).status_code == 200
    assert stranger.post(page_of(rotation), {}).status_code == 403
    assert stranger.get(roster_of(rotation.layers.get())).status_code == 403


def test_the_list_says_who_is_on_now_and_hides_what_is_archived(lead: Client, rotation: Rotation) -> None:
    assert "primary: " in text(lead.get(LIST))

    services.archive(rotation, now=timezone.now())

    assert "SET" not in text(lead.get(LIST)).split("results")[-1] or "0 rotations" in text(lead.get(LIST))
    assert "Archived" in text(lead.get(LIST, {"state": "archived"}))


def test_a_roster_is_shown_with_its_effect_and_takes_over_at_the_next_handoff(lead: Client, rotation: Rotation) -> None:
    layer = rotation.layers.get()

    shown = lead.post(roster_of(layer), {"people": "Cem", "effective_at": ""})
    assert "Before and after" in text(shown)
    assert layer.rosters.count() == 1

    saved = lead.post(roster_of(layer), {"people": "Cem", "effective_at": "", "_confirmed": "1"})

    assert saved.status_code == 302
    assert layer.rosters.count() == 2
    assert [person.email for person in on_call(timezone.now() + WEEK)[rotation][0].people] == ["cem@example.com"]


def test_a_roster_in_the_running_turn_is_refused_beside_its_field(lead: Client, rotation: Rotation) -> None:
    soon = (timezone.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")

    answer = lead.post(roster_of(rotation.layers.get()), {"people": "Cem", "effective_at": soon})

    assert "stays as it is until" in text(answer) or "choose an instant to come" in text(answer)


def test_a_planned_roster_is_withdrawn(lead: Client, rotation: Rotation) -> None:
    layer = rotation.layers.get()
    planned = services.change_roster(layer, [["cem@example.com"]], now=timezone.now())

    lead.post(roster_of(layer), {"withdraw": planned.pk})

    assert layer.rosters.count() == 1


def override(rotation: Rotation, cast: dict[str, Agent], **fields: Any) -> dict[str, Any]:
    start, end = timezone.now() + DAY, timezone.now() + 2 * DAY
    return {
        "rotation": rotation.pk, "role": "", "remove": cast["ana"].pk, "add": cast["cem"].pk,
        "starts_at_0": f"{start:%Y-%m-%d}", "starts_at_1": f"{start:%H:%M}", "ends_at_0": f"{end:%Y-%m-%d}",
        "ends_at_1": f"{end:%H:%M}", "reason": "On leave", **fields,
    }  # fmt: skip


def test_an_override_shows_its_effect_first_and_is_made_when_confirmed(
    lead: Client, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    Agent.objects.filter(pk=cast["cem"].pk).update(slack_id=None)

    shown = lead.post(f"{OVERRIDES}add/", override(rotation, cast))
    assert "Nothing is saved yet." in text(shown)
    assert "Not told Cem: without a Slack id" in text(shown)
    assert not Override.objects.exists()

    lead.post(f"{OVERRIDES}add/", override(rotation, cast, _confirmed="1"))

    made = Override.objects.get()
    assert (str(made), str(made.made_by)) == ("Cem for Ana", "Lead")
    assert "Cem for Ana" in text(lead.get(OVERRIDES))


def test_who_is_away_and_would_be_on_by_an_override_is_warned_of_before_it_is_saved(
    lead: Client, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    away(cast["cem"])

    shown = lead.post(f"{OVERRIDES}add/", override(rotation, cast))
    nothing = lead.post(f"{OVERRIDES}add/", override(rotation, cast, add=cast["ben"].pk))

    assert "Leave Cem is primary while away: Cem: vacation" in text(shown)
    assert "while away" not in text(nothing)


def test_an_override_that_cannot_be_is_refused_with_what_was_typed(
    lead: Client, rotation: Rotation, cast: dict[str, Agent]
) -> None:
    answer = lead.post(f"{OVERRIDES}add/", override(rotation, cast, ends_at_0="2020-01-01"))

    assert "The override must end after it starts." in text(answer)
    assert "On leave" in answer.content.decode()


def test_an_override_is_ended_from_its_page(lead: Client, rotation: Rotation, cast: dict[str, Agent]) -> None:
    made = services.add_override(
        rotation, starts_at=timezone.now() + DAY, ends_at=timezone.now() + 2 * DAY, remove=cast["ana"], reason="x",
        now=timezone.now(),
    )  # fmt: skip

    lead.post(reverse("admin:rotations_override_end_it", args=[made.pk]), {"_form_submitted": "on"})

    assert not Override.objects.exists()


def test_an_engineer_sees_rotations_and_changes_none(rotation: Rotation) -> None:
    engineer = signed_in(roles.ENGINEER)

    assert engineer.get(LIST).status_code == 200
    assert engineer.get(page_of(rotation)).status_code == 200
    assert engineer.get(ADD).status_code == 403
    assert engineer.get(f"{OVERRIDES}add/").status_code == 403


def test_a_rotation_is_archived_by_its_button_and_restored(lead: Client, rotation: Rotation) -> None:
    lead.post(reverse("admin:rotations_rotation_archive", args=[rotation.pk]), {"_form_submitted": "on"})
    assert Rotation.objects.exclude(archived_at=None).count() == 1

    lead.post(reverse("admin:rotations_rotation_restore", args=[rotation.pk]), {"_form_submitted": "on"})

    assert Rotation.objects.filter(archived_at=None).count() == 1


def test_saving_a_stored_rotation_keeps_its_rosters_and_shows_what_moves(lead: Client, rotation: Rotation) -> None:
    page = lead.get(page_of(rotation))
    role, layer = rotation.roles.get(), rotation.layers.get()
    assert "Ana → Ben" in text(page)
    changed = {
        "name": "SET", "team": rotation.team.pk, "time_zone": "UTC", "channel": "",
        "roles-TOTAL_FORMS": "1", "roles-INITIAL_FORMS": "1", "roles-0-id": role.pk, "roles-0-rotation": rotation.pk,
        "roles-0-name": "primary", "roles-0-position": "1", "roles-0-user_group": "@set-primary",
        "layers-TOTAL_FORMS": "1", "layers-INITIAL_FORMS": "1", "layers-0-id": layer.pk,
        "layers-0-rotation": rotation.pk, "layers-0-role_name": "primary", "layers-0-name": "primary weekly",
        "layers-0-kind": "turns", "layers-0-priority": "0", "layers-0-unit": "week", "layers-0-length": "1",
        "layers-0-start_date": "2026-03-02", "layers-0-start_time": "10:00", "layers-0-index_offset": "0",
        "layers-0-advance": "calendar",
    }  # fmt: skip

    shown = lead.post(page_of(rotation), changed)
    saved = lead.post(page_of(rotation), {**changed, "_confirmed": "1"})

    assert "Before and after" in text(shown)
    assert saved.status_code == 302
    layer.refresh_from_db()
    assert (layer.start_time.hour, layer.rosters.count()) == (10, 1)
    assert rotation.roles.get().user_group == "@set-primary"
