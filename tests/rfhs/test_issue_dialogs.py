"""A request's issues on its page."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.rfhs import services
from apps.rfhs.models import Issue
from supportops import roles
from tests import make
from tests.rfhs.test_admin import page, press, send, signed_in
from tests.rfhs.tracked import Clock, made, make_all, say_all, wanted
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(clock: Clock) -> Client:
    return signed_in(clock.at, make.agent())


def test_what_failed_says_why_and_is_tried_again(client: Client, clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.answer_with(404)
    make_all(clock)
    before = client.get(page(issue.rfh)).content.decode()

    press(client, issue.rfh, "try_issue_again")
    make_all(clock)

    after = client.get(page(issue.rfh)).content.decode()
    assert "check RFH_PRIVATE_TRACKER" in before
    assert 'id="do-try_issue_again"' in before
    assert "acme/support#1" in after
    assert "do-try_issue_again" not in after


def test_one_that_is_there_is_linked_and_a_wrong_address_loses_nothing(
    client: Client, clock: Clock, github: StandInGitHub
) -> None:
    rfh = make.filed_rfh(clock.at)
    github.issue(title="Moving boards fails")

    refused = press(client, rfh, "link_issue", issue="https://github.com/acme/other/issues/1")
    press(client, rfh, "link_issue", issue="https://github.com/acme/support/issues/1")
    make_all(clock)

    assert "Only issues of acme/product or acme/support" in refused.content.decode()
    assert "https://github.com/acme/other/issues/1" in refused.content.decode()
    assert Issue.objects.get().making == "linked"


def test_instead_of_linking_what_is_not_there_one_can_be_made(
    client: Client, clock: Clock, github: StandInGitHub
) -> None:
    rfh = make.filed_rfh(clock.at, description="It fails at 99 %.")
    press(client, rfh, "link_issue", issue="acme/support#404")
    make_all(clock)

    press(client, rfh, "try_issue_again", anew="on")
    make_all(clock)

    assert Issue.objects.get().making == "made"
    assert "It fails at 99 %." in github.repositories["acme/support"].issues[1]["body"]


def test_what_is_public_or_could_not_be_said_is_marked(client: Client, clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock, tracker="public", labels=[])
    issue.rfh.notes.create(kind="comment", text="Me too!", by="mallory", at=clock.at, issue=issue, public=True)
    services.resolve(issue.rfh, learned="Proxies cut uploads.", by=make.acting(), now=clock.at)
    github.answer_with(403, {"message": "It is locked."})
    say_all(clock)

    shown = client.get(page(issue.rfh)).content.decode()

    assert ">Public</span> mallory" in shown
    assert "Not said" in shown
    assert "It is locked." in shown


def test_an_auditor_presses_nothing(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at, making="failed", error="No.")
    auditor = signed_in(clock.at, make.agent("Olga"), roles.AUDITOR)

    shown = auditor.get(page(issue.rfh)).content.decode()

    assert "do-try_issue_again" not in shown
    assert send(auditor, issue.rfh, "try_issue_again", {}).status_code == 403
    assert Issue.objects.get().making == "failed"
