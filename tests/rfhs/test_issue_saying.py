"""What we owe to say on an issue is said once."""

from __future__ import annotations

import pytest

from apps.rfhs import services
from apps.rfhs.models import Issue, IssueComment
from apps.trail.models import StoredEvent
from tests import make
from tests.rfhs.tracked import Clock, later, made, make_all, read_all, say_all, told, wanted
from tests.rotations.threads import in_a_thread
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db
LEARNED = {"learned": "Proxies cut uploads.", "answer": "Raise the limit."}


def bodies(github: StandInGitHub, repository: str = "acme/support") -> list[str]:
    return [each["body"].partition("\n\n<!--")[0] for each in github.repositories[repository].comments]


def test_the_answer_and_what_was_learned_stand_on_the_issue(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)

    services.resolve(issue.rfh, by=make.acting(), now=clock.at, **LEARNED)
    say_all(clock)

    assert bodies(github) == [
        "**Resolved** by Ana; solved by engineering.\n\n**The answer**\n\nRaise the limit.\n\n"
        "**What we learned**\n\nProxies cut uploads."
    ]
    assert told(issue.rfh) == ["RFHIssueOpened", "RFHIssueTold"]
    assert IssueComment.objects.get().url == github.repositories["acme/support"].comments[0]["html_url"]


def test_in_public_nothing_is_said_that_was_written_for_us(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock, tracker="public", labels=[])

    services.hand_over(issue.rfh, team=make.team("core"), note="Acme is angry.", by=make.acting(), now=clock.at)
    services.resolve(issue.rfh, by=make.acting(), now=clock.at, learned="Acme was slow to tell us.")
    services.reopen(issue.rfh, because="Acme says no.", by=make.acting(), now=clock.at)
    services.withdraw(issue.rfh, because="Acme left.", by=make.acting(), now=clock.at)
    say_all(clock)

    assert bodies(github, "acme/product") == [
        "Support's request about this is resolved.",
        "Support's request about this is open again.",
        "Support does not need help with this any more.",
    ]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("Raise the limit.", "defect", "\n\n**The answer**\n\nRaise the limit."),
        ("Raise Acme's limit.", "defect", ""),
        ("Raise the limit.", "question", ""),
    ],
)
def test_an_answer_that_names_nobody_is_said_in_public_where_no_private_issue_holds_it(
    clock: Clock, github: StandInGitHub, answer: str, kind: str, said: str
) -> None:
    rfh = make.filed_rfh(clock.at, customer=make.customer(), kind=kind, affects_several=True)
    Issue.objects.filter(rfh=rfh).update(tracker="public")
    issue = made(clock, rfh, tracker="public", labels=[])

    services.resolve(issue.rfh, answer=answer, learned="We were slow.", by=make.acting(), now=clock.at)
    say_all(clock)

    assert bodies(github, "acme/product") == [f"Support's request about this is resolved.{said}"]


def test_what_became_private_before_it_was_said_in_public_is_not_said(clock: Clock, github: StandInGitHub) -> None:
    rfh = make.filed_rfh(clock.at, kind="defect", affects_several=True)
    Issue.objects.filter(rfh=rfh).update(tracker="public")
    issue = made(clock, rfh, tracker="public", labels=[])
    services.resolve(issue.rfh, answer="Raise Hooli's limit.", learned="Late.", by=make.acting(), now=clock.at)
    make.customer("hooli")

    say_all(clock)

    assert bodies(github, "acme/product") == []
    why = StoredEvent.objects.get(type="RFHIssueUntold").payload["why"]
    assert "would read what is private" in why
    assert "Hooli" not in why


def test_it_is_said_in_order_and_after_the_issue_was_made(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    github.answer_with(500)
    make_all(clock)
    services.hand_over(issue.rfh, team=make.team("core"), note="Look\nat it.", by=make.acting(), now=clock.at)
    services.withdraw(issue.rfh, because="It works now.", by=make.acting(), now=clock.at)
    early = say_all(clock)
    later(clock, github)

    make_all(clock)
    github.answer_with(502)
    say_all(clock)
    later(clock, github)
    say_all(clock)

    assert early == 0
    assert bodies(github) == [
        "**Handed over** from Delivery to Core by Ana.\n\n> Look\n> at it.",
        "**Withdrawn** by Ana: support does not need help with this any more.\n\n> It works now.",
    ]


def test_what_was_withdrawn_before_anybody_tried_makes_no_issue(clock: Clock, github: StandInGitHub) -> None:
    issue = wanted(clock.at)
    services.withdraw(issue.rfh, because="It works now.", by=make.acting(), now=clock.at)

    make_all(clock)
    say_all(clock)

    assert github.heard == []


def test_a_comment_whose_answer_was_lost_is_found_again_and_is_no_news(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    services.resolve(issue.rfh, by=make.acting(), now=clock.at, **LEARNED)
    github.drop_after_creating()

    say_all(clock)
    read_all(clock)
    later(clock, github)
    say_all(clock)
    read_all(clock)

    assert len(bodies(github)) == 1
    assert told(issue.rfh) == ["RFHIssueOpened", "RFHIssueTold"]
    assert not issue.rfh.notes.exists()


def test_what_cannot_be_said_is_told_and_holds_up_nothing(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    services.hand_over(issue.rfh, team=make.team("core"), note="Look.", by=make.acting(), now=clock.at)
    services.withdraw(issue.rfh, because="It works now.", by=make.acting(), now=clock.at)
    github.answer_with(403, {"message": "Unable to create comment because issue is locked."})

    say_all(clock)

    assert len(bodies(github)) == 1
    assert "issue is locked" in StoredEvent.objects.get(type="RFHIssueUntold").payload["why"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_say_it_once(clock: Clock, github: StandInGitHub) -> None:
    issue = made(clock)
    services.resolve(issue.rfh, by=make.acting(), now=clock.at, **LEARNED)
    found: list[object] = []

    def another() -> None:
        thread, results = in_a_thread(lambda: say_all(clock))
        thread.join(5)
        found.extend(results)

    github.while_creating(another)

    assert (say_all(clock), found) == (1, [0])
    assert len(bodies(github)) == 1
