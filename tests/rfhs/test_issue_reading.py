"""What happens on an issue is read."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from apps.rfhs import services
from apps.rfhs.models import RFH, Issue, Note, TrackedRepository
from apps.trail.models import StoredEvent
from tests import make
from tests.rfhs.tracked import Clock, later, made, read_all, told
from tests.rotations.threads import in_a_thread
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db


def test_comments_become_notes_once_and_an_edit_changes_them(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    said = github.comment(body="It is the proxy.")
    github.page = 1
    github.comment(body="Which one?", by="greta")
    RFH.objects.update(moved_at=clock.at - timedelta(days=3))

    read_all(clock)
    read_all(clock)
    later(clock, github)
    said |= {"body": "It was the proxy.", "updated_at": github.stamp()}
    read_all(clock)

    notes = list(issue.rfh.notes.order_by("pk"))
    assert [(note.by, note.text, note.kind, note.public) for note in notes] == [
        ("farid", "It was the proxy.", "comment", False),
        ("greta", "Which one?", "comment", False),
    ]
    assert notes[0].url == said["html_url"]
    assert RFH.objects.get().moved_at == clock.at - timedelta(minutes=20)
    assert told(issue.rfh)[1:] == ["RFHIssueCommented", "RFHIssueCommented", "RFHIssueCommentChanged"]


def test_comments_of_the_public_twin_are_marked_as_public(clock: Clock, github: StandInGitHub) -> None:
    private = made(clock)
    made(clock, private.rfh, tracker="public", labels=[], twin_of=private)
    github.comment(body="Me too!", repository="acme/product")

    read_all(clock)

    assert Note.objects.get().public
    assert StoredEvent.objects.get(type="RFHIssueCommented").payload["public"]


def test_closing_and_reopening_are_told_once_each(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    for state in ("closed", "open"):
        later(clock, github)
        github.close_issue(state=state)
        read_all(clock)
        read_all(clock)

    assert told(issue.rfh)[1:] == ["RFHIssueClosed", "RFHIssueReopened"]
    assert Issue.objects.get().state == "open"


def test_reading_what_is_not_new_costs_nothing(clock: Clock, github: StandInGitHub) -> None:
    made(clock)
    github.comment()
    for _ in range(2):
        read_all(clock)

    before = len(github.unchanged)
    read_all(clock)

    assert len(github.unchanged) - before == 2


def test_pull_requests_and_other_peoples_issues_are_nobodys_note(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    for fields in ({"pull_request": {"url": "x"}}, {}):
        github.comment(github.issue(**fields)["number"])

    read_all(clock)

    assert not Note.objects.exists()
    assert told(issue.rfh) == ["RFHIssueOpened"]


def test_a_github_that_fails_is_known_to_since_when_and_is_read_from_there_later(
    clock: Clock, github: StandInGitHub
) -> None:
    made(clock)
    read_all(clock)
    since = clock.at
    github.comment()
    github.answer_with(500)
    read_all(clock)
    failing = TrackedRepository.objects.get(name="acme/support").failing_since
    later(clock, github)

    read_all(clock)

    assert failing == since
    assert TrackedRepository.objects.get(name="acme/support").failing_since is None
    assert Note.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_comment_that_comes_while_a_step_is_taken_waits_for_it(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    github.comment()

    with transaction.atomic():
        RFH.objects.select_for_update().get()
        thread, found = in_a_thread(partial(read_all, clock))
        make.until_somebody_waits()
        services.resolve(issue.rfh, learned="Proxies cut uploads.", by=make.acting(), now=clock.at)
    thread.join(5)

    assert found == [1]
    assert told(issue.rfh) == ["RFHIssueOpened", "RFHIssueCommented"]
    assert issue.comments.count() == 1
