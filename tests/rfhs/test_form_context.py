"""The guided form's first step: a draft that is saved as it is typed, by one and by two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.rfhs import context, services
from apps.rfhs.errors import IllegalStep
from apps.rfhs.form.merging import merge, seal
from apps.rfhs.models import RFH, Attachment
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make
from tests.rfhs.asking import client_of, in_role, typed

pytestmark = pytest.mark.django_db
NEW = "/rfhs/new/"
SAVE = "/rfhs/form/save/"


@pytest.fixture
def ana(now: datetime) -> Client:
    return client_of(in_role(roles.AGENT, now=now))


def page_of(rfh: RFH) -> str:
    return f"/rfhs/{rfh.pk}/form/context/"


def test_a_tickets_draft_begins_with_what_is_saved_first_and_goes_on_from_there(ana: Client, now: datetime) -> None:
    make.ticket("4711", customer=make.customer(account_url="https://docs.example/acme"))

    looked = ana.get(f"{NEW}?ticket=4711")
    assert not RFH.objects.exists()
    answer = ana.post(NEW, typed(looked) | {"summary": "Move a board", "detail-environment": "9.2", "do": "save"})

    rfh = RFH.objects.get()
    assert answer.url == page_of(rfh)
    assert (rfh.summary, rfh.ticket.number, str(rfh.accountable)) == ("Move a board", "4711", "Ana")
    assert rfh.context == {"environment": "9.2"}
    assert ana.get(f"{NEW}?ticket=4711").url == f"/rfhs/{rfh.pk}/form/"
    page = ana.get(page_of(rfh)).content.decode()
    assert "1 of 6 known" in page
    assert "https://docs.example/acme" in page


def test_what_is_typed_is_saved_without_a_button_and_twice_is_one_draft(ana: Client) -> None:
    data = typed(ana.get(NEW)) | {"summary": "Move a board"}

    first = ana.post(SAVE, data).json()
    again = ana.post(SAVE, data | {"detail-urgency": "Friday"}).json()

    assert first["rfh"] == again["rfh"] == RFH.objects.get().pk
    assert RFH.objects.get().context == {"urgency": "Friday"}
    assert again["missing"] == [name for name in context.NAMES if name != "urgency"]
    assert "Which version do you run" in again["question"]


def test_two_who_write_lose_nothing(ana: Client, now: datetime) -> None:
    rfh = make.rfh(now, description="It fails.")
    mine = typed(ana.get(page_of(rfh)))
    services.change(
        rfh,
        {"description": "It fails at ten.", "context": {"urgency": "Friday"}},
        by=make.acting(name="Ben"),
        now=now,
    )

    answer = ana.post(SAVE, mine | {"description": "It always fails.", "detail-environment": "9.2"})

    assert answer.status_code == 409
    said = answer.json()
    assert said["conflicts"] == {"description": "It fails at ten."}
    assert said["theirs"] == {"detail-urgency": "Friday"}
    rfh.refresh_from_db()
    assert rfh.description == "It fails at ten."
    assert rfh.context == {"environment": "9.2", "urgency": "Friday"}
    # Whoever decides for theirs has read what was there, and is not asked again.
    ana.post(SAVE, mine | {"description": "It always fails.", "was-description": said["was"]["description"]})
    rfh.refresh_from_db()
    assert rfh.description == "It always fails."


def test_without_a_script_theirs_stands_beside_what_was_typed(ana: Client, now: datetime) -> None:
    rfh = make.rfh(now, description="It fails.")
    mine = typed(ana.get(page_of(rfh)))
    services.change(rfh, {"description": "It fails at ten."}, by=make.acting(name="Ben"), now=now)

    shown = ana.post(page_of(rfh), mine | {"description": "It always fails.", "do": "next"})

    assert shown.status_code == 200
    field = shown.context["fields"]["description"]
    assert (field.value, field.theirs) == ("It always fails.", "It fails at ten.")
    ana.post(page_of(rfh), typed(shown) | {"do": "save"})
    rfh.refresh_from_db()
    assert rfh.description == "It always fails."


def test_what_cannot_be_kept_is_refused_beside_its_field_and_the_rest_is_kept(ana: Client) -> None:
    data = typed(ana.get(NEW)) | {
        "summary": "Dark mode",
        "kind": "feature",
        "priority": "p1",
        "ticket": "none",
        "detail-environment": "x" * 20_001,
        "detail-urgency": "Friday",
    }

    shown = ana.post(NEW, data | {"do": "next"})

    rfh = RFH.objects.get()
    assert (rfh.summary, rfh.context) == ("Dark mode", {"urgency": "Friday"})
    assert set(shown.context["errors"]) == {"priority", "ticket", "detail-environment"}
    values = {field.name: field.value for field in [*shown.context["fields"].values(), *shown.context["details"]]}
    assert (values["priority"], values["ticket"], len(values["detail-environment"])) == ("p1", "none", 20_001)


def test_files_come_and_go_and_one_that_is_too_large_costs_nothing_else(ana: Client) -> None:
    log = SimpleUploadedFile("..\\logs/\u202eserver.log", b"refused\n")
    large = SimpleUploadedFile("dump.bin", b"\x00" * (10 * 1024 * 1024 + 1))
    data = typed(ana.get(NEW)) | {"summary": "It crashes", "do": "attach"}

    shown = ana.post(NEW, {**data, "files": [log, large]})

    rfh = RFH.objects.get()
    assert rfh.summary == "It crashes"
    [kept] = rfh.attachments.all()
    assert (kept.name, kept.content_type, kept.size) == ("server.log", "text/plain", 8)
    assert "dump.bin is larger than 10 MB" in shown.content.decode()
    answer = ana.post(page_of(rfh), {"do": f"remove:{kept.pk}"})
    assert answer.url == f"{page_of(rfh)}#files"
    assert not rfh.attachments.exists()
    told = StoredEvent.objects.filter(about__contains=[rfh.stream]).order_by("position")
    assert list(told.values_list("type", flat=True)) == [
        "RFHOpened",
        "FileAttached",
        "FileRemoved",
    ]


def test_a_file_never_runs_as_a_page_of_ours(ana: Client, now: datetime) -> None:
    rfh = make.rfh(now)
    page, _ = services.attach(rfh, name="a.png", content=b"<script>alert(1)</script>", by=make.acting(), now=now)
    image, _ = services.attach(rfh, name="b.html", content=b"\x89PNG\r\n\x1a\n0", by=make.acting(), now=now)

    answers = [ana.get(f"/rfhs/{rfh.pk}/files/{each.pk}/?view") for each in (page, image)]

    assert [answer["Content-Type"] for answer in answers] == ["application/octet-stream", "image/png"]
    assert [answer["Content-Disposition"].split(";")[0] for answer in answers] == ["attachment", "inline"]
    assert all(answer["X-Content-Type-Options"] == "nosniff" for answer in answers)
    assert all("sandbox" in answer["Content-Security-Policy"] for answer in answers)


def test_a_file_stays_once_a_team_was_asked(now: datetime) -> None:
    rfh = make.filed_rfh(now)
    kept, _ = services.attach(rfh, name="a.log", content=b"refused", by=make.acting(), now=now)

    with pytest.raises(IllegalStep) as refusal:
        services.remove_file(rfh, attachment=kept.pk, by=make.acting(), now=now)

    assert "only from draft, asked teammates" in str(refusal.value)


def test_an_event_is_attached_by_its_address_and_by_the_story(ana: Client, now: datetime) -> None:
    make.ticket("4711")
    event = StoredEvent.objects.get(type="TicketOpened")
    looked = ana.get(f"{NEW}?event={event.event_id}")
    assert looked.context["ticket"].number == "4711"

    ana.post(NEW, typed(looked) | {"summary": "Why?", "event": looked.context["event"], "do": "save"})

    rfh = RFH.objects.get()
    assert [row.event for row in rfh.attached_events.all()] == [event.event_id]
    ana.post(page_of(rfh), {"do": f"drop:{event.event_id}"})
    ana.post(page_of(rfh), {"do": "explain", "events": [event.position], "event_question": "Why then?"})
    assert [row.question for row in rfh.attached_events.all()] == ["Why then?"]
    shown = ana.post(page_of(rfh), {"do": "explain", "event": f"https://portal.example/trail/{event.position + 999}/"})
    assert "There is no such event" in shown.content.decode()


def test_similar_answers_are_shown_while_the_summary_is_typed(ana: Client, now: datetime) -> None:
    known = make.filed_rfh(now, summary="Uploads are cut by the proxy")
    services.answer(known, answer="Raise client_max_body_size.", by=make.acting(), now=now)

    said = ana.post(SAVE, typed(ana.get(NEW)) | {"summary": "Why does the proxy cut my uploads?"}).json()

    assert "Raise client_max_body_size." in said["similar_html"]


@pytest.mark.parametrize(
    ("role", "new", "look", "write"),
    [
        (roles.MANAGER, 200, 200, 200),
        (roles.AGENT, 200, 200, 200),
        (roles.LEAD, 200, 200, 403),
        (roles.ENGINEER, 200, 200, 403),
        (roles.AUDITOR, 403, 200, 403),
    ],
)
def test_who_may(role: str, new: int, look: int, write: int, now: datetime) -> None:
    rfh = make.rfh(now)
    client = client_of(in_role(role, "Zoe", now=now))

    data = {"rfh": rfh.pk, "summary": "Mine now"}
    seen = client.get(NEW).status_code, client.get(page_of(rfh)).status_code, client.post(SAVE, data).status_code

    assert seen == (new, look, write)


def test_no_word_for_the_customer_speaks_of_engineering() -> None:
    details = [*context.DETAILS, *context.ALWAYS, *(each for group in context.SYMPTOMS.values() for each in group)]

    said = context.question(details).lower()

    assert all(detail.ask.lower() in said for detail in details)
    for word in ("engineer", "developer", "development", "devs", "r&d", "product team", "ask someone", "escalat"):
        assert word not in said


def test_the_tickets_page_tells_of_its_requests_and_asks_for_more(ana: Client, now: datetime) -> None:
    ticket = make.ticket("4711")
    rfh = make.rfh(now, ticket=ticket)

    page = ana.get(f"/admin/tickets/ticket/{ticket.pk}/change/").content.decode()

    assert f'href="/rfhs/{rfh.pk}/form/"' in page
    assert 'href="/rfhs/new/?ticket=4711"' in page


@pytest.mark.parametrize(
    ("now_there", "typed_here", "expected"),
    [
        ("a", "a", (0, 0, 0)),
        ("a", "b", (1, 0, 0)),
        ("c", "a", (0, 0, 1)),
        ("c", "b", (0, 1, 0)),
        ("c", "c", (0, 0, 0)),
    ],
)
def test_a_field_is_written_unless_somebody_else_did(
    now_there: str, typed_here: str, expected: tuple[int, int, int]
) -> None:
    merged: Any = merge({"summary": now_there}, {"summary": typed_here}, {"summary": seal("a")})

    assert (len(merged.changes), len(merged.conflicts), len(merged.theirs)) == expected


def test_a_log_that_the_team_asks_for_is_attached_on_the_requests_page(now: datetime) -> None:
    rfh, over = make.filed_rfh(now), make.filed_rfh(now, team_of=make.team("search"))
    services.withdraw(over, because="They found it", by=make.acting(), now=now)
    ana, engineer = client_of(in_role(roles.AGENT, now=now)), client_of(in_role(roles.ENGINEER, "Eve", now=now))
    page = f"/admin/rfhs/rfh/{rfh.pk}/change/"

    def send(client: Client, to: RFH, *names: str) -> Any:
        files = [SimpleUploadedFile(name, b"" if name == "empty.log" else b"12:00 stopped") for name in names]
        return client.post(f"/rfhs/{to.pk}/files/", {"files": files}, follow=True)

    assert 'name="files"' in ana.get(page).content.decode()
    assert 'name="files"' not in engineer.get(page).content.decode()
    assert send(engineer, rfh, "server.log").status_code == 403
    sent = send(ana, rfh, "server.log", "empty.log").content.decode()
    assert "1 file is attached." in sent
    assert "empty.log is empty." in sent
    assert "only from draft" in send(ana, over, "late.log").content.decode()
    assert [file.name for file in Attachment.objects.all()] == ["server.log"]
    assert Client().post(f"/rfhs/{rfh.pk}/files/").status_code == 302
