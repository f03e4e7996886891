"""Who subscribes says so twice, hears each public word once, and leaves with a click."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from apps.incidents import services as incidents
from apps.incidents.services import maintenance
from apps.statuspage.models import Delivery, Subscriber
from apps.statuspage.subscribing import announcing, delivering, links, services
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE, NOW
from tests.rotations.threads import in_a_thread
from tests.standins.server import Heard, LoopbackServer, Say

pytestmark = pytest.mark.django_db
FORM = "/status/subscribe/"
DAY = timedelta(days=1)


def real() -> datetime:
    """The pages' own clock."""
    return datetime.now(UTC)


class Endpoint(LoopbackServer):
    """A subscriber's program; `says` is what it answers."""

    def __init__(self) -> None:
        self.says = Say(204)
        self.heard: list[Heard] = []
        super().__init__()

    def hear(self, heard: Heard) -> Say:
        self.heard.append(heard)
        return self.says


@pytest.fixture
def endpoint(settings: Any) -> Iterator[Endpoint]:
    with Endpoint() as server:
        settings.WEBHOOK_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
        yield server


@pytest.fixture(autouse=True)
def mails(settings: Any) -> None:
    settings.EMAIL_IS_SET_UP = True
    settings.BASE_URL = "https://status.example.com"


@pytest.fixture
def reader() -> Client:
    return Client(enforce_csrf_checks=True)


def run(now: datetime = NOW) -> None:
    announcing.announce(now=now)
    delivering.deliver(clock=lambda: now, until=now + MINUTE)


def ask(reader: Client, **fields: Any) -> Any:
    page = reader.get(FORM).content.decode()
    [stamp] = re.findall(r'name="stamp" value="([^"]+)"', page)
    return reader.post(FORM, {"kind": "email", "email": "rita@example.org", "stamp": stamp, **fields})


def subscribed(email: str = "rita@example.org", *components: str, url: str = "") -> Subscriber:
    row = services.subscribe(
        "webhook" if url else "email", email=email, url=url, components=components, now=NOW, by="Ana" if url else ""
    )
    if not url:
        services.confirm(row, now=NOW)
        row.deliveries.all().delete()
    row.refresh_from_db()
    return row


def link_in(text: str) -> str:
    found = re.search(r"https://status\.example\.com(/status/subscribe/\S+)", text)
    assert found
    return found[1]


def test_an_email_is_asked_first_and_hears_only_after_saying_yes(reader: Client) -> None:
    answer = ask(reader)
    incident = make.incident(public_text="We look into it.")
    run(real())

    [letter] = mail.outbox
    assert "Look into your mailbox" in answer.content.decode()
    assert (letter.to, "Do you want" in letter.subject) == (["rita@example.org"], True)

    address = link_in(letter.body)
    reader.get(address)
    assert Subscriber.objects.get().confirmed_at is None
    reader.post(address)
    incidents.post_update(incident, by=make.acting(), now=real(), public_text="It is mended.", internal_note="canary")
    run(real())

    said = mail.outbox[-1]
    assert len(mail.outbox) == 2
    assert "It is mended." in said.body
    assert "We look into it." not in said.body
    assert "canary" not in str(said.message())
    assert not reader.cookies


def test_one_click_leaves_and_nothing_is_kept(reader: Client) -> None:
    subscribed()
    make.incident(public_text="We look.")
    run()
    headers = mail.outbox[0].extra_headers

    reader.get(link_in(headers["List-Unsubscribe"].strip("<>")))
    assert Subscriber.objects.exists()
    answer = reader.post(link_in(headers["List-Unsubscribe"].strip("<>")), {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, headers["List-Unsubscribe-Post"]) == (200, "List-Unsubscribe=One-Click")
    assert not Subscriber.objects.exists()
    assert "rita" not in str(list(StoredEvent.objects.values_list("payload", flat=True)))


def test_who_has_it_already_is_told_by_email_and_nobody_learns_it_on_the_page(reader: Client) -> None:
    fresh = ask(reader, email="new@example.org").content
    subscribed()

    again = [ask(reader, email="RITA@example.org").content for _ in range(2)]
    run(real())

    assert again == [fresh, fresh]
    assert [each.subject for each in mail.outbox if each.to == ["rita@example.org"]] == [
        "[SupportOps] You are subscribed already"
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "rita"}, "no email address"),
        ({"kind": "webhook", "url": "ftp://example.org"}, "begins with https://"),
        ({"kind": "webhook", "url": "http://example.org/hook"}, "not encrypted"),
        ({"kind": "webhook", "url": "https://me:secret@example.org/"}, "Leave name and password out"),
        ({"component": "hidden"}, "not there any more"),
        ({"component": "\x00"}, "not there any more"),
        ({"stamp": "old"}, "open for too long"),
    ],
)
def test_bad_input_is_refused_beside_the_field_and_loses_nothing(
    reader: Client, fields: dict[str, str], sentence: str
) -> None:
    answer = ask(reader, **fields)

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert fields.get("email", "rita@example.org") in answer.content.decode()
    assert not Subscriber.objects.exists()


def test_a_program_that_fills_in_everything_learns_nothing(reader: Client) -> None:
    assert ask(reader, website="https://spam.example").status_code == 200
    assert not Subscriber.objects.exists()


def test_who_chose_components_hears_of_those_alone(reader: Client) -> None:
    api, other = make.component("api"), make.component("other")
    hidden = make.component("hidden", public=False)
    subscribed("api@example.org", api.public_id)
    subscribed("other@example.org", other.public_id)
    subscribed("all@example.org")

    make.incident(public_text="We look.", components=[{"slug": "api"}, {"slug": "hidden"}])
    run()

    assert {each.to[0] for each in mail.outbox} == {"api@example.org", "all@example.org"}
    assert hidden.name not in mail.outbox[0].body


def test_a_webhook_gets_statuspages_shape_signed(endpoint: Endpoint) -> None:
    make.component("api")
    row = subscribed(url=f"{endpoint.address}/hook")
    make.incident(
        public_text="We look.", components=[{"slug": "api", "status": "major_outage"}], internal_note="canary"
    )
    run()
    run()

    first, second = endpoint.heard
    said, moved = json.loads(first.body), json.loads(second.body)
    headers = {name.lower(): value for name, value in first.headers.items()}
    signed = headers["x-supportops-timestamp"].encode() + b"." + first.body
    expected = hmac.new(links.secret_of(row).encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-supportops-signature"] == f"sha256={expected}"
    assert set(said) == {"meta", "page", "incident"}
    assert set(said["meta"]) == {"unsubscribe", "documentation", "generated_at"}
    assert said["page"]["status_indicator"] == "critical"
    assert said["incident"]["incident_updates"][0]["body"] == "We look."
    assert set(moved) == {"meta", "page", "component", "component_update"}
    assert (moved["component_update"]["old_status"], moved["component_update"]["new_status"]) == (
        "operational",
        "major_outage",
    )
    assert b"canary" not in first.body + second.body


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (Say(500), "status 500"),
        (Say(302, headers={"Location": "http://127.0.0.1:1/"}), "redirects"),
        (Say(drop=True), "could not be reached"),
        (Say(drip=0.05, body=b"x" * 100, drip_head=True), "did not answer within"),
    ],
    ids=["fails", "redirects", "hangs up", "hangs"],
)
def test_an_endpoint_that_does_not_take_it_is_tried_again_in_order(
    endpoint: Endpoint, settings: Any, says: Say, why: str
) -> None:
    settings.WEBHOOK_TIMEOUT = 0.2
    row = subscribed(url=f"{endpoint.address}/hook")
    incident = make.incident(public_text="We look.")
    endpoint.says = says
    run()
    incidents.post_update(incident, by=make.acting(), now=NOW, public_text="Mended.")
    run()
    row.refresh_from_db()
    tried = len(endpoint.heard)
    assert (tried, row.failing_since) == (1, NOW)
    assert why in row.trouble

    endpoint.says = Say(200)
    run(NOW + MINUTE)

    bodies = [json.loads(each.body)["incident"]["incident_updates"][0]["body"] for each in endpoint.heard[tried:]]
    row.refresh_from_db()
    assert (bodies, row.failing_since) == (["We look.", "Mended."], None)


def test_what_failed_for_a_day_is_disabled_with_notice_and_can_be_mended(endpoint: Endpoint, reader: Client) -> None:
    row = subscribed("rita@example.org", url=f"{endpoint.address}/hook")
    make.incident(public_text="We look.")
    endpoint.says = Say(503)
    now, ends = NOW, NOW + DAY + MINUTE
    while now <= ends:
        run(now)
        waiting = Delivery.objects.filter(state="waiting").order_by("ready_at").first()
        now = waiting.ready_at if waiting and waiting.ready_at > now else now + DAY
    run(ends)

    row.refresh_from_db()
    [letter] = mail.outbox
    assert (row.disabled_at, len(endpoint.heard) > 8) == (NOW + DAY, True)
    assert ("disabled" in letter.subject, "status 503" in letter.body) == (True, True)
    assert StoredEvent.objects.filter(type="SubscriberDisabled").count() == 1

    make.incident(public_text="Another.", now=ends)
    run(ends)
    tried = len(endpoint.heard)
    reader.post(link_in(letter.body), {"step": "enable"})
    endpoint.says = Say(200)
    make.incident(public_text="A third.", now=ends)
    run(ends)
    assert [json.loads(each.body)["incident"]["incident_updates"][0]["body"] for each in endpoint.heard[tried:]] == [
        "A third."
    ]


def test_an_address_inside_our_own_network_is_not_called(endpoint: Endpoint, settings: Any) -> None:
    row = subscribed(url=f"{endpoint.address}/hook")
    settings.WEBHOOK_PRIVATE_HOSTS = []
    make.incident(public_text="We look.")
    run()

    row.refresh_from_db()
    assert (endpoint.heard, "private network" in row.trouble) == ([], True)


def test_what_was_unpublished_meanwhile_is_not_told(endpoint: Endpoint) -> None:
    subscribed(url=f"{endpoint.address}/hook")
    incident = make.incident(public_text="We look.")
    endpoint.says = Say(500)
    run()
    incidents.unpublish(incident, because="A mistake", by=make.acting(), now=NOW)
    endpoint.says = Say(200)
    run(NOW + MINUTE)

    assert len(endpoint.heard) == 1
    assert Delivery.objects.get().state == "outdated"


def test_what_an_endpoint_did_not_take_is_told_as_the_public_may_know_it_by_then(endpoint: Endpoint) -> None:
    subscribed(url=f"{endpoint.address}/hook")
    secret = make.component("secret", name="Nautilus")
    incident = make.incident("Acme lost it", public_text="Acme is down.", components=[{"slug": "secret"}])
    endpoint.says = Say(500)
    run()
    before = len(endpoint.heard)
    incidents.edit_update(incident.updates.get(), public_text="We look.", by=make.acting(), now=NOW)
    incidents.save_component(secret, public=False, now=NOW)
    run()
    incidents.change(incident, {"title": "Saving fails"}, by=make.acting(), now=NOW)
    endpoint.says = Say(200)
    run(NOW + MINUTE)

    [heard] = endpoint.heard[before:]
    assert b"We look." in heard.body
    assert not [word for word in (b"Acme", b"Nautilus", b"component_update") if word in heard.body]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["outdated", "sent"]


def test_what_was_taken_back_is_not_told_once_other_words_are_published(endpoint: Endpoint) -> None:
    subscribed(url=f"{endpoint.address}/hook")
    incident = make.incident(public_text="Acme is down.")
    endpoint.says = Say(500)
    run()
    incidents.unpublish(incident, because="It names a customer", by=make.acting(), now=NOW)
    incidents.publish(incident, public_text="We look.", by=make.acting(), now=NOW)
    endpoint.says = Say(200)
    run(NOW + MINUTE)
    run(NOW + 2 * MINUTE)

    assert b"Acme" not in b"".join(each.body for each in endpoint.heard[1:])
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["outdated", "sent"]


def test_what_waits_for_approval_or_is_invalid_is_told_to_nobody() -> None:
    subscribed()
    waits = make.incident(by=make.acting(make.agent()), public_text="We look.")
    run()
    incidents.mark_invalid(waits, because="None", by=make.acting(), now=NOW)
    run()

    assert mail.outbox == []


def test_subscribers_hear_of_maintenance_when_planned_before_it_begins_and_when_it_is_called_off() -> None:
    make.component("api")
    make.component("hidden", public=False)
    subscribed()
    plan: dict[str, Any] = {"starts_at": NOW + 2 * DAY, "ends_at": NOW + 3 * DAY, "by": make.acting(), "now": NOW}
    row = maintenance.plan(title="Disks", components=["api"], internal_note="canary", **plan)
    maintenance.plan(title="Secret", components=["hidden"], **plan)
    maintenance.plan(title="Quiet", public=False, **plan)
    run()
    maintenance.follow_plan(row.pk, by=make.acting(), now=NOW + DAY)
    run(NOW + DAY)
    maintenance.cancel(row, because="canary", by=make.acting(), now=NOW + DAY)
    run(NOW + DAY)

    assert [each.subject for each in mail.outbox] == [
        "[SupportOps] Planned maintenance: Disks",
        "[SupportOps] Maintenance begins soon: Disks",
        "[SupportOps] Maintenance cancelled: Disks",
    ]
    assert "canary" not in "".join(each.body for each in mail.outbox)


def test_what_people_wrote_is_harmless_in_an_email() -> None:
    subscribed()
    make.incident("<img src=x onerror=alert(1)>\nBcc: all", public_text="**Bold** <script>alert(1)</script>")
    run()

    [letter] = mail.outbox
    [(html, kind)] = letter.alternatives  # type: ignore[attr-defined]
    assert (kind, "<strong>Bold</strong>" in html, "\n" in letter.subject) == ("text/html", True, False)
    assert "<img" not in html
    assert "<script" not in html


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_never_take_the_same_message_nor_two_of_one_subscriber() -> None:
    for name in ("rita", "olga"):
        subscribed(f"{name}@example.org")
    for text in ("One.", "Two."):
        make.incident(public_text=text)
    announcing.announce(now=NOW)

    with transaction.atomic():
        first = delivering.claim(now=NOW, most=1)
        thread, found = in_a_thread(lambda: delivering.claim(now=NOW))
        thread.join()

    [second] = found
    assert {each.subscriber_id for each in first} | {each.subscriber_id for each in second} == set(
        Subscriber.objects.values_list("pk", flat=True)
    )
    assert (len(first), len(second), delivering.claim(now=NOW)) == (1, 1, [])


def test_without_a_mail_server_emails_wait(settings: Any) -> None:
    subscribed()
    settings.EMAIL_IS_SET_UP = False
    make.incident(public_text="We look.")
    run()

    assert Delivery.objects.get().state == "waiting"
