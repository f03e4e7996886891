"""The board: what is drawn, who may change what from it, and that nothing is saved before its effect was seen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.board.asking import asked
from apps.rotations.board.drawing import Words, by_role
from apps.rotations.board.shape import Acting, Segment, segments
from apps.rotations.errors import RotationRefused
from apps.rotations.models import Override, Rotation
from apps.rotations.schedules import on_call
from apps.rotations.timeline import Duty, OnDuty, Timeline
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

BOARD, SET = "/rotations/", "/rotations/set/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 3, 18)


@pytest.fixture
def cast(db: None) -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem")}


@pytest.fixture
def team(cast: dict[str, Agent]) -> Team:
    return make.team("set", *cast.values())


@pytest.fixture
def rotation(team: Team, cast: dict[str, Agent]) -> Rotation:
    """Ana and Ben by the week."""
    return make.rotation(make.layer(cast["ana"], cast["ben"]), team_of=team, zone="UTC", now=timezone.now())


def signed_in(role: str, *teams: Team, name: str = "") -> Client:
    roles.sync(timezone.now())
    who = make.agent(name or role.split()[-1].capitalize())
    who.groups.set([Group.objects.get(name=role)])
    who.teams.set(teams)
    client = Client()
    client.force_login(who)
    return client


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def typed(rotation: Rotation, cast: dict[str, Agent], **fields: Any) -> dict[str, Any]:
    """Cem for whoever is on tomorrow, from noon to six."""
    noon = (timezone.now() + DAY).replace(hour=12, minute=0, second=0, microsecond=0)
    [[current]] = on_call(noon).values()
    asked_for = {
        "role": "primary",
        "remove": current.people[0].pk,
        "add": cast["cem"].pk,
        "start": f"{noon:%Y-%m-%dT%H:%M}",
        "end": f"{noon + 6 * HOUR:%Y-%m-%dT%H:%M}",
        "reason": "A dentist",
    }
    return {**asked_for, **fields}


def confirmed(shown: Any) -> dict[str, str]:
    """What the page that shows the effect sends along, with its button that saves."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.content.decode())
    return {**{name: value for name, value in hidden if name != "csrfmiddlewaretoken"}, "_confirmed": "1"}


# --- what the address asks for


def test_what_makes_no_sense_in_the_address_is_said_and_the_usual_is_shown() -> None:
    said = asked({"weeks": "abc", "from": "9999-12-31", "show": "x", "page": "-1"}, today=TODAY)

    assert (said.since, said.weeks, said.show, said.page) == (date(2026, 3, 16), 2, "roles", 1)
    assert len(said.notes) == 3


def test_the_address_of_the_window_before_leads_back() -> None:
    said = asked({"from": "2026-03-30", "weeks": "4", "zone": "rotation", "team": "set"}, today=TODAY)

    assert said.moved(-1).moved(1).query == said.query == "from=2026-03-30&weeks=4&zone=rotation&team=set"


# --- the shape


def test_a_segment_keeps_its_own_ends_and_names_the_override_that_makes_it() -> None:
    at = [datetime(2026, 3, 2, tzinfo=UTC) + each * DAY for each in range(0, 36, 7)]
    told = "override by Lena: ill"
    duties = (
        Duty("primary", at[0], at[2], (OnDuty("ana", "turn 1"),)),
        Duty("primary", at[2], at[3], (OnDuty("cem", told),)),
        Duty("primary", at[3], at[4], ()),
        Duty("backup", at[2], at[5], (OnDuty("cem", "turn 1"),)),
    )
    override = Acting(7, at[2], at[3], "primary", add="cem", remove="ben", told=told)
    gone = Acting(8, at[3], at[4], "", add="", remove="ben", told="")

    found = segments(Timeline(at[0], at[5], ("primary", "backup"), duties), at[1], at[4], (override, gone))

    first, by_override, gap, backup = found
    assert (first.start, first.begins_before, first.end) == (at[1], True, at[2])
    assert by_override.overrides == (7,)
    assert [double.roles for double in by_override.doubles] == [("primary", "backup")]
    assert gap.gap
    assert gap.overrides == (8,)
    assert (backup.end, backup.ends_after) == (at[4], True)


def test_what_spans_the_hour_that_comes_twice_is_drawn_as_long_as_it_is() -> None:
    london = ZoneInfo("Europe/London")
    # From 01:30 British summer time to 01:15 Greenwich time.
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    on = Segment("primary", start, start + timedelta(minutes=45), ("ana",), ())
    words = Words(str.title, str, {"ana": 0})

    [drawn] = by_role(["primary"], [on], (), (), words=words, zone=london)["segments"]

    assert (drawn["title"], drawn["start"], drawn["end"]) == ("Ana", "2026-10-25T01:30:00", "2026-10-25T02:15:00")


# --- the pages


def test_everybody_who_sees_rotations_reads_the_same_schedule_as_a_table(rotation: Rotation, team: Team) -> None:
    page = text(signed_in(roles.AUDITOR).get(BOARD))

    assert "Ana" in page
    assert "turn 1 of “primary weekly”" in page or "turn" in page
    assert "Override…" not in page
    assert "Take this shift now" not in page


def test_a_visitor_without_a_role_is_refused_and_an_unknown_rotation_is_not_found(rotation: Rotation) -> None:
    nobody = Client()
    nobody.force_login(make.agent("Nora"))

    assert nobody.get(BOARD).status_code == 403
    assert signed_in(roles.AGENT).get("/rotations/other/").status_code == 404


def test_nonsense_in_an_address_is_no_fault_of_the_portal(rotation: Rotation, team: Team) -> None:
    lead = signed_in(roles.LEAD, team)

    assert lead.get(f"{BOARD}?weeks=abc&from=9999-12-31&team=%00&q=%00&page=0").status_code == 200
    assert lead.get(f"{SET}override/?role=x&start=9999&end=0001-01-01T00:00Z&remove=%00&back=//evil").status_code == 200
    assert lead.get(f"{SET}take/?role=%00").status_code == 404


def test_the_board_begins_with_the_own_team_and_leaves_archived_rotations_out(
    rotation: Rotation, team: Team, cast: dict[str, Agent]
) -> None:
    others = make.team("others", cast["cem"])
    made = [make.rotation(make.layer(cast["cem"]), slug=slug, team_of=others) for slug in ("aaa", "bbb")]
    services.archive(made[1], now=timezone.now())

    page = text(signed_in(roles.LEAD, team).get(BOARD))

    assert page.index("SET") < page.index("AAA")
    assert "BBB" not in page


def test_ten_rotations_take_as_many_queries_as_one(rotation: Rotation, team: Team, cast: dict[str, Agent]) -> None:
    lead = signed_in(roles.LEAD, team)
    lead.get(BOARD)
    with CaptureQueriesContext(connection) as for_one:
        lead.get(f"{BOARD}?weeks=8")
    for number in range(9):
        make.rotation(make.layer(cast["ana"], cast["cem"]), slug=f"r{number}", team_of=team, now=timezone.now())
    with CaptureQueriesContext(connection) as for_many:
        lead.get(f"{BOARD}?weeks=8")

    assert len(for_many) <= len(for_one) + 1


def test_an_empty_board_says_how_a_rotation_is_made(team: Team) -> None:
    assert "/admin/rotations/rotation/add/" in signed_in(roles.LEAD, team).get(BOARD).content.decode()


def test_no_rotation_is_called_like_a_page_below_the_board(team: Team, cast: dict[str, Agent]) -> None:
    with pytest.raises(RotationRefused, match="an address of its own"):
        make.rotation(make.layer(cast["ana"]), slug="swaps", team_of=team)


# --- changing


def test_an_override_is_saved_when_its_effect_was_seen(rotation: Rotation, team: Team, cast: dict[str, Agent]) -> None:
    lead, back = signed_in(roles.LEAD, team), f"{BOARD}?weeks=4"
    address = f"{SET}override/?back=/rotations/%3Fweeks%3D4"

    shown = lead.post(address, typed(rotation, cast))

    assert not Override.objects.exists()
    assert "Nothing is saved yet." in text(shown)
    assert "→ Cem" in text(shown)
    saved = lead.post(address, confirmed(shown))
    assert saved.headers["Location"] == back
    made = Override.objects.get()
    assert (made.reason, made.made_by.email) == ("A dentist", "lead@example.com")  # type: ignore[union-attr]


def test_what_changed_since_it_was_looked_at_is_shown_again(
    rotation: Rotation, team: Team, cast: dict[str, Agent]
) -> None:
    lead, said = signed_in(roles.LEAD, team), typed(rotation, cast)
    shown = lead.post(f"{SET}override/", said)
    role, now, dan = rotation.roles.get(), timezone.now(), make.agent("Dan")
    services.add_override(rotation, role=role, ends_at=now + 9 * DAY, add=dan, reason="Many tickets", now=now)

    again = lead.post(f"{SET}override/", confirmed(shown))

    assert Override.objects.count() == 1
    assert "changed since you looked" in text(again)
    assert lead.post(f"{SET}override/", confirmed(again)).status_code == 302


def test_an_override_that_cannot_be_is_refused_beside_its_field(
    rotation: Rotation, team: Team, cast: dict[str, Agent]
) -> None:
    lead = signed_in(roles.LEAD, team)

    over = lead.post(f"{SET}override/", typed(rotation, cast, start="2020-01-01T09:00", end="2020-01-02T09:00"))
    slip = lead.post(f"{SET}override/", typed(rotation, cast, end="tomorrow"))

    assert "This is over already" in text(over)
    assert "Write a day and a time" in text(slip)
    assert "The year 9999 is a slip" in text(
        lead.post(f"{SET}override/", typed(rotation, cast, end="9999-12-31T23:00"))
    )


@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (roles.MANAGER, False, (200, 200)),
        (roles.LEAD, True, (200, 200)),
        (roles.LEAD, False, (403, 403)),
        (roles.AGENT, True, (403, 200)),
        (roles.ENGINEER, True, (403, 200)),
        (roles.ENGINEER, False, (403, 403)),
        (roles.AUDITOR, True, (403, 403)),
    ],
)
def test_leads_override_in_their_teams_and_members_take_shifts_of_theirs(
    rotation: Rotation, team: Team, role: str, own: bool, may: tuple[int, int]
) -> None:
    client = signed_in(role, *([team] if own else []))

    assert (
        client.get(f"{SET}override/").status_code,
        client.get(f"{SET}take/?role=primary").status_code,
    ) == may


def test_a_shift_is_taken_from_now_until_its_end(rotation: Rotation, team: Team) -> None:
    engineer = signed_in(roles.ENGINEER, team, name="Eve")
    [[before]] = on_call(timezone.now()).values()

    shown = engineer.post(f"{SET}take/?role=primary", {"reason": "Ana is ill"})
    assert not Override.objects.exists()
    engineer.post(f"{SET}take/?role=primary", confirmed(shown))

    [[after]] = on_call(timezone.now()).values()
    assert after.emails == ("eve@example.com",)
    assert after.end == before.end
    assert StoredEvent.objects.filter(type="OverrideAdded").exists()


def test_an_override_is_ended_from_its_segment(rotation: Rotation, team: Team, cast: dict[str, Agent]) -> None:
    lead, now = signed_in(roles.LEAD, team), timezone.now()
    made = services.add_override(
        rotation, starts_at=now + HOUR, ends_at=now + DAY, add=cast["cem"], reason="Many tickets",
        role=rotation.roles.get(), now=now,
    )  # fmt: skip
    address = f"{SET}overrides/{made.pk}/end/"
    assert address in lead.get(SET).content.decode()

    shown = lead.post(address, {"reason": "Not needed"})
    assert Override.objects.exists()
    lead.post(address, confirmed(shown))

    assert not Override.objects.exists()
    assert lead.post(address, {"reason": "Twice"}).status_code == 302
