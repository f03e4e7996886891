"""What customers are told: nothing but the sentences of the allow-list."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from apps.dashboard.moments import letters
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail import payloads
from apps.trail import services as trail
from apps.trail.events import Event, types
from apps.trail.managed import saving
from apps.trail.models import StoredEvent, ToldType
from apps.trail.telling import services
from apps.trail.telling.composing import Told, compose
from apps.trail.telling.services import NotForCustomers
from apps.trail.telling.wordings import told, wordings
from supportops import roles
from tests import make
from tests.make import MINUTE
from tests.trail.reading_room import published, signed_in

COPY = "/trail/customer-copy/"
OURS = sorted((cls for cls in types().values() if cls.__module__.startswith("apps.")), key=lambda cls: cls.__name__)
# All that a customer may read of an event, besides its time.
MAY_BE_READ = {
    ("TicketOpened", "number"),
    ("TicketOpened", "subject"),
    ("TicketChanged", "number"),
    ("TicketStatusChanged", "number"),
    ("ReplyRecorded", "number"),
}


def canary(cls: type[Event], field: str, hint: Any) -> Any:
    """A value that can be found again wherever it gets to."""
    word = f"CANARY-{cls.__name__}-{field}-"
    origin = getattr(hint, "__origin__", hint)
    args = [arg for arg in getattr(hint, "__args__", ()) if arg is not type(None)]
    if origin is list:
        return [canary(cls, field, args[0])]
    if origin is dict:
        return {"severity": [word, word], word: word}
    if origin in (str, Any):
        return word
    if origin is datetime:
        return datetime(2031, 7, 7, tzinfo=UTC)
    return {bool: True, int: 7, timedelta: timedelta(minutes=77)}.get(origin) or canary(cls, field, args[0])


def with_canaries(cls: type[Event], **fixed: Any) -> StoredEvent:
    hints = get_type_hints(cls)
    event = cls(**{field.name: canary(cls, field.name, hints[field.name]) for field in dataclasses.fields(cls)})
    return StoredEvent(
        type=cls.__name__,
        version=cls.version,
        payload={**payloads.to_json(event), **fixed},
        occurred_at=datetime(2026, 3, 18, tzinfo=UTC),
        actor_label="CANARY-actor-label-",
        metadata={"address": "CANARY-metadata-address-"},
    )


# --- the allow-list


def test_the_allow_list_is_what_was_decided() -> None:
    assert set(wordings()) == {"TicketOpened", "TicketChanged", "TicketStatusChanged", "ReplyRecorded"}


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_nothing_of_an_event_is_told_but_what_may_be_read(cls: type[Event]) -> None:
    variants = [{}, {"author": "agent"}, {"author": "customer"}, {"before": "open", "after": "solved"}]
    variants += [{"before": "closed"}, {"changes": {"severity": ["low", "high"], "subject": ["CANARY-x-y-"] * 2}}]
    lines = [told(with_canaries(cls, **fixed)) for fixed in variants]
    text = compose(filter(None, lines), zone=ZoneInfo("UTC"), letters=letters)

    assert bool(text) == (cls.__name__ in wordings())
    for kind, field in MAY_BE_READ:
        text = text.replace(f"CANARY-{kind}-{field}-", "")
    assert "CANARY" not in text


def test_a_type_of_somebodys_own_is_never_told() -> None:
    custom = StoredEvent(type="VatRateCorrected", version=1, payload={"text": "x"}, occurred_at=make.NOW)

    assert told(custom) is None


def test_a_text_stays_in_its_line() -> None:
    forged = with_canaries(types()["TicketOpened"], subject="It broke\n1 May 2026: We owe you a refund")

    line = told(forged)

    assert line is not None
    assert "\n" not in line.text


@pytest.mark.parametrize(
    ("kind", "fixed", "said"),
    [
        ("TicketOpened", {"number": "4711", "subject": "It broke"}, "We received your request 4711: “It broke”."),
        ("TicketOpened", {"number": "4711", "subject": ""}, "We received your request 4711."),
        ("ReplyRecorded", {"number": "4711", "author": "customer"}, "You wrote to us about request 4711."),
        (
            "ReplyRecorded",
            {"number": "4711", "author": "agent", "first": True},
            "We first replied to your request 4711.",
        ),
        ("ReplyRecorded", {"number": "4711", "author": "agent", "first": False}, "We replied to your request 4711."),
        (
            "TicketStatusChanged",
            {"number": "4711", "before": "open", "after": "solved"},
            "Your request 4711 was marked as solved.",
        ),
        (
            "TicketStatusChanged",
            {"number": "4711", "before": "solved", "after": "open"},
            "Your request 4711 was opened again.",
        ),
        (
            "TicketChanged",
            {"number": "4711", "changes": {"severity": ["low", "urgent"]}},
            "The severity of your request 4711 was changed from low to urgent.",
        ),
    ],
)
def test_each_type_has_its_sentence(kind: str, fixed: dict[str, Any], said: str) -> None:
    line = told(with_canaries(types()[kind], **fixed))

    assert line is not None
    assert line.text == said


@pytest.mark.parametrize(
    ("kind", "fixed"),
    [
        ("TicketStatusChanged", {"before": "new", "after": "open"}),
        ("TicketChanged", {"changes": {"channel": ["C1", "C2"]}}),
    ],
)
def test_what_of_a_type_is_internal_is_not_told(kind: str, fixed: dict[str, Any]) -> None:
    assert told(with_canaries(types()[kind], **fixed)) is None


def test_the_text_is_in_the_order_of_time_in_the_chosen_zone() -> None:
    summer = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)

    text = compose(
        [Told(summer + MINUTE, "Second."), Told(summer, "First.")], zone=ZoneInfo("Europe/Paris"), letters=letters
    )

    assert text == "1 July 2026, 17:30 CEST: First.\n1 July 2026, 17:31 CEST: Second."


# --- the page


@pytest.fixture
def reader(db: None, now: datetime) -> Client:
    return signed_in(role=roles.AGENT, now=now)


@pytest.fixture
def ticket(db: None, now: datetime) -> Ticket:
    make.policy()
    made = make.ticket("4711", subject="It broke", customer=make.customer())
    tickets.record_reply(made, author="agent", at=now + 5 * MINUTE, now=now + 6 * MINUTE)
    return made


def of(kind: str) -> StoredEvent:
    return StoredEvent.objects.get(type=kind)


@pytest.mark.django_db
def test_only_what_customers_are_told_of_can_be_chosen(reader: Client, ticket: Ticket) -> None:
    answer = reader.get(COPY, {"stream": "4711"})

    assert [event.type for event, _, _ in answer.context["lines"]] == ["TicketOpened", "ReplyRecorded"]
    assert "ClockStarted" in set(StoredEvent.objects.values_list("type", flat=True))


@pytest.mark.django_db
def test_the_chosen_events_become_a_text_and_that_is_on_the_trail(reader: Client, ticket: Ticket) -> None:
    chosen = [of("TicketOpened").position, of("ReplyRecorded").position]

    answer = reader.post(COPY, {"stream": "ticket:4711", "zone": "Europe/Paris", "event": chosen})

    assert answer.context["text"] == (
        "18 March 2026, 10:00 CET: We received your request 4711: “It broke”.\n"
        "18 March 2026, 10:05 CET: We first replied to your request 4711."
    )
    copied = of("CopiedForCustomer")
    assert copied.about == ["ticket:4711"]
    assert copied.payload == {"stream": "ticket:4711", "events": chosen, "zone": "Europe/Paris"}
    assert copied.actor_label == "Reader"


@pytest.mark.django_db
def test_an_event_that_is_not_on_the_list_cannot_be_smuggled_in(reader: Client, ticket: Ticket) -> None:
    chosen = [of("TicketOpened").position, of("ClockStarted").position]

    answer = reader.post(COPY, {"stream": "ticket:4711", "event": chosen})

    assert "text" not in answer.context
    assert "Something you chose is not for customers" in answer.content.decode()
    assert not StoredEvent.objects.filter(type="CopiedForCustomer").exists()


@pytest.mark.django_db
def test_an_event_of_another_story_cannot_be_smuggled_in(reader: Client, ticket: Ticket) -> None:
    make.ticket("4712", subject="Somebody else's")
    other = StoredEvent.objects.get(type="TicketOpened", payload__number="4712")

    answer = reader.post(COPY, {"stream": "ticket:4711", "event": [other.position]})

    assert "Something you chose is not for customers" in answer.content.decode()
    assert "Somebody else" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["x", "-1", "9" * 40, "1.5"])
def test_what_is_no_event_is_refused(reader: Client, ticket: Ticket, chosen: str) -> None:
    answer = reader.post(COPY, {"stream": "ticket:4711", "event": [chosen]})

    assert answer.status_code == 200
    assert "Choose again" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "said"), [({}, "nothing was chosen"), ({"zone": "Europe/Atlantis", "event": ["1"]}, "is no time zone")]
)
def test_without_a_choice_or_a_zone_there_is_no_text(
    reader: Client, ticket: Ticket, given: dict[str, Any], said: str
) -> None:
    answer = reader.post(COPY, {"stream": "ticket:4711", **given})

    assert said in answer.content.decode()
    assert "text" not in answer.context


@pytest.mark.django_db
def test_a_type_that_managers_switched_off_is_not_told_any_more(now: datetime, ticket: Ticket) -> None:
    services.sync(now)
    manager = signed_in(role=roles.MANAGER, now=now)
    row = ToldType.objects.get(type="ReplyRecorded")

    manager.post(f"/admin/trail/toldtype/{row.pk}/change/", {})

    shown = manager.get(COPY, {"stream": "4711"}).context["lines"]
    assert [event.type for event, _, _ in shown] == ["TicketOpened"]
    with pytest.raises(NotForCustomers):
        services.copy_for_customer([of("ReplyRecorded")], stream="ticket:4711", zone="UTC", now=now)
    assert StoredEvent.objects.get(type="ObjectChanged", payload__model="trail.toldtype").payload["changes"] == {
        "told": [True, False]
    }


@pytest.mark.django_db
def test_managers_read_the_types_in_words(now: datetime) -> None:
    services.sync(now)

    page = signed_in(role=roles.MANAGER, now=now).get("/admin/trail/toldtype/").content.decode()

    assert "Reply recorded" in page


@pytest.mark.django_db
def test_syncing_again_keeps_what_managers_switched_off(now: datetime) -> None:
    services.sync(now)
    ToldType.objects.filter(type="ReplyRecorded").update(told=False)
    before = StoredEvent.objects.count()

    services.sync(now)

    assert services.withheld() == {"ReplyRecorded"}
    assert StoredEvent.objects.count() == before


@pytest.mark.django_db
def test_a_story_without_anything_for_customers_says_so(reader: Client, now: datetime) -> None:
    published("FuseBlown", "ticket:1", now=now)

    assert (
        "There is nothing on ticket:1 that customers are told of" in reader.get(COPY, {"stream": "1"}).content.decode()
    )


@pytest.mark.django_db
def test_who_may_read_nothing_is_kept_out(ticket: Ticket) -> None:
    client = signed_in()

    assert client.get(COPY, {"stream": "4711"}).status_code == 403
    assert client.post(COPY, {"stream": "4711", "event": [of("TicketOpened").position]}).status_code == 403


@pytest.mark.django_db
def test_of_a_customer_only_what_may_be_read_can_be_told(now: datetime, ticket: Ticket) -> None:
    """Linked to the customer's story, but about a thing this person has no right to."""
    moved = with_canaries(types()["TicketStatusChanged"], before="open", after="solved").event
    assert moved is not None
    entry = trail.record(moved, about=["vault:1"], now=now)
    trail.link([entry.position], to="customer:acme", now=now)
    engineer = signed_in(role=roles.ENGINEER, now=now)

    answer = engineer.get(COPY, {"stream": "customer:acme"})

    assert entry.position not in [event.position for event, _, _ in answer.context["lines"]]
    assert "CANARY" not in answer.content.decode()


@pytest.mark.django_db
def test_no_page_of_a_managed_thing_is_told(now: datetime) -> None:
    plan = make.plan()
    with saving(plan, now=now):
        plan.name = "Other"
        plan.save()

    assert told(of("ObjectChanged")) is None
