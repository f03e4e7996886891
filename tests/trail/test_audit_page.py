"""The audit log as auditors read it, and the page on which managers choose what is on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.people.models import Agent
from apps.tickets import services as tickets
from apps.trail import services as trail
from apps.trail.audit import choosing, linking
from apps.trail.audit.admin import meanings
from apps.trail.context import Actor, acting
from apps.trail.models import AuditType, StoredEvent
from apps.trail.unseen import SEEN
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LIST = "/admin/trail/audittype/"


def signed_in(role: str) -> Client:
    agent = make.agent(role.replace(" ", ""))
    agent.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(Agent.objects.get(pk=agent.pk))
    return client


@pytest.fixture(autouse=True)
def groups(now: datetime) -> None:
    roles.sync(now)


@pytest.fixture
def auditor() -> Client:
    return signed_in(roles.AUDITOR)


@pytest.fixture
def manager() -> Client:
    return signed_in(roles.MANAGER)


def shown(client: Client, address: str = "/trail/audit/", **asked: Any) -> list[str]:
    """The sentences on the page, newest first."""
    return [entry.event.sentence for entry in client.get(address, asked).context["entries"]]


def opened(number: str) -> str:
    return f"Ticket {number} (normal question) was opened through the API"


def put_on_logs() -> None:
    linking.link(list(StoredEvent.objects.filter(type__in=choosing.chosen())))


def test_it_tells_of_chosen_types_alone_newest_first(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    first = make.ticket("1")
    make.ticket("2")
    tickets.change_ticket(first, {"subject": "Else"}, now=now)

    assert shown(auditor) == [opened("2"), opened("1")]


def test_an_entry_says_when_in_which_zone_who_and_links_the_event(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    with acting(actor=Actor(kind="user", id="7", label="Ana")):
        make.ticket("1", customer=make.customer())

    text = auditor.get("/trail/audit/").content.decode()

    event = StoredEvent.objects.get(type="TicketOpened")
    assert f'href="/trail/{event.position}/"' in text
    assert "18 Mar 2026 09:00 UTC" in text or "18 Mar 09:00 UTC" in text
    assert "Ana" in text
    assert 'href="/trail/audit/acme/"' in text


def test_a_customers_log_has_what_was_put_on_it(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    make.ticket("1", customer=make.customer())
    make.ticket("2", customer=make.customer("globex"))
    put_on_logs()

    assert shown(auditor, "/trail/audit/acme/") == [f"{opened('1')} by Acme"]


@pytest.mark.parametrize("said", ["acme", "Acme", "ACME"])
def test_choosing_a_customer_leads_to_their_log_and_keeps_the_rest(auditor: Client, now: datetime, said: str) -> None:
    choosing.choose(["TicketOpened"], now=now)
    make.customer()

    response = auditor.get("/trail/audit/", {"customer": said, "type": "TicketOpened", "since": ""})

    assert response.headers["Location"] == "/trail/audit/acme/?type=TicketOpened"


def test_a_customer_nobody_knows_is_said_beside_the_box(auditor: Client) -> None:
    response = auditor.get("/trail/audit/", {"customer": "<nobody>"})

    assert response.status_code == 400
    assert "No customer is called “&lt;nobody&gt;”" in response.content.decode()
    assert auditor.get("/trail/audit/nobody/").status_code == 404


def test_filters_narrow_by_type_and_period(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened", "TicketChanged"], now=now)
    ticket = make.ticket("1")
    make.ticket("2", now=now + HOUR)
    tickets.change_ticket(ticket, {"subject": "Else"}, now=now + 2 * HOUR)

    assert shown(auditor, type="TicketChanged") == ["Ticket 1 was changed: subject nothing → Else"]
    assert shown(auditor, since="2026-03-18T10:00", until="2026-03-18T11:00") == [opened("2")]
    assert shown(auditor, type="ReplyRecorded") == []


def test_a_person_is_one_in_the_portal_and_in_slack(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    ana = make.agent("Ana", slack_id="U0ANA")
    for number, actor in enumerate((Actor("user", str(ana.pk)), Actor("slack", "U0ANA"), Actor("job", str(ana.pk)))):
        with acting(actor=actor):
            make.ticket(str(number))

    assert shown(auditor, person=str(ana.pk)) == [opened("1"), opened("0")]
    assert shown(auditor, person="job") == [opened("2")]


def test_a_customers_page_leads_to_their_log(auditor: Client) -> None:
    customer = make.customer()

    page = auditor.get(f"/admin/people/customer/{customer.pk}/change/").content.decode()
    link = f"/admin/people/customer/{customer.pk}/audit-log/"

    assert link in page
    assert auditor.get(link).headers["Location"] == "/trail/audit/acme/"
    assert signed_in(roles.ENGINEER).get(link).status_code == 403


@pytest.mark.parametrize(
    ("address", "here"),
    [("/trail/audit/", "Audit log"), (LIST, "Audit log"), ("/trail/", "Trail"), ("/trail/export/", "Trail")],
)
def test_the_menu_says_where_one_is_once(auditor: Client, address: str, here: str) -> None:
    groups = auditor.get(address).context["sidebar_navigation"]

    assert [str(item["title"]) for group in groups for item in group["items"] if item["active"]] == [here]


def test_pages_follow_each_other_without_a_gap(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    for number in range(120):
        make.ticket(str(number))

    seen, address = [], "/trail/audit/?type=TicketOpened"
    while address:
        response = auditor.get(address)
        seen += [entry.event.sentence for entry in response.context["entries"]]
        address = response.context["older"]

    assert seen == [opened(str(number)) for number in reversed(range(120))]


def test_a_place_that_is_none_is_not_found(auditor: Client) -> None:
    assert auditor.get("/trail/audit/", {"before": "now"}).status_code == 404


def test_a_type_taken_off_is_told_of_no_more_though_its_links_stay(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    make.ticket("1", customer=make.customer())
    put_on_logs()

    choosing.hide(["TicketOpened"], now=now)

    assert shown(auditor, "/trail/audit/acme/") == []
    assert trail_of_acme() == 1


def trail_of_acme() -> int:
    return StoredEvent.objects.filter(links__stream="audit:customer:acme").count()


def test_a_type_published_under_a_name_of_its_own_can_be_told_of(auditor: Client, now: datetime) -> None:
    choosing.choose(["VatRateCorrected"], now=now)
    trail.publish("VatRateCorrected", about=["customer:acme"], now=now)

    assert shown(auditor) == ["Vat rate corrected"]


def test_the_log_costs_the_same_however_many_customers_are_in_it(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    make.ticket("1", customer=make.customer("c1"))
    auditor.get("/trail/audit/")
    with CaptureQueriesContext(connection) as few:
        auditor.get("/trail/audit/")
    for number in range(2, 12):
        make.ticket(str(number), customer=make.customer(f"c{number}"))

    with CaptureQueriesContext(connection) as many:
        auditor.get("/trail/audit/")

    assert len(many) == len(few)


def test_an_empty_log_says_why(auditor: Client, manager: Client, now: datetime) -> None:
    assert "A support manager chooses them" in auditor.get("/trail/audit/").content.decode()
    assert "Choose some" in manager.get("/trail/audit/").content.decode()

    choosing.choose(["TicketOpened"], now=now)

    assert "Nothing of the chosen types has happened yet" in auditor.get("/trail/audit/").content.decode()
    assert "Look without the filters" in auditor.get("/trail/audit/?type=TicketOpened").content.decode()


def test_a_log_that_is_still_being_filled_says_so(auditor: Client, now: datetime) -> None:
    make.customer()
    choosing.choose(["TicketOpened"], now=now)

    assert "Past events of “Ticket opened” are still being put on this log (0 %)" in (
        auditor.get("/trail/audit/acme/").content.decode()
    )


@pytest.mark.parametrize(
    ("role", "status"),
    [(roles.AUDITOR, 200), (roles.MANAGER, 200), (roles.LEAD, 200), (roles.AGENT, 200), (roles.ENGINEER, 403)],
)
def test_who_may_read_the_trail_may_read_its_audit_log(role: str, status: int) -> None:
    assert signed_in(role).get("/trail/audit/").status_code == status


def test_a_visitor_is_asked_to_sign_in() -> None:
    assert Client().get("/trail/audit/").headers["Location"].startswith("/admin/login/")


def test_a_manager_chooses_a_type_and_its_past_is_gone_through(manager: Client, now: datetime) -> None:
    response = manager.post(f"{LIST}add/", {"type": "TicketOpened"})

    row = AuditType.objects.get()
    assert response.status_code == 302
    assert (row.type, row.shown, row.filled_at) == ("TicketOpened", True, None)
    created = StoredEvent.objects.get(type="ObjectCreated", payload__model="trail.audittype")
    assert created.sentence == "Audited type “Ticket opened” was created"


def test_a_type_is_chosen_once_and_only_one_there_is(manager: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)

    for name in ("TicketOpened", "NothingOfTheKind", ""):
        assert manager.post(f"{LIST}add/", {"type": name}).status_code == 200

    assert AuditType.objects.count() == 1


def test_turning_a_type_off_and_on_begins_its_past_anew(manager: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    AuditType.objects.update(filled_at=now, seen=7)
    row = AuditType.objects.get()
    page = f"{LIST}{row.pk}/change/"

    manager.post(page, {})
    off = AuditType.objects.get()
    manager.post(page, {"shown": "on"})
    on = AuditType.objects.get()

    assert (off.shown, off.filled_at) == (False, now)
    assert (on.shown, on.filled_at, on.seen) == (True, None, 0)


def test_saving_the_form_leaves_what_a_worker_did_meanwhile(manager: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    row = AuditType.objects.get()
    seen = manager.get(f"{LIST}{row.pk}/change/").context["seen"]
    AuditType.objects.update(filled_at=now, seen=7, position=7)

    manager.post(f"{LIST}{row.pk}/change/", {"shown": "on", SEEN: seen})

    assert AuditType.objects.filter(filled_at=now, seen=7, position=7, shown=True).exists()


def test_the_usual_types_are_chosen_with_one_click(manager: Client) -> None:
    assert "Choose the usual ones" in manager.get(LIST).content.decode()

    response = manager.post(f"{LIST}usual/", follow=True)

    assert set(choosing.chosen()) == set(choosing.USUAL)
    assert "Choose the usual ones" not in response.content.decode()
    assert manager.get(f"{LIST}usual/").status_code == 405


def test_types_are_taken_off_and_put_on_together(manager: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened", "TicketChanged"], now=now)
    rows = list(AuditType.objects.values_list("pk", flat=True))

    manager.post(LIST, {"action": "hide", "_selected_action": rows})
    assert choosing.chosen() == []

    manager.post(LIST, {"action": "show", "_selected_action": rows})
    assert choosing.chosen() == ["TicketChanged", "TicketOpened"]


def test_what_a_type_means_is_said_without_the_names_of_fields() -> None:
    assert [name for name, meaning in meanings().items() if "`" in meaning] == []


@pytest.mark.parametrize("role", [roles.AUDITOR, roles.LEAD, roles.AGENT])
def test_who_is_no_manager_sees_what_is_chosen_and_chooses_nothing(role: str, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    client = signed_in(role)
    row = AuditType.objects.get()

    client.post(LIST, {"action": "hide", "_selected_action": [row.pk]})

    assert client.get(LIST).status_code == 200
    assert client.post(f"{LIST}add/", {"type": "TicketChanged"}).status_code == 403
    assert client.post(f"{LIST}usual/").status_code == 403
    assert choosing.chosen() == ["TicketOpened"]
