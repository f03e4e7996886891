"""Whether requests for help get their issues, on Home."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.dashboard import health, selectors
from apps.rfhs.models import Issue
from apps.rfhs.tracking import repositories
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def set_up(settings: Any) -> None:
    settings.GITHUB_TOKEN, settings.RFH_PRIVATE_TRACKER, settings.RFH_PUBLIC_TRACKER = "t0ken", "acme/support", ""


def part(now: datetime) -> health.Part:
    return selectors.github(sees_requests=True, now=now)


def wanted(now: datetime, **fields: Any) -> Issue:
    rfh = make.filed_rfh(now)
    Issue.objects.filter(rfh=rfh).update(**fields)
    return Issue.objects.get(rfh=rfh)


def test_one_that_cannot_be_reached_says_since_when_and_who_waits(now: datetime) -> None:
    repositories.failing("acme/support", "GitHub could not be reached.", now=now)
    wanted(now)

    at_once, later = part(now + timedelta(minutes=5)), part(now + timedelta(minutes=6))

    assert at_once.state == health.WELL
    assert (later.state, later.since) == (health.ILL, now)
    assert later.says == "GitHub could not be reached. 1 request waits for an issue. So it has been since"


def test_an_issue_that_failed_leads_to_its_request(now: datetime) -> None:
    repositories.answered("acme/support", now=now)
    issue = wanted(now, making="failed")

    assert part(now).state == health.ILL
    assert part(now).link == f"/admin/rfhs/rfh/{issue.rfh_id}/change/"


def test_without_a_tracker_it_says_what_to_set(now: datetime, settings: Any) -> None:
    settings.GITHUB_TOKEN, settings.RFH_PRIVATE_TRACKER = "", ""
    wanted(now)

    assert part(now).state == health.OFF
    assert "1 request waits" in part(now).says
    assert "GITHUB_TOKEN" in part(now).do


def test_half_set_up_it_names_what_is_missing_and_not_the_token(now: datetime, settings: Any) -> None:
    settings.RFH_PRIVATE_TRACKER = ""

    assert part(now).state == health.ILL
    assert "RFH_PRIVATE_TRACKER:" in part(now).do
    assert "t0ken" not in part(now).do


def test_one_that_answered_is_well_and_one_nobody_asked_is_not_called_so(now: datetime) -> None:
    assert part(now).state == health.UNTRIED

    repositories.answered("acme/support", now=now)

    assert (part(now).state, part(now).since) == (health.WELL, now)
