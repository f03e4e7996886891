"""What follows in the tracker from what happens to a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from apps.rfhs.confidential import private_of
from apps.rfhs.events import RFHChanged, RFHFiled, RFHHandedOver, RFHReopened, RFHRerouted, RFHResolved, RFHWithdrawn
from apps.rfhs.models import RFH, Issue
from apps.rfhs.privacy import Check
from apps.rfhs.selectors import RELATED
from apps.rfhs.services import issues
from apps.rfhs.services.filing import tell_the_private_one
from apps.rfhs.services.issue_comments import say
from apps.rfhs.services.issue_labels import follow, label_what_was_linked
from apps.rfhs.tracking import words
from apps.rfhs.tracking.events import RFHIssueOpened
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, on


@on(RFHFiled)
def have_its_issue_made(entries: Sequence[Recorded[RFHFiled]]) -> None:
    """At once, and not only with the next minute: the team waits for the link."""
    if any(entry.event.tracker for entry in entries):
        enqueue(issues.MAKE)


@on(RFHResolved)
def write_down_what_was_learned(entries: Sequence[Recorded[RFHResolved]]) -> None:
    """Whoever finds the issue finds the answer."""
    for entry in entries:
        told = entry.event
        _tell(
            entry,
            partial(
                words.resolved,
                by=told.by,
                solved_by=told.solved_by,
                answer=told.answer,
                learned=told.learned,
                openly=_openly(told.rfh, told.answer),
            ),
        )


@on(RFHHandedOver)
def say_whose_it_is(entries: Sequence[Recorded[RFHHandedOver]]) -> None:
    """Who reads the issue knows the team that has it."""
    for entry in entries:
        told = entry.event
        _tell(
            entry,
            partial(words.handed_over, by=told.by, source=told.from_team_name, to=told.team_name, note=told.note),
        )


@on(RFHRerouted)
def say_who_plans_it(entries: Sequence[Recorded[RFHRerouted]]) -> None:
    """Support's part ends here."""
    for entry in entries:
        told = entry.event
        _tell(entry, partial(words.rerouted, by=told.by, to=told.to, note=told.note))


@on(RFHWithdrawn)
def say_that_it_is_not_needed(entries: Sequence[Recorded[RFHWithdrawn]]) -> None:
    """Nobody works for nothing."""
    for entry in entries:
        told = entry.event
        _tell(entry, partial(words.withdrawn, by=told.by, because=told.because))


@on(RFHReopened)
def say_that_it_is_not_over(entries: Sequence[Recorded[RFHReopened]]) -> None:
    """The issue may be closed; the request is not."""
    for entry in entries:
        told = entry.event
        _tell(entry, partial(words.reopened, by=told.by, because=told.because))


def _openly(number: int, answer: str) -> str:
    """The answer, where the public issue is the only one that could hold it and it tells nothing of a customer.

    Only of what may be filed publicly: nobody decided that anybody reads the answer to a customer's question.
    """
    trackers = set(Issue.objects.filter(rfh=number).values_list("tracker", flat=True))
    if trackers != {Issue.Tracker.PUBLIC} or not answer.strip():
        return ""
    rfh = RFH.objects.select_related(*RELATED).get(pk=number)
    if rfh.kind != RFH.Kind.DEFECT or not rfh.affects_several:
        return ""
    return "" if Check(private_of(rfh)).text(answer) else answer


def _tell(entry: Recorded[Any], text: Callable[..., str]) -> None:
    for issue in Issue.objects.filter(rfh=entry.event.rfh):
        if said := text(public=issue.tracker == Issue.Tracker.PUBLIC):
            say(issue, said, now=entry.occurred_at)


@on(RFHChanged, RFHHandedOver)
def have_its_labels_follow(entries: Sequence[Recorded[RFHChanged | RFHHandedOver]]) -> None:
    """Whoever filters issues by team or priority finds what has it now."""
    for entry in entries:
        follow(entry.event.rfh, now=entry.occurred_at)


@on(RFHIssueOpened)
def label_what_was_there_before(entries: Sequence[Recorded[RFHIssueOpened]]) -> None:
    """An issue that is linked is found by the same labels."""
    for entry in entries:
        if entry.event.linked:
            label_what_was_linked(entry.event.rfh, now=entry.occurred_at)


@on(RFHIssueOpened)
def link_the_private_issue_to_its_twin(entries: Sequence[Recorded[RFHIssueOpened]]) -> None:
    """Whoever follows the private issue finds the public one."""
    for entry in entries:
        if entry.event.tracker == "public":
            tell_the_private_one(entry.event.rfh, url=entry.event.url, now=entry.occurred_at)
