"""Every pattern on a story with a click, and the form it is kept by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.trail.models import Pattern, StoredEvent
from supportops import roles
from tests import make
from tests.make import MINUTE
from tests.trail.reading_room import published, signed_in

pytestmark = pytest.mark.django_db
CHECK = "/trail/patterns/"
ADD = "/admin/trail/pattern/add/"


def pattern(*required: str, **fields: Any) -> Pattern:
    return Pattern.objects.create(required=list(required), **{"name": "Fuse", "advice": "Change it.", **fields})


@pytest.fixture
def reader(now: datetime) -> Client:
    return signed_in(role=roles.AGENT, now=now)


@pytest.fixture
def manager(now: datetime) -> Client:
    return signed_in(role=roles.MANAGER, now=now)


def said(client: Client, stream: str = "4711") -> str:
    return " ".join(client.get(CHECK, {"stream": stream}).content.decode().split())


# --- checking


def test_a_pattern_that_is_found_shows_its_events_and_what_to_do(reader: Client, now: datetime) -> None:
    pattern("FuseBlown", "FuseChanged")
    blown = published("FuseBlown", now=now)
    changed = published("FuseChanged", now=now, at=now + 3 * MINUTE)

    text = said(reader)

    assert "All of it happened, within 3 min." in text
    assert "Change it." in text
    for event in (blown, changed):
        assert f'href="/trail/{event.position}/"' in text


@pytest.mark.parametrize(
    ("happened", "fields", "why"),
    [
        (["FuseBlown"], {}, "Did not happen: Fuse changed."),
        (["FuseChanged", "FuseBlown"], {}, "All of it happened, but not in this order."),
        (["FuseBlown", "Waited", "FuseChanged"], {"within": MINUTE}, "It happened within 2 min at the nearest"),
        (["FuseBlown", "Waited", "FuseChanged"], {"forbidden": ["Waited"]}, "must not have happened did: Waited."),
        (["FuseBlown"], {"required": ["FuseBlown", "FuseBlown"]}, "Did not happen often enough: Fuse blown."),
    ],
)
def test_a_pattern_that_is_not_found_says_what_lacks(
    reader: Client, now: datetime, happened: list[str], fields: dict[str, Any], why: str
) -> None:
    made = pattern("FuseBlown", "FuseChanged")
    Pattern.objects.filter(pk=made.pk).update(**fields)
    for minute, name in enumerate(happened):
        published(name, now=now, at=now + minute * MINUTE)

    text = said(reader)

    assert "Not found" in text
    assert why in text


def test_what_is_found_stands_first_and_what_is_archived_not_at_all(reader: Client, now: datetime) -> None:
    pattern("Missing", name="A")
    pattern("FuseBlown", name="B")
    pattern("FuseBlown", name="C", active=False)
    published("FuseBlown", now=now)

    shown = reader.get(CHECK, {"stream": "4711"}).context["shown"]

    assert [each.checked.pattern.name for each in shown] == ["B", "A"]


def test_any_story_is_checked(reader: Client, now: datetime) -> None:
    pattern("FuseBlown")
    published("FuseBlown", "customer:acme", now=now)

    assert "All of it happened." in said(reader, "customer:acme")


def test_a_story_nobody_wrote_says_so(reader: Client) -> None:
    assert "Nothing has been recorded about ticket:999" in said(reader, "999")


def test_without_any_pattern_it_says_who_can_save_one(reader: Client, manager_client: Client, now: datetime) -> None:
    published("FuseBlown", now=now)

    assert "A support manager can save one" in said(reader)
    assert f'href="{ADD}"' in said(manager_client)


@pytest.fixture
def manager_client(now: datetime) -> Client:
    return signed_in(role=roles.MANAGER, now=now, name="Mara")


def test_only_what_may_be_read_is_looked_at_and_that_is_said(now: datetime) -> None:
    pattern("FuseBlown", "FuseChanged")
    published("FuseBlown", "customer:acme", now=now)
    published("FuseChanged", "customer:acme", "ticket:4711", now=now)
    engineer = signed_in(role=roles.ENGINEER, now=now)

    text = said(engineer, "customer:acme")

    assert "Did not happen: Fuse blown." in text
    assert "1 event of this story you may not read" in text


def test_who_may_read_nothing_is_kept_out() -> None:
    assert signed_in().get(CHECK, {"stream": "4711"}).status_code == 403


def test_checking_costs_the_same_for_many_patterns_and_events(reader: Client, now: datetime) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            reader.get(CHECK, {"stream": "4711"})
        return len(queries)

    pattern("FuseBlown")
    published("FuseBlown", now=now)
    reader.get(CHECK)
    few = cost()
    for number in range(10):
        pattern("FuseBlown", name=str(number))
        published("FuseBlown", now=now)

    assert cost() == few


def test_the_tickets_page_leads_to_checking_comparing_and_telling(reader: Client) -> None:
    ticket = make.ticket("4711")

    page = reader.get(f"/admin/tickets/ticket/{ticket.pk}/change/").content.decode()

    for address in ("patterns", "compare", "customer-copy"):
        assert f'href="/trail/{address}/?stream=ticket%3A4711"' in page


def test_a_customers_page_leads_there_too_and_a_plans_does_not(manager: Client) -> None:
    customer = make.customer()

    page = manager.get(f"/admin/people/customer/{customer.pk}/change/").content.decode()
    plan = manager.get(f"/admin/people/plan/{customer.plan_id}/change/").content.decode()

    for address in ("patterns", "compare", "customer-copy"):
        assert f'href="/trail/{address}/?stream=customer%3Aacme"' in page
        assert f"/trail/{address}/" not in plan


# --- the form


def filled(**fields: Any) -> dict[str, Any]:
    usual = {
        "name": "Fuse",
        "advice": "Change it.",
        "required": ["TicketOpened", "TicketStatusChanged", ""],
        "in_order": "on",
        "within": "2 h",
        "forbidden": ["ReplyRecorded", ""],
        "forbidden_where": "between",
        "active": "on",
        "watched_kind": "ticket",
        "channel": "",
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def test_a_manager_saves_a_pattern_and_it_is_on_the_trail(manager: Client) -> None:
    answer = manager.post(ADD, filled())

    saved = Pattern.objects.get()
    assert answer.status_code == 302
    assert saved.required == ["TicketOpened", "TicketStatusChanged"]
    assert saved.forbidden == ["ReplyRecorded"]
    assert saved.within == timedelta(hours=2)
    assert saved.watched_since is None
    assert StoredEvent.objects.get(type="ObjectCreated", payload__model="trail.pattern").actor_label == "Reader"


def test_the_form_shows_again_what_was_saved(manager: Client) -> None:
    manager.post(ADD, filled())

    page = manager.get(f"/admin/trail/pattern/{Pattern.objects.get().pk}/change/").content.decode()

    assert 'value="TicketStatusChanged"' in page
    assert 'value="2 h"' in page
    assert '<option value="EscalationReached">' in page


def test_saving_it_unchanged_records_nothing(manager: Client) -> None:
    manager.post(ADD, filled())
    before = StoredEvent.objects.count()

    manager.post(f"/admin/trail/pattern/{Pattern.objects.get().pk}/change/", filled())

    assert StoredEvent.objects.count() == before


def test_a_type_is_known_by_its_words_too(manager: Client) -> None:
    manager.post(ADD, filled(required=["ticket  opened", "EscalationReached"], forbidden=["Reply recorded"]))

    saved = Pattern.objects.get()

    assert (saved.required, saved.forbidden) == (["TicketOpened", "EscalationReached"], ["ReplyRecorded"])


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"required": ["", ""]}, "required", "This field is required."),
        ({"required": ["TicketOpend"]}, "required", "Did you mean TicketOpened?"),
        ({"required": ["Nonsense"]}, "required", "“Nonsense” is no type of event here"),
        ({"required": ["PatternMatched"]}, "required", "what the watch itself records"),
        ({"required": ["TicketOpened"] * 13}, "required", "At most 12 types; these are 13."),
        ({"forbidden": ["TicketOpened"]}, "forbidden", "TicketOpened is required above"),
        ({"required": ["TicketOpened"]}, "forbidden_where", "One required event has no between"),
        ({"within": "soon"}, "within", "is not understood"),
        ({"watched_kind": "each ticket"}, "watched_kind", "in one word, such as ticket"),
        ({"channel": "#nowhere"}, "channel", "No Slack channel called “nowhere” is known here"),
        ({"advice": ""}, "advice", "This field is required."),
    ],
)
def test_what_cannot_be_a_pattern_is_refused_beside_the_field(
    manager: Client, fields: dict[str, Any], field: str, message: str
) -> None:
    answer = manager.post(ADD, filled(**fields))

    assert answer.status_code == 200
    assert message in str(answer.context["adminform"].form.errors[field])
    assert not Pattern.objects.exists()


def test_a_type_somebody_published_can_be_looked_for(manager: Client, now: datetime) -> None:
    published("FuseBlown", now=now)

    manager.post(ADD, filled(required=["FuseBlown", "TicketOpened"]))

    assert Pattern.objects.get().required == ["FuseBlown", "TicketOpened"]


@pytest.mark.parametrize("typed", ["#support", "support", "C0SUPPORT", "C024BE91L"])
def test_a_channel_is_told_by_its_name_or_its_id(manager: Client, typed: str) -> None:
    make.channel("C0SUPPORT", "support")

    manager.post(ADD, filled(channel=typed, watch="on"))

    assert Pattern.objects.get().channel == typed.removeprefix("#")


def test_turning_the_watch_on_begins_from_then_and_off_and_on_anew(manager: Client) -> None:
    manager.post(ADD, filled(watch="on"))
    first = Pattern.objects.get()
    page = f"/admin/trail/pattern/{first.pk}/change/"

    manager.post(page, filled(watch="on", advice="Other."))
    kept = Pattern.objects.get().watched_since
    manager.post(page, filled(watch="on", active=None))
    archived = Pattern.objects.get().watched_since
    manager.post(page, filled(watch="on"))
    again = Pattern.objects.get().watched_since

    assert first.watched_since == kept is not None
    assert archived is None
    assert again is not None
    assert again > kept


def test_an_agent_sees_patterns_and_changes_none(reader: Client) -> None:
    made = pattern("TicketOpened")

    assert reader.get("/admin/trail/pattern/").status_code == 200
    assert reader.get(f"/admin/trail/pattern/{made.pk}/change/").status_code == 200
    assert reader.post(f"/admin/trail/pattern/{made.pk}/change/", filled()).status_code == 403
    assert reader.post(ADD, filled()).status_code == 403


def test_the_list_leads_to_checking_a_case(reader: Client) -> None:
    pattern("TicketOpened", "ReplyRecorded", within=timedelta(hours=2), forbidden=["TicketChanged"])

    page = reader.get("/admin/trail/pattern/").content.decode()

    assert "Ticket opened → Reply recorded within 2 h, without Ticket changed" in page
    assert reader.get("/admin/trail/pattern/check/").headers["Location"] == CHECK
