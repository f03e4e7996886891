"""A mail that pages, a link that acknowledges, the API, and the admin's pages."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.pages import links, services
from apps.pages.models import Page
from supportops import roles
from tests import make
from tests.api.conftest import bearing, client  # noqa: F401
from tests.pages.duty import MINUTE, by, fresh, sweep, the_set

pytestmark = pytest.mark.django_db

SECRET = "mail-s3cret"
MAIL = "/pages/mail/set/"
POSTMARK = {
    "From": "support@example.com",
    "Subject": "Login down",
    "TextBody": "Nobody can sign in.",
    "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817",
    "Headers": [{"Name": "Message-ID", "Value": "<one@mail.example.com>"}],
}


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.PAGES_MAIL_SECRET = SECRET
    the_set()


def mail(body: Any, *, address: str = MAIL, secret: str = SECRET, **options: Any) -> Any:
    headers = {"X-SupportOps-Secret": secret} if secret else {}
    if isinstance(body, dict) and "content_type" not in options:
        options["content_type"] = "application/json"
        body = json.dumps(body)
    return Client().post(address, body, headers=headers, **options)


def test_a_mail_as_postmark_posts_it_pages_the_team_once_however_often_it_comes() -> None:
    statuses = [mail(POSTMARK).status_code, mail({**POSTMARK, "MessageID": "another"}).status_code]

    page = Page.objects.get()
    assert statuses == [201, 200]
    assert (page.subject, page.message, page.opened_by, page.origin, page.urgency) == (
        "Login down",
        "Nobody can sign in.",
        "support@example.com",
        "mail",
        "high",
    )


def test_a_mail_as_sendgrid_posts_it_pages_the_team_once() -> None:
    form = {
        "from": "Support <support@example.com>",
        "subject": "Login down",
        "text": "Nobody can sign in.",
        "headers": "Received: by mx\nMessage-ID: <two@mail.example.com>\nSubject: Login down\n",
        "attachment1": SimpleUploadedFile("screen.png", b"\x89PNG" * 10),
    }
    password = base64.b64encode(f"mail:{SECRET}".encode()).decode()

    for _ in range(2):
        form["attachment1"] = SimpleUploadedFile("screen.png", b"\x89PNG" * 10)
        response = Client().post(MAIL, form, headers={"Authorization": f"Basic {password}"})

    assert (response.status_code, Page.objects.count()) == (200, 1)
    assert Page.objects.get().key == "mail:set:<two@mail.example.com>"


def test_a_mail_as_mailgun_signs_it_pages_the_team() -> None:
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = hmac.new(SECRET.encode(), f"{stamp}token".encode(), hashlib.sha256).hexdigest()
    form = {
        "from": "support@example.com",
        "subject": "Login down",
        "body-plain": "Nobody can sign in.",
        "Message-Id": "<three@mail.example.com>",
        "timestamp": stamp,
        "token": "token",
        "signature": signature,
    }

    good = Client().post(MAIL, form)
    old = Client().post(MAIL, {**form, "timestamp": "1000000000"})

    assert (good.status_code, old.status_code, Page.objects.count()) == (201, 401, 1)


def test_the_secret_may_stand_in_the_address_and_text_plain_is_read() -> None:
    body = {"from": "a@example.com", "subject": "", "text/plain": "Help"}

    response = mail(body, address=f"{MAIL}?secret={SECRET}", secret="")

    assert (response.status_code, Page.objects.get().message) == (201, "Help")


def test_a_mail_of_html_alone_is_read_without_its_markup() -> None:
    mail({"from": "a@example.com", "subject": "Down", "html": "<style>p{}</style><p>One &amp; two</p><p>three</p>"})

    assert Page.objects.get().message == "One & two\nthree"


@pytest.mark.parametrize(
    ("body", "options", "status", "words"),
    [
        (POSTMARK, {"secret": ""}, 401, "secret is missing"),
        (POSTMARK, {"secret": "wrong"}, 401, "secret is missing"),
        (POSTMARK, {"address": "/pages/mail/nobody/"}, 404, "There is no team"),
        ({"from": "a@example.com"}, {}, 400, "neither a subject nor a text"),
        ("[1]", {"content_type": "application/json"}, 400, "neither a form nor a JSON object"),
        ("{", {"content_type": "application/json"}, 400, "neither a form nor a JSON object"),
        ({"text": "x" * 1_100_000}, {}, 413, "too long"),
    ],
)
def test_a_mail_that_cannot_page_is_refused_with_a_sentence(
    body: Any, options: dict[str, Any], status: int, words: str
) -> None:
    response = mail(body, **options)

    assert (response.status_code, words in response.json()["detail"]) == (status, True)
    assert not Page.objects.exists()


def test_without_a_secret_of_ours_no_mail_is_trusted(settings: Any) -> None:
    settings.PAGES_MAIL_SECRET = ""

    assert mail(POSTMARK, secret="").status_code == 503


# --- the link


def test_a_link_that_is_only_looked_at_acknowledges_nothing(now: datetime) -> None:
    page = make.page(now=timezone.now())
    ana = page.team.members.get(first_name="Ana")

    seen = Client().get(links.path(page.pk, ana.pk))
    Client().head(links.path(page.pk, ana.pk))

    assert "Acknowledge, as Ana" in seen.content.decode()
    assert fresh(page).state == "open"


def test_its_button_acknowledges_once_and_says_so_afterwards(now: datetime) -> None:
    page = make.page(now=timezone.now())
    ana = page.team.members.get(first_name="Ana")
    browser = Client(enforce_csrf_checks=True)
    address = links.path(page.pk, ana.pk)
    browser.get(address)
    token = browser.cookies["csrftoken"].value

    refused = browser.post(address)
    first = browser.post(address, {"csrfmiddlewaretoken": token}).content.decode()
    again = browser.post(address, {"csrfmiddlewaretoken": token}).content.decode()

    assert refused.status_code == 403
    assert "is yours" in first
    assert "There is nothing to do here" in again
    assert fresh(page).owner == ana


def test_the_link_of_somebody_slower_says_who_has_it(now: datetime) -> None:
    page = make.page(now=timezone.now())
    ana, ben = page.team.members.get(first_name="Ana"), page.team.members.get(first_name="Ben")
    services.acknowledge(page, by=by(ben), now=timezone.now())

    seen = Client().post(links.path(page.pk, ana.pk)).content.decode()

    assert "Acknowledged by Ben" in seen
    assert fresh(page).owner == ben


def test_a_link_that_is_not_ours_opens_nothing(now: datetime) -> None:
    page = make.page()
    ana = page.team.members.get(first_name="Ana")
    token = links.path(page.pk, ana.pk)

    response = Client().post(f"{token[:-4]}abc/")

    assert response.status_code == 404
    assert fresh(page).state == "open"


# --- the API


def test_a_page_is_sent_seen_acknowledged_and_resolved_through_the_api(client: APIClient) -> None:  # noqa: F811
    sent = client.post("/api/v1/pages/", {"team": "set", "message": "Down", "urgency": "high", "subject": "Login"})
    one = f"/api/v1/pages/{sent.json()['id']}/"

    steps = [(step["person"], step["role"], step["state"]) for step in sent.json()["steps"]]
    taken = client.post(f"{one}acknowledge/", {"by": "ana@example.com"})
    again = client.post(f"{one}acknowledge/", {})
    over = client.post(f"{one}resolve/")

    assert (sent.status_code, sent.json()["state"]) == (201, "open")
    assert steps == [
        ("ana@example.com", "primary", "waiting"),
        ("ben@example.com", "backup", "waiting"),
        ("lea@example.com", "lead", "waiting"),
    ]
    assert (taken.json()["state"], taken.json()["owner"]) == ("acknowledged", "ana@example.com")
    assert (again.status_code, "acknowledged by Ana" in again.json()["detail"]) == (409, True)
    assert (over.json()["state"], client.get(one).json()["state"]) == ("resolved", "resolved")


def test_the_api_says_who_was_told_and_who_is_next(client: APIClient) -> None:  # noqa: F811
    page = make.page(now=timezone.now())
    sweep(timezone.now())

    steps = client.get(f"/api/v1/pages/{page.pk}/").json()["steps"]
    listed = client.get("/api/v1/pages/?state=open&team=set").json()["results"]

    assert [(step["person"], step["state"]) for step in steps[:2]] == [
        ("ana@example.com", "reached"),
        ("ben@example.com", "waiting"),
    ]
    assert listed[0]["steps"] == steps


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"team": "nobody", "message": "Down"}, "team"),
        ({"team": "set", "message": " "}, "message"),
        ({"team": "set", "message": "Down", "urgency": "panic"}, "urgency"),
        ({"team": "set", "message": "Down", "colour": "red"}, "colour"),
    ],
)
def test_the_api_names_the_field_at_fault(client: APIClient, body: dict[str, str], field: str) -> None:  # noqa: F811
    response = client.post("/api/v1/pages/", body)

    assert (response.status_code, field in response.json()["errors"]) == (400, True)


def test_the_list_costs_the_same_queries_however_many_pages(
    client: APIClient,  # noqa: F811
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(30):
        make.page(now=timezone.now())
    sweep(timezone.now())

    with django_assert_max_num_queries(30):
        assert len(client.get("/api/v1/pages/").json()["results"]) == 30


# --- the admin


def signed_in(role: str, *, name: str = "Viewer") -> Client:
    roles.sync(timezone.now())
    who = make.agent(name)
    who.groups.set([Group.objects.get(name=role)])
    browser = Client()
    browser.force_login(who)
    return browser


def test_an_agent_sends_a_page_in_the_admin() -> None:
    browser = signed_in(roles.AGENT)
    team = Page._meta.get_field("team").related_model.objects.get(slug="set")  # type: ignore[union-attr]

    form = browser.get("/admin/pages/page/add/").content.decode()
    response = browser.post(
        "/admin/pages/page/add/", {"team": team.pk, "urgency": "high", "subject": "Login", "message": "Down"}
    )

    assert "Send the page" in form
    assert "Save and add another" not in form
    page = Page.objects.get()
    assert response.headers["Location"] == f"/admin/pages/page/{page.pk}/change/"
    assert (page.opened_by, page.origin) == ("Viewer", "web")


def test_the_list_shows_open_ones_first_who_is_paged_and_who_is_next() -> None:
    over = make.page("Old and over", now=timezone.now())
    services.resolve(over, by=by(over.team.members.get(first_name="Ana")), now=timezone.now())
    make.page("Nobody can sign in", now=timezone.now() - timedelta(hours=1))
    sweep(timezone.now())

    shown = signed_in(roles.AUDITOR).get("/admin/pages/page/").content.decode()

    assert shown.index("Nobody can sign in") < shown.index("Old and over")
    assert "Ana (primary)" in shown
    assert "backup" in shown


@pytest.mark.parametrize(
    ("role", "may"), [(roles.MANAGER, True), (roles.LEAD, False), (roles.AGENT, False), (roles.AUDITOR, False)]
)
def test_who_was_not_paged_sees_the_page_and_only_a_manager_its_buttons(role: str, may: bool) -> None:
    page = make.page(now=timezone.now())
    browser = signed_in(role)

    shown = browser.get(f"/admin/pages/page/{page.pk}/change/").content.decode()
    browser.post(f"/admin/pages/page/{page.pk}/acknowledge/", {"_form_submitted": "on"})

    assert ("front_hand" in shown) == may
    # A second time below the page's title, where a phone folds the head's buttons away.
    assert shown.count(f'hx-get="/admin/pages/page/{page.pk}/acknowledge/"') >= 2 * may
    assert (f"/admin/pages/page/{page.pk}/acknowledge/" in shown) == may
    assert "Step 2: backup" in shown
    assert (fresh(page).state == "acknowledged") == may


def test_whoever_is_paged_acknowledges_in_the_admin_after_being_asked() -> None:
    page = make.page(now=timezone.now())
    sweep(timezone.now())
    browser = Client()
    ana = page.team.members.get(first_name="Ana")
    roles.sync(timezone.now())
    ana.groups.set([Group.objects.get(name=roles.ENGINEER)])
    browser.force_login(ana)

    asked = browser.get(f"/admin/pages/page/{page.pk}/acknowledge/").content.decode()
    before = fresh(page).state
    browser.post(f"/admin/pages/page/{page.pk}/acknowledge/", {"_form_submitted": "on"})

    assert "Yes, it is mine" in asked
    assert (before, fresh(page).owner) == ("open", ana)


def test_a_manager_makes_a_policy_for_pages_in_the_admin(now: datetime) -> None:
    browser = signed_in(roles.MANAGER)
    form = {
        "name": "SET pages",
        "enabled": "on",
        "position": "",
        "within": "15 min",
        "repeat": "2",
        "tiers-TOTAL_FORMS": "1",
        "tiers-INITIAL_FORMS": "0",
        "tiers-MIN_NUM_FORMS": "0",
        "tiers-MAX_NUM_FORMS": "1000",
        "tiers-0-position": "1",
        "tiers-0-after": "at once",
        "tiers-0-audience_kind": "rotation",
        "tiers-0-role": "primary",
        "_save": "1",
    }

    response = browser.post("/admin/sla/policy/add/?applies_to=page", form)
    make.page(now=now)
    sweep(now + MINUTE)

    assert response.status_code == 302, response.content.decode()[:5000]
    assert make.page(now=now).clocks.get().policy_name == "SET pages"
