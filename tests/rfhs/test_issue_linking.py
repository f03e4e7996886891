"""An issue that is there already is read and linked."""

from __future__ import annotations

from typing import Any

import pytest

from apps.rfhs.errors import BadRFH
from apps.rfhs.models import Issue
from apps.rfhs.services import issues
from tests import make
from tests.rfhs.tracked import Clock, made, make_all, say_all, told, wanted
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "reference",
    [
        "acme/support#1",
        "Acme/Support#1",
        "https://github.com/acme/support/issues/1",
        "http://x/acme/support/issues/1#c2",
    ],
)
def test_it_is_read_and_hears_what_is_asked(clock: Clock, github: StandInGitHub, reference: str) -> None:
    there = github.issue(title="Moving boards fails", state="closed")
    failed = wanted(clock.at, making="failed")

    issues.link(failed.rfh, reference, by=make.acting(), now=clock.at)
    make_all(clock)
    say_all(clock)

    [issue] = Issue.objects.all()
    assert (issue.making, issue.title, issue.state) == ("linked", "Moving boards fails", "closed")
    assert issue.url == there["html_url"]
    assert told(issue.rfh) == ["RFHIssueLinkAsked", "RFHIssueOpened", "RFHIssueTold"]
    assert github.repositories["acme/support"].comments[0]["body"].startswith("> It fails")


def test_an_issue_in_public_is_told_nothing_of_it(clock: Clock, github: StandInGitHub) -> None:
    github.issue("acme/product")
    failed = wanted(clock.at, making="failed", tracker="public")

    issues.link(failed.rfh, "acme/product#1", by=make.acting(), now=clock.at)
    make_all(clock)
    say_all(clock)

    assert Issue.objects.get().making == "linked"
    assert github.repositories["acme/product"].comments == []


@pytest.mark.parametrize("reference", ["", "12", "acme/other#1", "https://github.com/acme/support/pull/1", "a/b/c#1"])
def test_what_is_no_issue_of_the_two_trackers_is_refused(clock: Clock, github: StandInGitHub, reference: str) -> None:
    with pytest.raises(BadRFH) as refusal:
        issues.link(make.rfh(clock.at), reference, by=make.acting(), now=clock.at)

    assert "issue" in refusal.value.errors
    assert not Issue.objects.exists()


def test_a_second_issue_in_one_tracker_is_refused(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)

    with pytest.raises(BadRFH, match="has its private issue already"):
        issues.link(issue.rfh, "acme/support#1", by=make.acting(), now=clock.at)


@pytest.mark.parametrize("there", [{}, {"pull_request": {"url": "x"}}])
def test_one_that_cannot_be_linked_says_why_and_another_can_be_named(
    clock: Clock, github: StandInGitHub, there: dict[str, Any]
) -> None:
    rfh, number = make.filed_rfh(clock.at), 9
    if there:
        number = github.issue(**there)["number"]
    issues.link(rfh, f"acme/support#{number}", by=make.acting(), now=clock.at)
    make_all(clock)
    failed = Issue.objects.get()
    right = github.issue()["number"]

    issues.link(rfh, f"acme/support#{right}", by=make.acting(), now=clock.at)
    make_all(clock)

    assert failed.making == "failed"
    assert failed.error
    assert (Issue.objects.get().making, Issue.objects.get().number) == ("linked", right)
