"""GitHub tells us at once, by signed deliveries that may come twice, late, or from somebody else."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from apps.integrations.github.webhook import sign
from apps.rfhs import services
from apps.rfhs.models import Issue, Note
from apps.trail.models import StoredEvent
from tests import make
from tests.rfhs.tracked import Clock, later, made, make_all, read_all, say_all, told, wanted
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db


def send(kind: str, body: Any, *, signature: str | None = None, form: bool = False) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    if form:
        raw = urlencode({"payload": raw}).encode()
    answer = Client().post(
        "/github/webhook/",
        raw,
        content_type="application/x-www-form-urlencoded" if form else "application/json",
        headers={
            "X-Hub-Signature-256": sign("hook-secret", raw) if signature is None else signature,
            "X-GitHub-Event": kind,
        },
    )
    return answer.status_code, answer.json()


def commented(github: StandInGitHub, comment: dict[str, Any], action: str = "created", **more: Any) -> dict[str, Any]:
    return {**happened(github, action, by="farid"), "comment": comment, **more}


def happened(
    github: StandInGitHub, action: str, by: str = "greta", repository: str = "acme/support", number: int = 1
) -> dict[str, Any]:
    issue = dict(github.repositories[repository].issues[number])
    return {"action": action, "issue": issue, "repository": {"full_name": repository}, "sender": {"login": by}}


@pytest.mark.parametrize("form", [False, True])
def test_a_comment_is_a_note_at_once_and_told_twice_it_is_one(clock: Clock, github: StandInGitHub, form: bool) -> None:
    issue = made(clock)
    delivery = commented(github, github.comment(body="It is the proxy."))

    answers = [send("issue_comment", delivery, form=form) for _ in range(2)]
    read_all(clock)

    assert answers == [(200, {"issues": 1})] * 2
    assert Note.objects.get().text == "It is the proxy."
    assert told(issue.rfh) == ["RFHIssueOpened", "RFHIssueCommented"]
    event = StoredEvent.objects.get(type="RFHIssueCommented")
    assert (event.payload["by"], event.actor_label) == ("farid", "GitHub")


def test_an_edit_that_comes_late_undoes_nothing_and_what_is_deleted_stays_so(
    clock: Clock, github: StandInGitHub
) -> None:
    issue = made(clock)
    first = dict(github.comment(body="One"))
    late = (("Three", 9), ("Two", 5))
    edits = [{**first, "body": text, "updated_at": github.stamp(minutes)} for text, minutes in late]

    send("issue_comment", commented(github, first))
    for edit in edits:
        send("issue_comment", commented(github, edit, "edited"))
    edited = Note.objects.get().text
    send("issue_comment", commented(github, first, "deleted"))
    send("issue_comment", commented(github, first))
    read_all(clock)

    assert edited == "Three"
    assert Note.objects.get().text == "(This comment was deleted.)"
    assert told(issue.rfh)[1:] == ["RFHIssueCommented", "RFHIssueCommentChanged", "RFHIssueCommentChanged"]


def test_closing_and_reopening_name_who_did_it_and_an_old_delivery_undoes_nothing(
    clock: Clock, github: StandInGitHub
) -> None:
    issue = made(clock)
    later(clock, github)
    github.close_issue()
    closed = happened(github, "closed")
    later(clock, github)
    github.close_issue(state="open")

    for delivery in (closed, happened(github, "reopened"), closed, happened(github, "labeled")):
        send("issues", delivery)

    assert told(issue.rfh)[1:] == ["RFHIssueClosed", "RFHIssueReopened"]
    assert StoredEvent.objects.get(type="RFHIssueClosed").payload["by"] == "greta"
    assert Issue.objects.get().state == "open"


def test_our_own_words_are_no_news_but_who_copies_them_is(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    services.resolve(issue.rfh, learned="Proxies cut uploads.", by=make.acting(), now=clock.at)
    say_all(clock)
    [ours] = github.repositories["acme/support"].comments

    send("issue_comment", commented(github, ours))
    send("issue_comment", commented(github, {**ours, "body": "Somebody edited ours"}, "edited"))
    send("issue_comment", commented(github, github.comment(body=ours["body"], by="mallory")))

    assert [note.by for note in Note.objects.all()] == ["mallory"]


def test_a_delivery_tells_what_a_lost_answer_did_not(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.drop_after_creating()
    make_all(clock)

    send("issues", happened(github, "opened"))

    issue.refresh_from_db()
    assert (issue.making, issue.number) == ("made", 1)
    assert told(issue.rfh) == ["RFHIssueDelayed", "RFHIssueOpened"]


def test_a_mark_in_another_repository_makes_nothing_ours(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.issue("acme/product", body=f"Mine\n\n<!-- supportops:{issue.key} -->")

    send("issues", happened(github, "opened", repository="acme/product"))

    issue.refresh_from_db()
    assert issue.making == "wanted"


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [
        (b"{}", "", 401),
        (b"{}", "sha256=" + "0" * 64, 401),
        (b"{}", "sha256=\xff", 401),
        (b"{", None, 400),
        (b"[]", None, 400),
        (b"{}", None, 400),
        (b'{"action": "closed", "repository": {"full_name": "acme/support"}, "issue": []}', None, 400),
        (b"x" * 1_048_577, None, 413),
    ],
)
def test_what_is_not_signed_not_understood_or_too_long_is_refused(
    github: StandInGitHub, body: bytes, signature: str | None, status: int
) -> None:
    assert send("issues", body, signature=signature)[0] == status


def test_without_a_secret_nothing_is_believed(github: StandInGitHub, settings: Any) -> None:
    settings.GITHUB_WEBHOOK_SECRET = ""

    assert send("ping", b"{}", signature=sign("", b"{}"))[0] == 503


def test_what_is_about_nothing_of_ours_is_heard_and_forgotten(clock: Clock, github: StandInGitHub) -> None:
    made(clock)
    github.issue()
    other = happened(github, "closed", number=2)

    answers = [send("ping", b"{}"), send("issues", other), send("push", {"ref": "main"})]

    assert answers == [(200, {"issues": 0})] * 3


def test_a_comment_is_not_in_the_log(clock: Clock, github: StandInGitHub, caplog: pytest.LogCaptureFixture) -> None:
    made(clock)
    caplog.set_level(logging.DEBUG)

    send("issue_comment", commented(github, github.comment(body="SECRET-COMMENT")))
    send("issue_comment", {"action": "created", "comment": {"body": "SECRET-COMMENT"}})

    assert Note.objects.count() == 1
    assert "SECRET-COMMENT" not in caplog.text
