"""The pages on which managers keep the table of which team answers what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from apps.rfhs import services
from apps.rfhs.models import Area, Desk, NamedOwner, RoutingException, SubTeam
from apps.rfhs.routing.proposing import propose
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db
AREAS = "/admin/rfhs/area/"


@pytest.fixture
def mara(now: datetime) -> Client:
    """A manager's."""
    roles.sync(now)
    manager = make.agent("Mara")
    manager.groups.set(Group.objects.filter(name=roles.MANAGER))
    client = Client()
    client.force_login(manager)
    return client


def area_form(**fields: Any) -> dict[str, Any]:
    rows = {
        f"{name}-{part}": value
        for name in ("sub_teams", "exceptions")
        for part, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 99}.items()
    }
    plain = {"name": "Search", "slug": "search", "keywords": "search, saved search\nindexing", "engineering": "on"}
    return {**rows, "position": 1, **plain, **fields}


def test_an_area_is_made_with_its_parts_and_exceptions_and_says_what_it_lacks(mara: Client) -> None:
    team, other = make.team("search"), make.team("distribution")

    answer = mara.post(
        f"{AREAS}add/",
        area_form(
            team=team.pk,
            handles="search-support, @Search",
            **{
                "sub_teams-TOTAL_FORMS": 1,
                "sub_teams-0-name": "core",
                "sub_teams-0-handle": "search-core",
                "sub_teams-0-keywords": "indexing",
                "exceptions-TOTAL_FORMS": 1,
                "exceptions-0-keyword": "Perforce",
                "exceptions-0-team": other.pk,
                "exceptions-0-until": "2090-01-31",
            },
        ),
        follow=True,
    )

    area = Area.objects.get()
    assert (area.keywords, area.handles) == (["search", "saved search", "indexing"], ["@search-support", "@Search"])
    assert (area.sub_teams.get().handle, area.exceptions.get().until) == ("@search-core", date(2090, 1, 31))
    assert b"No Slack channel is known for Search" in answer.content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keywords": ""}, "Without a keyword it is never proposed"),
        ({"keywords": "x" * 81}, "At most 80 characters"),
        ({"keywords": "search, !!"}, "has no letter"),
        ({"handles": "two words"}, "is no Slack handle"),
        (
            {"exceptions-TOTAL_FORMS": 1, "exceptions-0-keyword": "CVS", "exceptions-0-until": "2021-10-31"},
            "That day has passed",
        ),
    ],
)
def test_bad_input_is_refused_with_what_to_do_and_keeps_what_was_typed(
    mara: Client, change: dict[str, Any], said: str
) -> None:
    team = make.team("search")

    answer = mara.post(
        f"{AREAS}add/", area_form(team=team.pk, note="Read the handbook", **{"exceptions-0-team": team.pk, **change})
    )

    page = answer.content.decode()
    assert said in page
    assert "Read the handbook" in page
    assert not Area.objects.exists()


def test_the_list_shows_how_often_a_proposal_was_taken_and_finds_what_cannot_be_reached(
    mara: Client, now: datetime
) -> None:
    by = make.acting()
    search = Area.objects.create(slug="search", name="Search", team=make.heard(make.team("search")), keywords=["find"])
    other = Area.objects.create(slug="other", name="Unreached", team=make.team("other"), keywords=["lost"])
    for area, proposed in ((search, search), (search, search), (search, None), (None, search)):
        rfh = make.rfh(now, kind="defect")
        services.file(rfh, team=search.team, area=area, proposed_area=proposed, by=by, now=now)
    services.begin(by=by, now=now, summary="Never filed")

    page = mara.get(AREAS).content.decode()
    of_search = mara.get(f"{AREAS}{search.pk}/change/").content.decode()
    unreached = mara.get(f"{AREAS}?reach=none").content.decode()

    assert "2 of 3 (67 %)" in page
    assert "chosen 1× unproposed" in page
    assert "Never proposed" in page
    assert "Instead 1 request went to Search, in no area." in of_search
    assert f"{AREAS}{other.pk}/" in unreached
    assert f"{AREAS}{search.pk}/" not in unreached


def test_a_text_can_be_tried(mara: Client, now: datetime) -> None:
    area = Area.objects.create(slug="search", name="Search", team=make.team("search"), keywords=["search"])
    SubTeam.objects.create(area=area, name="search-core", keywords=["index"])

    found = mara.post(f"{AREAS}try/", {"text": "The search index is stale"}).content.decode()
    nothing = mara.post(f"{AREAS}try/", {"text": "The weather"}).content.decode()
    empty = mara.post(f"{AREAS}try/", {"text": " "}).content.decode()

    assert "search-core" in found
    assert "Would not hear" in found
    assert "No area has a word of it" in nothing
    assert "Write or paste a question first" in empty


@pytest.mark.parametrize("name", ["area", "namedowner"])
def test_areas_and_owners_are_archived_and_restored(mara: Client, name: str) -> None:
    area = Area.objects.create(slug="search", name="Search", team=make.team("search"), keywords=["search"])
    owner = NamedOwner.objects.create(kind="alert", name="disk full", team=make.team("search"))
    row, text = (area, "a search") if name == "area" else (owner, "disk full")

    for step, found in (("archive", 0), ("restore", 1)):
        mara.post(reverse(f"admin:rfhs_{name}_{step}", args=[row.pk]), {"_form_submitted": "on"})

        assert len(propose(text, today=date(2026, 3, 18))) == found
        assert ("In use" in mara.get(f"/admin/rfhs/{name}/").content.decode()) == bool(found)
    assert mara.get(f"/admin/rfhs/{name}/{row.pk}/delete/").status_code == 403


def test_an_alert_has_one_owner_and_one_team_is_the_set(mara: Client) -> None:
    team, other = make.team("search"), make.team("other")
    NamedOwner.objects.create(kind="alert", name="disk full", team=team)
    Desk.objects.create(team=team, is_set=True)

    twin = mara.post("/admin/rfhs/namedowner/add/", {"kind": "alert", "name": "Disk  Full", "team": other.pk})
    second = mara.post("/admin/rfhs/desk/add/", {"team": other.pk, "stuck_after_days": 0, "is_set": "on", "limit": ""})

    assert "Alert disk full is Search’s already" in twin.content.decode().replace("&#x27;", "’").replace("'", "’")
    assert "Search is that team" in second.content.decode()
    assert "greater than or equal to 1" in second.content.decode()


def test_an_exception_that_is_over_can_stay(mara: Client) -> None:
    area = Area.objects.create(slug="search", name="Search", team=make.team("search"), keywords=["search"])
    over = RoutingException.objects.create(area=area, keyword="CVS", team=area.team, until=date(2021, 10, 31))
    page = f"{AREAS}{area.pk}/change/"

    rows = {"exceptions-TOTAL_FORMS": 1, "exceptions-INITIAL_FORMS": 1, "exceptions-0-id": over.pk}
    rows |= {"exceptions-0-keyword": "CVS", "exceptions-0-team": area.team_id, "exceptions-0-until": "2021-10-31"}
    rows |= {"exceptions-0-area": area.pk}
    answer = mara.post(page, area_form(team=area.team_id, keywords="find", **rows))

    assert answer.status_code == 302
    assert Area.objects.get().keywords == ["find"]
