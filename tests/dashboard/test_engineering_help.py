"""The report on engineering's help, against data counted by hand."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.dashboard.reports import figures
from apps.dashboard.reports.months import BadPeriod, Period, read
from apps.people.models import Team
from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket
from supportops import roles
from tests import make
from tests.api.conftest import Bearer, bearing  # noqa: F401

UTC_ZONE = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
PERIOD = Period(date(2026, 1, 1), date(2026, 3, 31), UTC_ZONE)


def at(month: int, day: int = 10, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def asked(
    ticket: Ticket, team: Team, *, kind: str = "help", acknowledged: int = 0, answered: int = 0, **said: object
) -> RFH:
    """A request filed an hour after the ticket; acknowledged and answered so many hours later."""
    filed = ticket.opened_at + HOUR
    rfh = make.filed_rfh(filed, team_of=team, ticket=ticket, kind=kind, **said)
    if acknowledged:
        services.acknowledge(rfh, by=make.acting(), now=filed + acknowledged * HOUR)
    if answered:
        services.answer(rfh, answer="Raise the limit.", by=make.acting(), now=filed + answered * HOUR)
    return rfh


@pytest.fixture
def counted(db: None) -> None:
    """January: 4 tickets, one needed help twice. February: 2 tickets, only a defect and a question of licences.
    March: 1 ticket that needed help; one request of a teammate's. Another year's ticket is none of it."""
    delivery, search = make.team("delivery"), make.team("search")
    licences = make.team("ce", kind="other")
    for team in (delivery, search, licences):
        team.channel = make.channel(f"C{team.slug.upper()}", team.slug)
        team.save()
    acme = make.customer()
    january = [make.ticket(f"J{n}", opened_at=at(1, 10 + n), customer=acme) for n in range(4)]
    february = [make.ticket(f"F{n}", opened_at=at(2, 10 + n)) for n in range(2)]
    march = make.ticket("M0", opened_at=at(3, 31, 23))
    make.ticket("OLD", opened_at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    asked(january[0], delivery, acknowledged=1, answered=2, priority="p1", context=dict.fromkeys(("environment",), "9"))
    asked(january[0], search, acknowledged=3)
    asked(february[0], delivery, kind="defect", acknowledged=10)
    asked(february[1], licences)
    whole = dict.fromkeys(("environment", "steps_to_reproduce", "recent_changes", "affected", "urgency"), "known")
    asked(march, delivery, acknowledged=5, answered=20, context=whole)
    teammate = make.rfh(at(3), ticket=january[1])
    services.ask_teammates(teammate, by=make.acting(), now=at(3))
    services.solved_by_teammate(teammate, answer="Use mmctl.", by=make.acting(), now=at(3))


@pytest.mark.usefixtures("counted")
def test_the_share_is_distinct_tickets_with_a_request_that_is_no_defect() -> None:
    found = figures.report(PERIOD)

    assert [(month.first.month, month.tickets, month.needed) for month in found.months] == [
        (1, 4, 1),
        (2, 2, 0),
        (3, 1, 1),
    ]
    assert (found.tickets, found.needed, found.share) == (7, 2, pytest.approx(2 / 7))
    assert found.months[1].share == 0


@pytest.mark.usefixtures("counted")
def test_a_ticket_stands_at_every_team_it_needed() -> None:
    found = figures.report(PERIOD).slices

    assert [(each.key, each.tickets, each.requests) for each in found["team"]] == [("delivery", 2, 2), ("search", 1, 1)]
    assert [(each.key, each.tickets) for each in found["customer"]] == [("acme", 1), ("", 1)]
    assert figures.behind(PERIOD, {"only": "needed", "team": "delivery"}).count() == 2
    assert figures.behind(PERIOD, {"only": "needed", "customer": ""}).get().number == "M0"


@pytest.mark.usefixtures("counted")
def test_times_are_of_the_requests_filed_in_the_period() -> None:
    found = figures.report(PERIOD)
    everything, p1, p2 = found.times
    low, _, high = found.completeness

    # 1, 3, 5 and 10 hours; 2 and 20. M0's was filed in April, an hour after it was opened.
    assert (everything.requests, everything.acknowledged, everything.answered) == (4, 3, 1)
    assert (everything.acknowledge_p50, everything.answer_p50) == (3 * HOUR, 2 * HOUR)
    assert everything.acknowledge_p90 == pytest.approx(8.6 * HOUR, abs=timedelta(seconds=1))
    assert (p1.requests, p1.acknowledge_p50, p2.requests) == (1, HOUR, 3)
    assert (low.requests, high.requests) == (4, 0)


@pytest.mark.usefixtures("counted")
def test_the_first_acknowledgement_counts_whatever_comes_after() -> None:
    rfh = RFH.objects.get(priority="p1")
    services.reopen(rfh, because="It came back", by=make.acting(), now=at(1, 20))
    services.acknowledge(rfh, by=make.acting(), now=at(1, 25))

    assert figures.report(PERIOD).times[1].acknowledge_p50 == HOUR


@pytest.mark.usefixtures("counted")
def test_what_teammates_solved_did_not_need_engineering() -> None:
    found = figures.report(PERIOD)

    assert (found.asked_teammates, found.solved_by_teammates) == (1, 1)


@pytest.mark.usefixtures("counted")
def test_the_page_shows_it_and_each_figure_opens_its_tickets(client: Client) -> None:
    roles.sync(timezone.now())
    who = make.agent("Mara")
    who.groups.set([Group.objects.get(name=roles.AUDITOR)])
    client.force_login(who)
    said = "from=2026-01-01&until=2026-03-31"

    page = client.get(f"/reports/engineering-help/?{said}").content.decode()
    behind = client.get(f"/reports/engineering-help/behind/?{said}&only=needed").content.decode()
    table = client.get(f"/reports/engineering-help.csv?{said}").content.decode()
    bad = client.get("/reports/engineering-help/?from=yesterday")

    assert "28.6 %" in page
    assert "above the goal" in page
    assert "M0" in behind
    # A token of the page's forms may well hold these two letters.
    assert not re.search(r">\s*J1\s*<", behind)
    assert "month,2026-01,4,1,0.2500" in table
    assert bad.status_code == 400
    assert "write 2026-03-18" in bad.content.decode()


@pytest.mark.usefixtures("counted")
def test_the_api_says_the_same(bearing: Bearer) -> None:  # noqa: F811
    answer = bearing("rfhs").get("/api/v1/reports/engineering-help/?from=2026-01&until=2026-03")
    bad = bearing("read").get("/api/v1/reports/engineering-help/?from=2026-13")

    assert answer.json()["months"][0] == {"month": "2026-01", "tickets": 4, "needed_help": 1, "share": 0.25}
    assert len(answer.json()["months"]) == 3
    assert bad.status_code == 400
    assert "from" in bad.json()["errors"]


def test_a_month_begins_at_the_portals_midnight() -> None:
    period = read("2026-03", "2026-04", today=date(2026, 5, 1), zone=ZoneInfo("Australia/Lord_Howe"))

    assert period.start.astimezone(UTC) == datetime(2026, 2, 28, 13, tzinfo=UTC)
    assert period.end.astimezone(UTC) == datetime(2026, 4, 30, 13, 30, tzinfo=UTC)
    assert period.months == [date(2026, 3, 1), date(2026, 4, 1)]


def test_left_out_it_is_twelve_months_up_to_the_present_one() -> None:
    period = read("", "", today=date(2026, 2, 11), zone=UTC_ZONE)

    assert (period.first, period.last, len(period.months)) == (date(2025, 3, 1), date(2026, 2, 28), 12)


@pytest.mark.parametrize(
    ("since", "until"), [("2026-3-1", ""), ("2026-04-01", "2026-03-01"), ("2001-01-01", ""), ("9999-12", "9999-12")]
)
def test_a_period_that_is_none_says_what_one_looks_like(since: str, until: str) -> None:
    with pytest.raises(BadPeriod):
        read(since, until, today=date(2026, 2, 11), zone=UTC_ZONE)
