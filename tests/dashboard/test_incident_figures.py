"""The figures of incidents, against data counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.dashboard.reports.incidents import figures
from apps.dashboard.reports.incidents.asking import Asked
from apps.dashboard.reports.months import Period
from apps.incidents import services
from apps.incidents.models import Incident
from supportops import roles
from tests import make
from tests.api.conftest import Bearer, bearing  # noqa: F401

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ASKED = Asked(Period(date(2026, 1, 1), date(2026, 3, 31), ZoneInfo("UTC")))
SAID = "from=2026-01-01&until=2026-03-31"


def broken(at: datetime, *, took: int = 0, ended: int = 0, told: int = 0, **said: Any) -> Incident:
    """Acknowledged, and told to the public, so many minutes after it was reported; resolved after so many hours."""
    incident = make.incident(now=at, **said)
    if took:
        services.acknowledge(incident, by=make.acting(), now=at + took * MINUTE)
    if told:
        services.post_update(incident, public_text="We look.", by=make.acting(), now=at + told * MINUTE)
    if ended:
        services.close(incident, by=make.acting(), now=at + ended * HOUR)
    return incident


@pytest.fixture
def counted(db: None) -> None:
    """January: two sev-1 and a sev-3. February: none but an invalid one. March: one that is open. April is no more."""
    make.component("api")
    make.component("web")
    both = [{"slug": "api"}, {"slug": "web"}]
    first = broken(datetime(2026, 1, 1, tzinfo=UTC), took=10, told=20, title="First", components=both)
    worse = [{"slug": "api", "status": "partial_outage"}]
    services.post_update(first, components=worse, by=make.acting(), now=first.reported_at + HOUR)
    services.close(first, by=make.acting(), now=first.reported_at + 2 * HOUR)
    broken(datetime(2026, 1, 20, tzinfo=UTC), took=30, ended=4, components=both[:1])
    broken(datetime(2026, 1, 31, 23, 59, tzinfo=UTC), took=20, ended=3, severity="sev-3")
    none = broken(datetime(2026, 2, 3, tzinfo=UTC), took=1)
    services.mark_invalid(none, because="A test", by=make.acting(), now=none.reported_at + HOUR)
    broken(datetime(2026, 3, 31, 23, 59, tzinfo=UTC), title="Last", severity="sev-5")
    broken(datetime(2026, 4, 1, tzinfo=UTC), took=1)


@pytest.mark.usefixtures("counted")
def test_times_are_means_of_the_incidents_that_came_so_far() -> None:
    total = figures.report(ASKED).total

    assert (total.incidents, total.open) == (4, 1)
    assert (total.acknowledge.incidents, total.acknowledge.mean, total.acknowledge.p50) == (3, 20 * MINUTE, 20 * MINUTE)
    assert (total.resolve.incidents, total.resolve.mean) == (3, 3 * HOUR)
    assert (total.tell.incidents, total.tell.mean) == (1, 20 * MINUTE)


@pytest.mark.usefixtures("counted")
def test_every_month_and_severity_stands_there_and_what_was_none_nowhere() -> None:
    found = figures.report(ASKED)

    assert [(row.key, row.incidents, row.acknowledge.mean) for _, row in found.months] == [
        ("2026-01", 3, 20 * MINUTE),
        ("2026-02", 0, None),
        ("2026-03", 1, None),
    ]
    assert [row.incidents for row in found.severities] == [2, 0, 1, 0, 1]
    assert found.by_severity[date(2026, 1, 1), "sev-1"] == 2


@pytest.mark.usefixtures("counted")
def test_an_incident_counts_once_at_every_component_it_hit() -> None:
    found = figures.report(ASKED).components

    assert [(row.key, row.incidents, row.resolve.mean) for row in found] == [
        ("api", 2, 3 * HOUR),
        ("web", 1, 2 * HOUR),
        ("", 2, 3 * HOUR),
    ]


@pytest.mark.usefixtures("counted")
def test_what_was_said_to_begin_later_took_no_time_rather_than_less() -> None:
    incident = Incident.objects.get(title="First")
    services.change(incident, {"reported_at": incident.reported_at + HOUR}, by=make.acting(), now=incident.closed_at)

    assert figures.report(ASKED).total.acknowledge.mean == 50 * MINUTE / 3


@pytest.mark.usefixtures("counted")
def test_the_page_shows_it_and_each_figure_opens_its_incidents(client: Client) -> None:
    roles.sync(timezone.now())
    who = make.agent("Mara")
    client.force_login(who)
    refused = client.get("/reports/incidents/")
    who.groups.set([Group.objects.get(name=roles.AUDITOR)])

    page = client.get(f"/reports/incidents/?{SAID}").content.decode()
    behind = client.get(f"/reports/incidents/behind/?{SAID}&component=web&only=resolved").content.decode()
    unnamed = client.get(f"/reports/incidents/behind/?{SAID}&only=unnamed&only=open").content.decode()
    table = client.get(f"/reports/incidents.csv?{SAID}&severity=sev-1").content.decode()
    bad = [client.get(f"/reports/incidents/{said}") for said in ("?from=x", "?component=a%00b", "behind/?only=%00")]

    assert refused.status_code == 403
    assert "<strong>20 min</strong>MTTA" in page
    assert "only=acknowledged" in page
    assert "First" in behind
    assert "acknowledged after 10 min" in behind
    assert "Last" not in behind
    assert "Last" in unnamed
    assert "month,2026-01,2,0,2,1200,1200," in table
    assert [answer.status_code for answer in bad] == [400, 400, 400]


@pytest.mark.usefixtures("counted")
def test_the_api_says_the_same(bearing: Bearer) -> None:  # noqa: F811
    client = bearing("incidents")
    found = client.get("/api/v1/reports/incidents/?from=2026-01&until=2026-03").json()
    one = client.get("/api/v1/reports/incidents/?from=2026-01&until=2026-03&component=web").json()
    bad = client.get("/api/v1/reports/incidents/?from=2026-13")

    assert list(found)[:4] == ["from", "until", "count", "open"]
    assert (found["count"], found["mtta"]["mean_seconds"], found["mttr"]["mean_seconds"]) == (4, 1200, 10_800)
    assert found["first_public_update"] == {
        "incidents": 1,
        "mean_seconds": 1200,
        "p50_seconds": 1200,
        "p90_seconds": 1200,
    }
    assert [(month["month"], month["count"]) for month in found["months"]] == [
        ("2026-01", 3),
        ("2026-02", 0),
        ("2026-03", 1),
    ]
    assert (found["severities"][0]["severity"], found["components"][-1]["component"]) == ("sev-1", None)
    assert (one["count"], [each["component"] for each in one["components"]]) == (1, ["web"])
    assert (bad.status_code, list(bad.json()["errors"])) == (400, ["from"])
