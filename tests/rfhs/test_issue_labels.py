"""The labels of an issue follow its request."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from apps.rfhs import services
from apps.rfhs.models import Issue
from apps.rfhs.services import issues
from apps.rfhs.tracking import labelling
from apps.trail.models import StoredEvent
from tests import make
from tests.rfhs.tracked import Clock, later, make_all
from tests.standins.github import StandInGitHub

pytestmark = pytest.mark.django_db


def label_all(clock: Clock) -> int:
    return labelling.label_all(import_string(settings.ISSUE_TRACKER)(), clock=clock, pace=0)


def labels(github: StandInGitHub, number: int = 1) -> list[str]:
    return [each["name"] for each in github.repositories["acme/support"].issues[number]["labels"]]


def test_another_priority_and_team_are_seen_there_and_what_engineers_added_stays(
    clock: Clock, github: StandInGitHub
) -> None:
    rfh = make.filed_rfh(clock.at, customer=make.customer("hooli"))
    make_all(clock)
    assert labels(github) == ["rfh", "customer/hooli", "team/delivery", "cs/p2"]
    github.repositories["acme/support"].issues[1]["labels"].append({"name": "flaky"})

    services.change(rfh, {"priority": "p1", "priority_because": "Down"}, by=make.acting(), now=clock.at)
    services.hand_over(rfh, team=make.heard(make.team("search")), note="Index", by=make.acting(), now=clock.at)
    label_all(clock)

    assert sorted(labels(github)) == ["cs/p1", "customer/hooli", "flaky", "rfh", "team/search"]
    assert label_all(clock) == 0
    assert not StoredEvent.objects.filter(type__contains="Outside").exists()


def test_what_is_not_made_yet_is_made_with_its_new_labels(clock: Clock, github: StandInGitHub) -> None:
    rfh = make.filed_rfh(clock.at)

    services.change(rfh, {"priority": "p1", "priority_because": "Down"}, by=make.acting(), now=clock.at)
    make_all(clock)

    assert labels(github) == ["rfh", "team/delivery", "cs/p1"]
    assert label_all(clock) == 0


@pytest.mark.parametrize("fault", [500, "drop"])
def test_what_fails_is_tried_again(clock: Clock, github: StandInGitHub, fault: object) -> None:
    rfh = make.filed_rfh(clock.at)
    make_all(clock)
    services.change(rfh, {"priority": "p1", "priority_because": "Down"}, by=make.acting(), now=clock.at)
    if fault == "drop":
        github.drop()
    else:
        github.answer_with(500)

    label_all(clock)
    later(clock, github)
    label_all(clock)

    assert labels(github) == ["rfh", "team/delivery", "cs/p1"]


def test_an_issue_that_is_linked_gets_ours(clock: Clock, github: StandInGitHub) -> None:
    github.issue(labels=[{"name": "bug"}])
    rfh = make.rfh(clock.at, kind="defect")
    team = make.heard(make.team("delivery"))

    services.file(rfh, team=team, issue="acme/support#1", by=make.acting(), now=clock.at)
    make_all(clock)
    label_all(clock)

    assert labels(github) == ["bug", "rfh", "team/delivery", "cs/p2"]


def test_the_private_issue_leads_to_its_public_twin(clock: Clock, github: StandInGitHub) -> None:
    rfh = make.filed_rfh(clock.at, kind="defect")
    make_all(clock)

    services.publish(rfh, affects_several=True, by=make.acting(), now=clock.at)
    make_all(clock)

    public = Issue.objects.get(tracker="public")
    [owed] = Issue.objects.get(tracker="private").comments.all()
    assert owed.text == f"Published without what is private: {public.url}"
    assert issues.repositories()["public"] == public.repository
