"""An issue is made once, whatever GitHub does meanwhile."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from apps.rfhs import services
from apps.rfhs.errors import BadRFH
from apps.rfhs.models import Issue, TrackedRepository
from apps.rfhs.services import issues
from apps.trail.models import StoredEvent
from tests import make
from tests.rfhs.tracked import LABELS, Clock, later, make_all, told, wanted
from tests.rotations.threads import in_a_thread
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db


def test_an_issue_is_made_with_its_title_body_and_labels(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)

    make_all(clock)

    [made] = github.repositories["acme/support"].issues.values()
    issue.refresh_from_db()
    assert (made["title"], [label["name"] for label in made["labels"]]) == (issue.title, LABELS)
    assert made["body"] == f"> It fails\n\n<!-- supportops:{issue.key} -->"
    assert (issue.making, issue.repository, issue.number, issue.state) == ("made", "acme/support", 1, "open")
    event = StoredEvent.objects.get(type="RFHIssueOpened").payload
    assert (event["url"], event["team"], event["linked"]) == (made["html_url"], "delivery", False)


def test_what_was_made_though_the_answer_came_too_late_is_found_again(
    clock: Clock, github: StandInGitHub, settings: Any
) -> None:
    issue = wanted(clock.at)
    github.page = 2
    github.stall_after_creating(30)
    settings.GITHUB_TIMEOUT = 0.7

    first = make_all(clock)
    settings.GITHUB_TIMEOUT = 5.0
    for _ in range(5):
        github.issue(body=f"> somebody quotes\n> <!-- supportops:{issue.key} -->")
    later(clock, github)
    second = make_all(clock)

    issue.refresh_from_db()
    assert (first.delayed, second.made) == (1, 1)
    assert (issue.making, issue.number) == ("made", 1)
    assert github.asked("POST") == ["/repos/acme/support/issues"]
    assert told(issue.rfh) == ["RFHIssueDelayed", "RFHIssueOpened"]


@pytest.mark.parametrize("fault", [500, "drop", 401])
def test_what_may_pass_is_tried_again_and_told_once(clock: Clock, github: StandInGitHub, fault: Any) -> None:
    issue = wanted(clock.at)
    for _ in range(2):
        if fault == "drop":
            github.drop()
        else:
            github.answer_with(fault)
        make_all(clock)
        later(clock, github)
    issue.refresh_from_db()
    between = (issue.making, told(issue.rfh), TrackedRepository.objects.get().failing_since)

    make_all(clock)

    issue.refresh_from_db()
    assert between == ("wanted", ["RFHIssueDelayed"], make.NOW)
    assert (issue.making, issue.error, TrackedRepository.objects.get().failing_since) == ("made", "", None)
    assert len(github.repositories["acme/support"].issues) == 1


@pytest.mark.parametrize(("status", "says"), [(404, "RFH_PRIVATE_TRACKER"), (410, "turned off"), (422, "wrong")])
def test_what_somebody_must_mend_fails_and_says_so(clock: Clock, github: StandInGitHub, status: int, says: str) -> None:
    issue = wanted(clock.at)
    github.answer_with(status)

    make_all(clock)
    later(clock, github)
    make_all(clock)
    issue.refresh_from_db()
    failed = (issue.making, len(github.heard), says in issue.error, "try again" in issue.error)
    issues.try_again(issue, by=make.acting(), now=clock.at)
    make_all(clock)

    issue.refresh_from_db()
    assert failed == ("failed", 1, True, True)
    assert issue.making == "made"
    assert told(issue.rfh) == ["RFHIssueDelayed", "RFHIssueTried", "RFHIssueOpened"]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"Retry_After": "300"}),
        (403, {"Retry_After": "300"}),
        (403, {"X_RateLimit_Remaining": "0"}),
    ],
)
def test_a_rate_limit_is_waited_for(clock: Clock, github: StandInGitHub, status: int, headers: dict[str, str]) -> None:
    first, second = wanted(clock.at), wanted(clock.at)
    # Told as an instant, it is one of this very moment, not of when the tests were collected.
    instant = {} if "Retry_After" in headers else {"X_RateLimit_Reset": str(int(time.time()) + 300)}
    github.answer_with(status, **headers, **instant)

    make_all(clock)
    later(clock, github, minutes=4)
    make_all(clock)
    waited = len(github.heard)
    later(clock, github, minutes=2)
    make_all(clock)

    assert waited == 1
    assert {Issue.objects.get(pk=each.pk).making for each in (first, second)} == {"made"}


def test_a_token_that_may_not_make_labels_says_so(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.repositories["acme/support"].may_push = False

    make_all(clock)

    issue.refresh_from_db()
    assert issue.making == "failed"
    assert "to set labels" in issue.error


def test_labels_that_were_dropped_are_named(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.repositories["acme/support"].may_push = False
    github.repositories["acme/support"].labels = set(LABELS)

    make_all(clock)

    issue.refresh_from_db()
    assert issue.making == "made"
    assert "left out the labels customer/acme, rfh, team/delivery" in issue.error


@pytest.mark.parametrize("without", ["GITHUB_TOKEN", "RFH_PRIVATE_TRACKER"])
def test_without_a_token_or_a_tracker_everybody_hears_at_once_and_it_waits(
    clock: Clock, github: StandInGitHub, settings: Any, without: str
) -> None:
    issue, kept = wanted(clock.at), getattr(settings, without)
    setattr(settings, without, "")

    for _ in range(2):
        make_all(clock)
    issue.refresh_from_db()
    waits = (issue.making, told(issue.rfh), list(github.heard))
    setattr(settings, without, kept)
    make_all(clock)

    issue.refresh_from_db()
    assert waits == ("wanted", ["RFHIssueDelayed"], [])
    assert issue.making == "made"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_issue(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    found: list[Any] = []

    def another() -> None:
        thread, results = in_a_thread(lambda: make_all(clock))
        thread.join(5)
        found.extend(results)

    github.while_creating(another)

    mine = make_all(clock)

    assert (mine.made, [each.made for each in found]) == (1, [0])
    assert github.asked("POST") == ["/repos/acme/support/issues"]
    assert told(issue.rfh) == ["RFHIssueOpened"]


def test_who_was_killed_in_the_middle_is_followed_by_another_once_the_lease_ends(
    clock: Clock, github: StandInGitHub
) -> None:
    issue = wanted(clock.at)
    claimed = issues.claim(ready={"private"}, now=clock.at)
    assert claimed is not None
    github.issue(title=issue.title, body=f"> It fails\n\n<!-- supportops:{issue.key} -->\n")

    later(clock, github, minutes=2)
    make_all(clock)
    leased = list(github.heard)
    later(clock, github, minutes=2)
    make_all(clock)

    issue.refresh_from_db()
    assert leased == []
    assert (issue.making, issue.number, github.asked("POST")) == ("made", 1, [])


def test_nothing_of_the_issue_or_the_token_is_in_the_log(
    clock: Clock, github: StandInGitHub, caplog: pytest.LogCaptureFixture
) -> None:
    wanted(clock.at, body="SECRET-BODY")
    caplog.set_level(logging.DEBUG)
    github.answer_with(500)

    make_all(clock)
    later(clock, github)
    make_all(clock)

    assert "SECRET-BODY" not in caplog.text
    assert github.token not in caplog.text


def test_filing_has_the_issue_made_without_waiting_for_the_minute(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_q_ormq")

    make.filed_rfh(now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_q_ormq")
        assert cursor.fetchone() == (1,)


def test_a_public_issue_is_read_again_for_what_is_private_when_it_is_sent_and_can_be_reworded(
    clock: Clock, github: StandInGitHub
) -> None:
    rfh = make.filed_rfh(clock.at, kind="defect", affects_several=True)
    Issue.objects.filter(rfh=rfh).update(tracker="public")
    issue = wanted(clock.at, rfh, tracker="public", body="It fails as at Hooli", labels=[])
    github.answer_with(403)
    make_all(clock)
    issues.try_again(issue, by=make.acting(), now=clock.at)
    make.customer("hooli")

    make_all(clock)

    issue.refresh_from_db()
    assert (issue.making, github.repositories["acme/product"].issues) == ("failed", {})
    assert "body" in issue.error
    assert "Hooli" not in issue.error
    services.publish(rfh, title="It fails", body="It fails", by=make.acting(), now=clock.at)
    make_all(clock)
    assert [each["title"] for each in github.repositories["acme/product"].issues.values()] == ["It fails"]


def test_what_is_on_its_way_is_neither_tried_again_nor_linked(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.answer_with(500)
    make_all(clock)
    later(clock, github)
    issues.claim(ready={"private"}, now=clock.at)

    with pytest.raises(BadRFH, match="is being made just now"):
        issues.try_again(issue, by=make.acting(), now=clock.at)
    with pytest.raises(BadRFH, match="is being made just now"):
        issues.link(issue.rfh, "acme/support#1", by=make.acting(), now=clock.at)


def test_a_public_twin_goes_out_with_the_address_of_its_private_issue(clock: Clock, github: StandInGitHub) -> None:
    rfh = make.filed_rfh(clock.at, kind="defect", affects_several=True, customer=make.customer())
    make_all(clock)
    private = Issue.objects.get()

    services.publish(rfh, title="It fails", body="It fails always", by=make.acting(), now=clock.at)
    make_all(clock)

    [public] = github.repositories["acme/product"].issues.values()
    assert public["body"].startswith(f"It fails always\n\nFor us: {private.url}\n\n<!--")
