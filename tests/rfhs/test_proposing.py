"""Which teams a text is proposed for, and how they are reached."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from apps.people.models import Team, UserGroup
from apps.rfhs import services
from apps.rfhs.errors import BadRFH
from apps.rfhs.models import Area, NamedOwner, RoutingException, SubTeam
from apps.rfhs.routing.proposing import Proposal, propose
from apps.rfhs.routing.reaching import reach
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 18)


def area(name: str, team: str, *keywords: str, **fields: object) -> Area:
    slug = name.lower().replace(" ", "-")
    return Area.objects.create(
        slug=slug,
        name=name,
        keywords=list(keywords),
        **{"team": make.team(team), "position": Area.objects.count() + 1, **fields},
    )


def told(proposals: list[Proposal]) -> list[tuple[str, str, list[str]]]:
    return [(each.team.slug, str(each.area), each.matched) for each in proposals]


def test_areas_are_ranked_by_the_words_that_matched() -> None:
    area("Search", "search", "search", "saved search")
    area("Deployment", "delivery", "deploy", "Docker")
    area("Code", "code", "hover", any_language=True)
    area("Old", "old", "Docker", archived=True)

    proposals = propose("A saved search fails on Docker, in Go and Python files", today=TODAY)

    assert told(proposals) == [
        ("search", "Search", ["saved search"]),
        ("code", "Code", ["Go", "Python"]),
        ("delivery", "Deployment", ["Docker"]),
    ]
    assert propose("The weather", today=TODAY) == []


@pytest.mark.parametrize(("today", "team"), [(date(2026, 3, 18), "distribution"), (date(2026, 3, 19), "repos")])
def test_an_exception_holds_to_the_end_of_its_last_day(today: date, team: str) -> None:
    repos = area("Code hosts", "repos", "Perforce")
    RoutingException.objects.create(
        area=repos, keyword="Perforce", team=make.team("distribution"), until=date(2026, 3, 18), via="CE"
    )

    proposals = propose("Perforce depots", today=today)

    assert told(proposals) == [(team, "Code hosts", ["Perforce"])]
    assert proposals[0].via == ("CE" if team == "distribution" else "")


def test_a_named_alert_beats_the_area() -> None:
    area("Monitoring", "delivery", "alert", "dashboard")
    NamedOwner.objects.create(kind="alert", name="zoekt: disk/space", team=make.team("search"))

    proposals = propose("The alert Zoekt: disk/space fires. Which alert, which dashboard?", today=TODAY)

    assert told(proposals) == [
        ("search", "Monitoring", ["zoekt: disk/space"]),
        ("delivery", "Monitoring", ["alert", "dashboard"]),
    ]
    area("Search", "search", "index")
    of_its_own = propose("zoekt: disk/space, and the dashboard of the index", today=TODAY)
    assert [str(each.area) for each in of_its_own] == ["Search", "Monitoring", "Search"]


def test_what_two_areas_have_the_same_words_for_is_told_apart_by_asking() -> None:
    area("Connections", "repos", "GitHub", "cloning", tie_break="Cloning, or something seen there?")
    area("Integrations", "extensibility", "GitHub", "chrome")

    open_question = propose("GitHub is broken", today=TODAY)
    told_by_itself = propose("GitHub: cloning is broken", today=TODAY)

    assert [each.ask for each in open_question] == ["Cloning, or something seen there?"] * 2
    assert [(each.team.slug, each.ask) for each in told_by_itself] == [("repos", ""), ("extensibility", "")]


def test_a_sub_team_is_proposed_by_its_own_words() -> None:
    search = area("Search", "search", "search", "indexing")
    SubTeam.objects.create(area=search, name="core", keywords=["indexing"])
    SubTeam.objects.create(area=search, name="product", keywords=["saved search"])

    texts = ("Search: indexing is slow", "A saved search is slow", "Search is slow")

    assert [propose(text, today=TODAY)[0].sub_team for text in texts] == ["core", "product", ""]


def test_the_first_handle_that_exists_is_used_in_the_area_s_channel_or_the_team_s() -> None:
    UserGroup.objects.create(slack_id="S1", handle="core-app-support")
    search = area("Repos", "repos", handles=["@repo-support", "@Core-App-Support"], channel=make.channel("C7", "repos"))
    SubTeam.objects.create(area=search, name="core", handle="@core")
    UserGroup.objects.create(slack_id="S2", handle="core")
    team = make.heard(search.team)

    of_area, of_part, of_team = reach(team, search), reach(team, search, "core"), reach(team)

    assert (of_area.channel, of_area.channel_name, of_area.handle) == ("C7", "repos", "@core-app-support")
    assert (of_part.handle, of_part.lacks) == ("@core", [])
    assert (of_team.channel, of_team.handle) == ("CREPOS", "@core-app-support")
    # Another team's area is not where an exception's team is found; its own areas are.
    assert reach(make.team("other"), search).channel == ""
    area("Others", "other", channel=make.channel("C8", "others"), handles=["@core"])
    assert (reach(make.team("other"), search).channel, reach(make.team("other")).handle) == ("C8", "@core")


def test_what_cannot_be_reached_is_asked_for_before_filing(now: datetime) -> None:
    statistics = area("Usage statistics", "bizops", "DAU", engineering=False, handles=["@biz-help"])
    rfh = make.rfh(now, kind="defect")

    with pytest.raises(BadRFH) as of_area:
        services.file(rfh, team=statistics.team, area=statistics, by=make.acting(), now=now)
    with pytest.raises(BadRFH) as of_team:
        services.file(rfh, team=statistics.team, by=make.acting(), now=now)

    assert "No Slack channel is known for Bizops" in of_area.value.errors["area"][0]
    assert "@biz-help" in of_area.value.errors["area"][0]
    assert "team" in of_team.value.errors
    UserGroup.objects.create(slack_id="S1", handle="biz-help")
    services.file(rfh, team=statistics.team, area=statistics, by=make.acting(), now=now)
    assert rfh.state == "filed"


def test_teams_beside_engineering_have_a_kind_of_their_own() -> None:
    assert Team(kind="other").get_kind_display() == "Other"
