"""What the issue of a request holds, and what keeps it from being public."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.people.models import Contact, Customer
from apps.rfhs import services
from apps.rfhs.errors import BadRFH, PrivateText
from apps.rfhs.models import RFH, Area, AttachedEvent, Attachment, Issue, SubTeam
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def hooli(settings: Any) -> Customer:
    settings.BASE_URL = "https://support.ours.net"
    settings.RFH_PRIVATE_TRACKER, settings.RFH_PUBLIC_TRACKER = "ours/customer", "ours/product"
    settings.RFH_PUBLIC_LINKS = ["https://docs.ours.net/"]
    made = make.customer(
        "hooli",
        email_domains=["hooli.com"],
        stage="prospect",
        account_url="https://docs.google.com/document/d/1AbCdEfGhIjKlMnOp_qrs/edit",
        account_manager=make.agent("Bea"),
    )
    Contact.objects.create(customer=made, name="Jane Appleseed", email="jane@hooli.com")
    return made


def defect(now: datetime, customer: Customer, **fields: Any) -> RFH:
    ticket = make.ticket("4711", customer=customer, subject="Export fails", url="https://desk.ours.net/tickets/4711")
    defaults: dict[str, Any] = {
        "ticket": ticket,
        "kind": "defect",
        "affects_several": True,
        "summary": "The export ends with an error",
        "description": "> It says 500.\nSince 9.2, see #12 of <b>@us</b>",
        "context": {"environment": "9.2 on Kubernetes", "affected": "Jane Appleseed"},
    }
    return make.rfh(now, by=make.acting(make.agent()), **{**defaults, **fields})


def test_the_private_issue_holds_all_we_know(now: datetime, hooli: Customer) -> None:
    rfh = defect(now, hooli, kind="help", priority="p1", priority_because="A prospect")
    file = Attachment.objects.create(
        rfh=rfh, name="log [1].txt", content_type="text/plain", size=2048, sha256="a" * 64, content=b"x", at=now
    )
    event = StoredEvent.objects.get(type="RFHOpened")
    AttachedEvent.objects.create(rfh=rfh, event=event.event_id, question="Why then?", at=now)
    area = Area.objects.create(slug="search", name="Search", team=make.team("search"), label="team/search")
    SubTeam.objects.create(area=area, name="Core", label="team/search-core")

    services.file(
        rfh,
        team=make.heard(make.team("search")),
        area=area,
        sub_team="core",
        skip_teammates_because="Down",
        by=make.acting(),
        now=now,
    )

    issue = Issue.objects.get()
    assert (issue.tracker, issue.making, issue.title) == ("private", "wanted", "The export ends with an error")
    assert issue.labels == ["rfh", "customer/hooli", "team/search-core", "cs/p1"]
    portal = "https://support.ours.net"
    assert issue.body == (
        f"Help · P1 · for Search · [RFH-{rfh.pk}]({portal}/admin/rfhs/rfh/{rfh.pk}/change/)\n\n"
        "> It says 500.\n\nSince 9.2, see #\u200b12 of &lt;b>@\u200bus&lt;/b>\n\n"
        "### Customer's environment\n\n9.2 on Kubernetes\n\n"
        "### Users affected\n\nJane Appleseed\n\n"
        "### Not known yet\n\nSteps to reproduce, What they changed lately, Users not affected, Urgency\n\n"
        f"### Files\n\n- [log \\[1\\].txt]({portal}/rfhs/{rfh.pk}/files/{file.pk}/): text/plain, 2 kB\n\n"
        f"### Please explain\n\n- [RFHOpened]({portal}/trail/{event.position}/): Why then?\n\n"
        "### Customer\n\n- Hooli: plan Enterprise, still in the sales process, account manager Bea\n"
        "- [Account document](https://docs.google.com/document/d/1AbCdEfGhIjKlMnOp_qrs/edit)\n\n"
        "### Ticket\n\n- [Ticket 4711: Export fails](https://desk.ours.net/tickets/4711)\n\n"
        "### Why this priority\n\nA prospect\n\n### Teammates\n\nNot asked: Down\n\n"
        "---\naccountable: Ana · asked by Ana"
    )


def test_a_public_issue_holds_nothing_of_the_customer(now: datetime, hooli: Customer) -> None:
    rfh = defect(now, hooli)

    services.file(rfh, team=make.heard(make.team("delivery")), tracker="public", by=make.acting(), now=now)

    issue = Issue.objects.get()
    assert (issue.tracker, issue.labels) == ("public", ["team/delivery", "cs/p2"])
    assert issue.body == (
        "> It says 500.\n\nSince 9.2, see #\u200b12 of &lt;b>@\u200bus&lt;/b>\n\n"
        "### Customer's environment\n\n9.2 on Kubernetes\n\nSeveral customers are affected."
    )


@pytest.mark.parametrize(
    ("fields", "texts", "where"),
    [
        ({"summary": "The export fails at Hooli"}, {}, ("summary", "Hooli")),
        ({"description": "See ticket 4711."}, {}, ("description", "4711")),
        ({"context": {"environment": "https://git.hooli.com"}}, {}, ("context.environment", "hooli.com")),
        ({"description": "[private]They pay late[/private]"}, {}, ("description", "[private]They pay late[/private]")),
        ({"context": {"urgency": "[private]They may leave us[/private]"}}, {"body": "They may leave us"},
         ("body", "They may leave us")),
        ({}, {"title": "Jane Appleseed's export"}, ("title", "Jane Appleseed")),
        ({}, {"body": "As at H\u043eoli"}, ("body", "H\u043eoli")),
    ],
)  # fmt: skip
def test_what_the_public_must_not_read_is_shown_and_nothing_is_written(
    now: datetime, hooli: Customer, fields: dict[str, Any], texts: dict[str, str], where: tuple[str, str]
) -> None:
    rfh = defect(now, hooli, **fields)

    with pytest.raises(PrivateText) as refusal:
        services.file(rfh, team=make.heard(make.team("delivery")), tracker="public", by=make.acting(), now=now, **texts)

    assert [(place.field, place.text) for place in refusal.value.places] == [where]
    assert where[1] in str(refusal.value)
    assert RFH.objects.get().state == "draft"
    assert not Issue.objects.exists()


def test_another_customer_is_known_by_what_it_is_called_in_short(now: datetime, hooli: Customer) -> None:
    make.customer("initech", name="Initech Software")

    shown = services.preview(defect(now, hooli, description="Initech sees it, too"), tracker="public")

    assert [(place.text, place.why) for place in shown.places] == [("Initech", "the name of another customer")]


@pytest.mark.parametrize(
    ("fields", "lacks"), [({"affects_several": False}, "affects_several"), ({"kind": "help"}, "tracker")]
)
def test_only_a_defect_of_several_customers_is_public(
    now: datetime, hooli: Customer, fields: dict[str, Any], lacks: str
) -> None:
    rfh = defect(now, hooli, **fields)

    with pytest.raises(BadRFH) as refusal:
        services.file(
            rfh,
            team=make.heard(make.team("delivery")),
            tracker="public",
            skip_teammates_because="Down",
            by=make.acting(),
            now=now,
        )

    assert lacks in refusal.value.errors
    assert services.suggested_tracker(rfh) == "private"


def test_what_is_not_engineering_makes_no_issue(now: datetime, hooli: Customer) -> None:
    licences = Area.objects.create(slug="licences", name="Licences", team=make.team("ce"), engineering=False)
    rfh = defect(now, hooli)

    services.file(rfh, team=make.heard(make.team("ce")), area=licences, by=make.acting(), now=now)

    assert not Issue.objects.exists()


def test_an_issue_that_is_there_is_linked_instead(now: datetime, hooli: Customer) -> None:
    rfh = defect(now, hooli)

    services.file(
        rfh,
        team=make.heard(make.team("delivery")),
        issue="https://github.com/ours/product/issues/12",
        by=make.acting(),
        now=now,
    )

    issue = Issue.objects.get()
    assert (issue.tracker, issue.number, issue.making, issue.body) == ("public", 12, "wanted", "")
    assert StoredEvent.objects.get(type="RFHFiled").payload["tracker"] == "public"


def test_the_preview_says_what_would_be_filed_and_proposes_neutral_words(now: datetime, hooli: Customer) -> None:
    rfh = defect(now, hooli, summary="Hooli's export fails")

    public = services.preview(rfh, team=make.team("delivery"))
    private = services.preview(rfh, team=make.heard(make.team("delivery")), tracker="private", body="As it is")

    assert (public.tracker, public.repository, [place.field for place in public.places]) == (
        "public",
        "ours/product",
        ["summary"],
    )
    assert public.proposed_title == "The customer's export fails"
    assert (private.body, private.labels) == ("As it is", ["rfh", "customer/hooli", "team/delivery", "cs/p2"])


def test_a_public_twin_is_published_once_the_check_lets_it(now: datetime, hooli: Customer) -> None:
    rfh = defect(now, hooli, summary="Hooli's export fails", affects_several=False)
    services.file(rfh, team=make.heard(make.team("delivery")), by=make.acting(), now=now)
    private = Issue.objects.get()
    private.making, private.number, private.url = "made", 7, "https://github.com/ours/customer/issues/7"
    private.save()
    with pytest.raises(BadRFH):
        services.publish(rfh, by=make.acting(), now=now)
    with pytest.raises(PrivateText):
        services.publish(rfh, affects_several=True, by=make.acting(), now=now)

    proposed = services.preview(rfh, tracker="public")
    twin = services.publish(
        rfh, title=proposed.proposed_title, body=proposed.proposed_body, affects_several=True, by=make.acting(), now=now
    )

    assert (twin.twin_of, twin.tracker, twin.title) == (private, "public", "The customer's export fails")
    assert twin.body.endswith("\n\nFor us: https://github.com/ours/customer/issues/7")
    assert rfh.affects_several
    with pytest.raises(BadRFH):
        services.publish(rfh, by=make.acting(), now=now)


def test_only_a_filed_defect_is_published(now: datetime, hooli: Customer) -> None:
    draft, question = defect(now, hooli), make.filed_rfh(now, customer=hooli)

    for rfh in (draft, question):
        with pytest.raises(BadRFH):
            services.publish(rfh, affects_several=True, by=make.acting(), now=now)


def test_a_long_text_is_cut_where_it_breaks_nothing(now: datetime, hooli: Customer) -> None:
    logs = "```\n" + "x" * 19_000
    rfh = defect(now, hooli, context=dict.fromkeys(("environment", "urgency", "affected", "not_affected"), logs))

    services.file(rfh, team=make.heard(make.team("delivery")), by=make.acting(), now=now + timedelta(hours=1))

    body = Issue.objects.get().body
    assert len(body) <= 60_000
    assert body.count("```") % 2 == 0
    assert body.endswith("_Cut here: the whole text is in the request._")
