"""The shipped routing table: loading it, and what every row of it does."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.people.models import Team
from apps.rfhs import services
from apps.rfhs.models import Area
from apps.rfhs.routing.proposing import propose
from apps.rfhs.routing.reading import SHIPPED, BadTable, read
from tests import make

pytestmark = pytest.mark.django_db
TABLE = read(SHIPPED.read_text())


def test_every_row_of_the_table_leads_to_its_team_by_each_keyword() -> None:
    services.load_table(TABLE, now=make.NOW)

    for row in TABLE:
        words = [*row.keywords, *(["COBOL", "Go", "Java", "Python"] if row.any_language else [])]
        assert words
        for word in words:
            for text in (word, f"A customer asks about {word}."):
                found = [(str(one.area), str(one.team)) for one in propose(text, today=make.NOW.date())]
                assert (row.name, row.team) in found, text
        whole = propose(", ".join(words), today=make.NOW.date())
        assert str(whole[0].area) == row.name


def test_every_exception_of_the_table_holds_to_its_last_day() -> None:
    services.load_table(TABLE, now=make.NOW)
    exceptions = [(row, each) for row in TABLE for each in row.exceptions]

    assert len(exceptions) == 4
    for row, each in exceptions:
        text = f"It is about {each.keyword.replace('enforcement/', '')}."
        before = {(str(one.area), str(one.team)) for one in propose(text, today=each.until)}
        after = {(str(one.area), str(one.team)) for one in propose(text, today=each.until + timedelta(days=1))}
        assert (row.name, each.team) in before
        assert (row.name, each.team) not in after


@pytest.mark.parametrize(
    ("text", "team", "sub_team"),
    [
        ("The index of a big repository takes hours: indexed search, indexing", "Search", "search-core"),
        ("A saved search does not notify", "Search", "search-product"),
        ("Hover and find references fail in our Go code", "Code Intelligence", ""),
        ("The pods of the cluster restart after the upgrade of Kubernetes", "Delivery", ""),
        ("How many DAUs did we have?", "BizOps", ""),
        ("Their license key needs an extension", "CE", ""),
        ("When does the contract expire?", "CE and Sales", ""),
    ],
)
def test_questions_reach_whom_a_person_would_choose(text: str, team: str, sub_team: str) -> None:
    services.load_table(TABLE, now=make.NOW)

    first = propose(text, today=date(2026, 3, 18))[0]

    assert (str(first.team), first.sub_team) == (team, sub_team)


def test_what_github_is_about_is_asked() -> None:
    services.load_table(TABLE, now=make.NOW)

    proposals = propose("A question about GitLab", today=date(2026, 3, 18))

    assert [str(one.team) for one in proposals] == ["Repository Management", "Extensibility"]
    assert all("behind the scenes" in one.ask for one in proposals)


def test_loading_again_keeps_what_managers_changed() -> None:
    make.channel("C7", "search")
    first = services.load_table(TABLE, now=make.NOW)
    search = Area.objects.get(slug="search")
    Area.objects.filter(pk=search.pk).update(keywords=["find"], archived=True)
    make.channel("C8", "cloud-saas")

    again = services.load_table(TABLE, now=make.NOW)

    assert (str(search.channel), search.sub_teams.count()) == ("#search", 2)
    assert Area.objects.get(slug="search").keywords == ["find"]
    assert again.made == ["channel #cloud-saas for area Cloud"]
    assert (len(first.made) > len(TABLE), len(again.kept)) == (True, len(TABLE) - 1)
    assert dict(Team.objects.values_list("name", "kind"))["BizOps"] == "other"
    assert not Area.objects.get(slug="usage-statistics").engineering


def test_the_command_says_what_it_would_do_and_does_nothing_when_dry(tmp_path: Path) -> None:
    told, table = StringIO(), tmp_path / "table.json"
    call_command("load_rfh_routing", dry_run=True, stdout=told)
    table.write_text('{"routes": [{"area": "Search"}]}')

    with pytest.raises(CommandError) as refusal:
        call_command("load_rfh_routing", str(table))

    assert "Would make area Deployment of Delivery, with 10 keywords" in told.getvalue()
    assert "#repo-management is not known here yet" in told.getvalue()
    assert not Area.objects.exists()
    assert "Route 1 has no “team”" in str(refusal.value)


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("", "no list of “routes”"),
        ("{", "no JSON"),
        ('{"area": "A", "team": "T", "exceptions": [{"keyword": "k", "team": "T", "until": "soon"}]}', "soon"),
        ('{"area": "A", "team": "T"}, {"area": "a", "team": "T"}', "listed twice"),
        ('{"area": "A", "team": "T", "keywords": "search"}', "keywords"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(routes: str, said: str) -> None:
    with pytest.raises(BadTable, match=said):
        read(f'{{"routes": [{routes}]}}')
