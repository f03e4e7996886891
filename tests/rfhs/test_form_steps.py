"""The guided form from teammates to the filing: what each step keeps, refuses, and leads to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.rfhs import services
from apps.rfhs.form.issue.marking import Part, parts
from apps.rfhs.models import RFH, Area, Note, SubTeam
from apps.rfhs.privacy import Place
from supportops import roles
from tests import make
from tests.rfhs.asking import client_of, in_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def moment() -> datetime:
    """Pages read the real clock."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def ana(now: datetime) -> Client:
    return client_of(in_role(roles.AGENT, now=now))


@pytest.fixture
def deployment() -> Area:
    team = make.heard(make.team("delivery"))
    return Area.objects.create(slug="deployment", name="Deployment", team=team, keywords=["kubernetes"])


def at(rfh: RFH, step: str) -> str:
    return f"/rfhs/{rfh.pk}/form/{step}/"


def said(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def test_the_way_from_a_draft_to_a_filed_request(ana: Client, moment: datetime, deployment: Area) -> None:
    rfh = make.rfh(moment, summary="Pods restart on Kubernetes", customer=make.customer())

    assert ana.post(at(rfh, "teammates"), {"do": "ask"}).url == at(rfh, "teammates")
    Note.objects.create(rfh=rfh, kind=Note.Kind.TEAMMATE, text="Never saw that.", by="Ben", at=moment)
    assert "Never saw that." in said(ana, at(rfh, "teammates"))
    assert ana.post(at(rfh, "teammates"), {"do": "next"}).url == at(rfh, "team")
    assert ">kubernetes<" in said(ana, at(rfh, "team")).lower()
    assert ana.post(at(rfh, "team"), {"choice": "delivery|deployment|"}).url == at(rfh, "issue")
    issue = ana.get(at(rfh, "issue"))
    assert {"rfh", "customer/acme", "cs/p2"} <= set(issue.context["shown"].labels)
    data = {"tracker": "private", "title": issue.context["heading"], "body": issue.context["body"], "do": "next"}
    assert ana.post(at(rfh, "issue"), data).url == at(rfh, "collaborate")
    looked = ana.get(at(rfh, "collaborate"))
    rfh.refresh_from_db()
    assert ana.post(
        at(rfh, "collaborate"), {"timeline": "Tomorrow is fine.", "version": rfh.version, "do": "file"}
    ).url == (f"/admin/rfhs/rfh/{rfh.pk}/change/")

    assert "#delivery" in looked.content.decode()
    rfh.refresh_from_db()
    assert (rfh.state, rfh.team.slug, rfh.area, rfh.proposed_area) == ("filed", "delivery", deployment, deployment)
    assert rfh.timeline == "Tomorrow is fine."
    assert [issue.tracker for issue in rfh.issues.all()] == ["private"]
    assert ana.get(f"/rfhs/{rfh.pk}/form/").url == f"/admin/rfhs/rfh/{rfh.pk}/change/"


def test_moving_on_early_needs_a_reason_and_urgency_is_one(ana: Client, moment: datetime) -> None:
    rfh, asked, defect = make.rfh(moment), make.rfh(moment), make.rfh(moment, kind="defect")
    services.ask_teammates(asked, by=make.acting(), now=moment)

    assert "urgency is a reason" in ana.post(at(rfh, "teammates"), {"do": "next"}).content.decode()
    assert "why you do not wait" in ana.post(at(asked, "teammates"), {"do": "next"}).content.decode()
    reason = ana.get(at(rfh, "teammates")).context["reasons"][0]
    assert ana.post(at(rfh, "teammates"), {"do": "next", "reason": reason}).url == at(rfh, "team")
    assert ana.post(at(defect, "teammates"), {"do": "next"}).url == at(defect, "team")

    rfh.refresh_from_db()
    assert "urgent" in rfh.filing["because"]
    assert "Skipped: a defect" in said(ana, at(defect, "context"))


def test_teammates_who_were_asked_and_not_waited_for_were_asked(ana: Client, moment: datetime) -> None:
    rfh = make.rfh(moment)
    services.ask_teammates(rfh, by=make.acting(), now=moment)

    services.file(
        rfh, team=make.heard(make.team("search")), by=make.acting(), now=moment, skip_teammates_because="Down"
    )

    assert "Asked, and not waited for: Down" in rfh.issues.get().body
    page = said(ana, f"/admin/rfhs/rfh/{rfh.pk}/change/")
    assert "before teammates answered: Down" in page
    assert "without teammates" not in page


def test_solved_by_a_teammate_ends_it(ana: Client, moment: datetime) -> None:
    rfh = make.rfh(moment)
    services.ask_teammates(rfh, by=make.acting(), now=moment)

    refused = ana.post(at(rfh, "teammates"), {"do": "solved", "answered_by": "Ben"})
    ana.post(at(rfh, "teammates"), {"do": "solved", "answered_by": "Ben", "answer": "Raise the limit."})

    assert refused.context["typed"]["answered_by"] == "Ben"
    rfh.refresh_from_db()
    assert (rfh.state, rfh.outcome, rfh.answered_by) == ("resolved", "solved_by_teammate", "Ben")


def test_a_person_decides_and_what_lacks_is_said(ana: Client, moment: datetime, deployment: Area) -> None:
    search = Area.objects.create(
        slug="search", name="Search", team=make.team("search"), keywords=["search"], engineering=True
    )
    SubTeam.objects.create(area=search, name="search-core", about="The index")
    Area.objects.create(
        slug="usage", name="Usage", team=make.team("bizops", kind="support"), keywords=["dau"], engineering=False
    )
    rfh = make.rfh(moment, summary="Search is slow on Kubernetes", kind="defect")

    page = said(ana, at(rfh, "team"))
    unknown = ana.post(at(rfh, "team"), {"choice": "other", "other": "delivery|nowhere|"}).content.decode()
    ana.post(at(rfh, "team"), {"choice": "other", "other": "search|search|search-core"})

    assert 'value="search|search|search-core"' in page
    assert "The index" in page
    assert "Choose who should help." in unknown
    assert "Nobody of them would hear" in said(ana, at(rfh, "team"))
    assert "No Slack channel is known for Search" in said(ana, at(rfh, "collaborate"))
    ana.post(at(rfh, "team"), {"choice": "bizops|usage|"})
    assert "no issue is made" in said(ana, at(rfh, "issue"))


def test_the_public_tracker_shows_what_it_must_not_read(ana: Client, moment: datetime, deployment: Area) -> None:
    rfh = make.rfh(moment, summary="Pods of Acme restart", kind="defect", customer=make.customer())
    ana.post(at(rfh, "team"), {"choice": "delivery|deployment|"})

    alone = ana.post(at(rfh, "issue"), {"tracker": "public", "do": "next"})
    public: dict[str, Any] = {"tracker": "public", "affects_several": "1"}
    refused = ana.post(at(rfh, "issue"), {**public, "do": "next"})

    assert "say so, or file it privately" in alone.content.decode()
    assert alone.context["tracker"] == "public"
    assert "<mark" in refused.content.decode()
    assert ana.post(at(rfh, "issue"), {**public, "do": "neutral"}).status_code == 302
    kept = ana.get(at(rfh, "issue")).context
    assert "Acme" not in kept["heading"]
    words = {"title": kept["heading"], "body": kept["body"]}
    assert ana.post(at(rfh, "issue"), {**public, **words, "do": "next"}).url == at(rfh, "collaborate")


def test_who_looked_at_something_else_does_not_file_it(ana: Client, moment: datetime, deployment: Area) -> None:
    rfh = make.rfh(moment, kind="defect")
    ana.post(at(rfh, "team"), {"choice": "delivery|deployment|"})
    ana.post(at(rfh, "issue"), {"tracker": "private", "do": "next"})
    rfh.refresh_from_db()
    seen = rfh.version
    services.change(rfh, {"summary": "Something else"}, by=make.acting(name="Ben"), now=moment)

    refused = ana.post(at(rfh, "collaborate"), {"version": seen, "timeline": "Today", "do": "file"})

    assert "look again" in refused.content.decode()
    rfh.refresh_from_db()
    assert (rfh.state, rfh.timeline) == ("draft", "Today")


def test_an_auditor_reads_every_step_and_writes_none(moment: datetime) -> None:
    rfh = make.rfh(moment)
    client = client_of(in_role(roles.AUDITOR, "Zoe", now=moment))

    for step in ("context", "teammates", "team", "issue", "collaborate"):
        page = client.get(at(rfh, step))
        assert page.status_code == 200
        assert "and not write on it" in page.content.decode()
        assert 'name="do"' not in page.content.decode()
        assert client.post(at(rfh, step), {"do": "next"}).status_code == 403


def test_places_are_marked_in_the_text() -> None:
    places = [
        Place("body", 4, 8, "Acme", "name", "the customer's name"),
        Place("body", 4, 12, "Acme Inc", "name", "their name"),
    ]

    assert parts("For Acme Inc, today", places) == [
        Part("For "),
        Part("Acme Inc", "their name"),
        Part(", today"),
    ]
