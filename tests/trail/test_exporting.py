"""Exports of the trail: whole, provable, harmless to open, in bounded memory, and on the trail themselves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DataError, connection
from django.http import StreamingHttpResponse
from django.test import Client

from apps.people.models import Agent
from apps.tickets import services as tickets
from apps.trail import reading
from apps.trail import services as trail
from apps.trail.audit import choosing, linking
from apps.trail.context import Actor, acting, current
from apps.trail.events import Custom
from apps.trail.exporting import exports
from apps.trail.exporting.exports import Export, NoRoom, Order
from apps.trail.exporting.formats import CSV, JSONL, safe
from apps.trail.exporting.forms import address, texts_in
from apps.trail.exporting.selecting import pages
from apps.trail.finding import Wanted
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make
from tests.trail.lamps import switched

# The horizon moves at a commit.
pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/trail/export/"
BOTH = {"format": [JSONL, CSV]}
EXPORTS = ("TrailExportPageViewed", "TrailExportStarted", "TrailExported", "TrailExportBroken")


def signed_in(role: str, now: datetime) -> Client:
    roles.sync(now)
    agent = make.agent(role.replace(" ", ""))
    agent.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(Agent.objects.get(pk=agent.pk))
    return client


@pytest.fixture
def auditor(now: datetime) -> Client:
    return signed_in(roles.AUDITOR, now)


def settle() -> None:
    """Nothing can appear any more before what is recorded by now: other databases may hold the horizon back."""
    last = StoredEvent.objects.order_by("epoch", "transaction", "position").last()
    end = time.monotonic() + 30
    while last is not None and reading.newest(reading.horizon()) != last.cursor:
        assert time.monotonic() < end, "The horizon stays where it is."
        time.sleep(0.01)


class Zip:
    """An export that was taken."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.files = {}
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.manifest: dict[str, Any] = json.loads(self.files["manifest.json"])

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files["events.jsonl"].decode().split("\n") if line]

    @property
    def cells(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files["events.csv"].decode("utf-8-sig"), newline="")))


def taken(client: Client, query: str = "", **said: Any) -> Zip:
    settle()
    response = client.post(f"{PAGE}?{query}", said or BOTH)
    assert isinstance(response, StreamingHttpResponse), response.content
    content = b"".join(response.streaming_content)  # type: ignore[arg-type]
    response.close()
    return Zip(content)


def order(*formats: str, **wanted: Any) -> Order:
    return Order(
        wanted=Wanted(**wanted),
        asked={},
        formats=formats or (JSONL, CSV),
        about=("exports",),
        by=current(),
        portal="",
    )


def of(kind: str) -> StoredEvent:
    return StoredEvent.objects.get(type=kind)


def test_an_export_holds_what_was_asked_for_in_both_forms(auditor: Client, now: datetime) -> None:
    make.ticket("4711", customer=make.customer())
    make.ticket("4712")

    made = taken(auditor, "stream=ticket:4711")

    opened = StoredEvent.objects.get(type="TicketOpened", about__contains=["ticket:4711"])
    [event], [cells] = made.events, made.cells
    assert event["id"] == cells["id"] == str(opened.event_id)
    assert event["occurred_at"] == cells["occurred_at"] == "2026-03-18T09:00:00+00:00"
    assert event["sentence"] == cells["sentence"] == "Ticket 4711 (normal question) was opened through the API by Acme"
    assert event["payload"] == json.loads(cells["payload"]) == opened.payload
    assert event["streams"] == ["ticket:4711", "customer:acme"]
    assert cells["streams"] == "ticket:4711 customer:acme"


def test_the_digests_are_those_of_the_bytes(auditor: Client, now: datetime) -> None:
    switched(10, now=now)

    made = taken(auditor)

    for name in ("events.jsonl", "events.csv"):
        assert made.manifest["files"][name]["sha256"] == hashlib.sha256(made.files[name]).hexdigest()
        assert made.manifest["files"][name]["bytes"] == len(made.files[name])
    assert of("TrailExported").field("digests") == {
        name: file["sha256"] for name, file in made.manifest["files"].items()
    }


def test_the_manifest_says_what_it_is(auditor: Client, now: datetime) -> None:
    lamps = switched(3, now=now)

    made = taken(auditor, "type=LampSwitched&since=2026-03-18T08:00")

    assert made.manifest["format"] == "SupportOps trail export"
    assert made.manifest["version"] == 1
    assert made.manifest["asked"] == {"types": ["LampSwitched"], "from": "2026-03-18T08:00:00+00:00"}
    assert made.manifest["count"] == 3
    assert made.manifest["first"] == {"position": lamps[0].position, "id": str(lamps[0].id)}
    assert made.manifest["last"] == {"position": lamps[-1].position, "id": str(lamps[-1].id)}
    agent = Agent.objects.get(email="auditor@example.com")
    assert made.manifest["exported_by"] == {"name": "Auditor", "actor": f"user:{agent.pk}"}
    assert datetime.fromisoformat(made.manifest["exported_at"]).tzinfo == UTC
    assert made.manifest["recorded_as"] == of("TrailExported").position


def test_that_it_was_made_is_on_the_trail_with_what_led_to_it(auditor: Client, now: datetime) -> None:
    make.ticket("4711", customer=make.customer())

    taken(auditor, "stream=ticket:4711")

    started, ended = of("TrailExportStarted"), of("TrailExported")
    assert ended.causation_id == started.event_id
    assert ended.actor_label == started.actor_label == "Auditor"
    assert ended.sentence == "1 event was exported from the trail: about ticket:4711"
    agent = Agent.objects.get(email="auditor@example.com")
    assert ended.about == ["exports", f"agent:{agent.pk}", "ticket:4711"]
    assert ended.metadata["path"] == PAGE


def test_a_sentence_names_few_of_many(auditor: Client) -> None:
    taken(auditor, "&".join(f"stream=lamp:{n}" for n in range(200)))

    assert of("TrailExported").sentence == (
        "0 events were exported from the trail: about lamp:0, lamp:1, lamp:2 and 197 more"
    )


def test_of_no_events_there_is_a_manifest_that_says_so(auditor: Client) -> None:
    made = taken(auditor, "stream=ticket:none")

    assert (made.manifest["count"], made.manifest["first"], made.manifest["last"]) == (0, None, None)
    assert made.files["events.jsonl"] == b""
    assert made.cells == []
    assert of("TrailExported").sentence == "0 events were exported from the trail: about ticket:none"


def test_one_form_alone_can_be_had(auditor: Client, now: datetime) -> None:
    switched(2, now=now)

    assert set(taken(auditor, "", format=[CSV]).files) == {"events.csv", "manifest.json"}
    assert set(taken(auditor, "", format=[JSONL]).files) == {"events.jsonl", "manifest.json"}
    assert set(taken(auditor, "", format=[CSV, CSV]).files) == {"events.csv", "manifest.json"}
    assert auditor.post(PAGE, {}).status_code == 400


def test_an_instant_of_a_link_stays_what_it_was_when_the_rest_is_narrowed(auditor: Client) -> None:
    page = auditor.get(f"{PAGE}?since=2026-03-18T10:00:37%2B01:00&until=2026-03-18T12:00Z").content.decode()

    assert 'value="2026-03-18T09:00:37"' in page
    assert 'value="2026-03-18T12:00"' in page


def test_a_cell_is_never_a_formula(auditor: Client, now: datetime) -> None:
    trail.publish("LinkFound", {"x": 1}, about=['=HYPERLINK("http://evil.example")'], now=now)
    with acting(actor=Actor("integration", "@SUM(A1)", '=cmd|"/C calc"!A0')):
        trail.publish("LinkFound", {}, about=["ticket:1"], now=now)

    made = taken(auditor, "type=LinkFound")

    first, second = made.cells
    assert first["streams"] == '\'=HYPERLINK("http://evil.example")'
    assert (second["actor"], second["actor_id"]) == ('\'=cmd|"/C calc"!A0', "'@SUM(A1)")
    assert made.events[1]["actor_id"] == "@SUM(A1)"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1", "＝1"])
def test_what_a_tables_program_would_run_is_made_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "'=1", "", "4711", "2026-03-18", "{}"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_texts_of_any_kind_come_back_from_both_forms(auditor: Client, now: datetime) -> None:
    odd = 'Zoë, "quoted"\nsecond line\u2028third; 日本'
    make.ticket("1", subject=odd)

    made = taken(auditor, "type=TicketOpened")

    assert made.events[0]["payload"]["subject"] == odd
    assert json.loads(made.cells[0]["payload"])["subject"] == odd


# which events


@pytest.fixture
def varied(now: datetime) -> dict[str, StoredEvent]:
    """Five events, by a name for each."""
    hour = timedelta(hours=1)
    with acting(actor=Actor("user", "7", "Ana")):
        trail.publish("LampKindled", {"room": "hall"}, about=["lamp:1", "house:a"], now=now)
        trail.publish("LampKindled", {"room": "attic"}, about=["lamp:2", "house:b"], now=now + hour)
    with acting(actor=Actor("slack", "U0ANA", "Ana")):
        trail.publish("LampBroken", {"room": "hall"}, about=["lamp:1", "house:a"], now=now + 2 * hour)
    with acting(actor=Actor("job", "sweep", "Sweep")):
        trail.publish("LampSwept", {}, about=["lamp:2"], now=now + 3 * hour)
        trail.publish("LampSwept", {}, about=["lamp:3"], now=now + 4 * hour)
    events = list(StoredEvent.objects.filter(type__startswith="Lamp").order_by("position"))
    return dict(zip(("hall", "attic", "broken", "swept", "last"), events, strict=True))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("stream=lamp:1", ["hall", "broken"]),
        ("stream=lamp:1&stream=lamp:3", ["hall", "broken", "last"]),
        ("stream=lamp:1,lamp:2&also=house:b,house:c", ["attic"]),
        ("stream=lamp:1&type=LampBroken", ["broken"]),
        ("type=LampKindled,LampBroken", ["hall", "attic", "broken"]),
        ("type=LampKindled&type=LampBroken", ["hall", "attic", "broken"]),
        ("actor=user:7&actor=slack:U0ANA", ["hall", "attic", "broken"]),
        ("actor=job", ["swept", "last"]),
        ("actor=job&actor=slack:U0ANA", ["broken", "swept", "last"]),
        ("name=sweep&type=LampSwept", ["swept", "last"]),
        (
            "since=2026-03-18T10:00&until=2026-03-18T12:00:00Z&type=LampKindled,LampBroken,LampSwept",
            ["attic", "broken"],
        ),
        ("q=hall", ["hall", "broken"]),
        ("q=hall&stream=lamp:1&type=LampKindled", ["hall"]),
        ("q=-hall&stream=lamp:1&stream=lamp:2", ["attic", "swept"]),
    ],
)
def test_filters_say_which_events(
    auditor: Client, varied: dict[str, StoredEvent], query: str, names: list[str]
) -> None:
    made = taken(auditor, query)

    assert [event["position"] for event in made.events] == [varied[name].position for name in names]


def test_a_name_with_a_comma_is_one_name(auditor: Client, now: datetime) -> None:
    trail.publish("LampKindled", {}, about=['house:a,"b"', "house:c"], now=now)
    trail.publish("LampKindled", {}, about=["house:a", "house:d"], now=now)
    wanted = Wanted(streams=('house:a,"b"', "house:e"), also=(('house:a,"b"', "house:c"),))

    made = taken(auditor, address(wanted, ()))

    assert [event["streams"] for event in made.events] == [['house:a,"b"', "house:c"]]


@pytest.mark.parametrize(
    ("box", "texts"),
    [
        ("", ()),
        (" , ", ()),
        ("a, b,a", ("a", "b")),
        ('"house:a,b", c', ("house:a,b", "c")),
        ('5" pipe', ('5" pipe',)),
        ("a\nb", ("a b",)),
    ],
)
def test_texts_in_a_box_stand_between_commas_and_one_with_a_comma_in_quotes(box: str, texts: tuple[str, ...]) -> None:
    assert texts_in(box) == texts


def test_a_name_of_endless_length_is_refused(auditor: Client) -> None:
    answer = auditor.get("/trail/export/", {"stream": "x" * 200_000})

    assert "None of them has more than 200 characters." in answer.content.decode()


def test_a_chain_of_events_can_be_exported(auditor: Client, varied: dict[str, StoredEvent]) -> None:
    made = taken(auditor, f"correlation={varied['broken'].correlation_id}")

    assert [event["type"] for event in made.events] == ["LampBroken"]


@pytest.mark.parametrize(
    "query",
    [
        "actor=nobody:7",
        "type=not-a-type",
        "since=yesterday",
        "since=0001-01-01T00:00",
        "since=2026-03-18T10:00&until=2026-03-18T09:00",
        "correlation=x",
        f"stream={'x' * 201}",
        "stream=%00",
        "audit=1",
    ],
)
def test_what_cannot_be_meant_is_refused_on_the_page(auditor: Client, query: str) -> None:
    for response in (auditor.get(f"{PAGE}?{query}"), auditor.post(f"{PAGE}?{query}", BOTH)):
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()
    assert not StoredEvent.objects.filter(type__in=EXPORTS).exists()


def test_what_was_done_beside_the_portal_can_be_exported(auditor: Client) -> None:
    make.plan()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_plan SET name = 'Else'")

    made = taken(auditor, "actor=database")

    assert {event["type"] for event in made.events} == {"ChangedOutside"}
    assert made.events[-1]["payload"]["after"] == {"name": "Else"}


def test_an_audit_log_is_exported_with_the_types_it_shows(auditor: Client, now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    ticket = make.ticket("1", customer=make.customer())
    make.ticket("2")
    tickets.change_ticket(ticket, {"subject": "Else"}, now=now)
    linking.link(list(StoredEvent.objects.filter(about__contains=["ticket:1"])))

    address = auditor.get("/trail/audit/acme/").context["export"]
    made = taken(auditor, address.partition("?")[2])

    assert [event["type"] for event in made.events] == ["TicketOpened"]
    assert made.manifest["asked"] == {"about": ["audit:customer:acme"], "types": ["TicketOpened"]}
    assert "customer:acme" in of("TrailExported").about


def test_what_the_trails_page_shows_can_be_exported_from_it(auditor: Client, now: datetime) -> None:
    make.ticket("4711", customer=make.customer())
    make.ticket("4712", customer=make.customer("globex"))

    response = auditor.get("/trail/?q=4711&customer=acme&type=TicketOpened&since=2026-03-01T00:00Z")
    made = taken(auditor, response.context["export"])

    assert "Export these" in response.content.decode()
    assert [event["position"] for event in made.events] == [each.position for each in response.context["found"].events]
    assert made.manifest["asked"] == {
        "about": ["ticket:4711"],
        "and about": ["customer:acme, ticket:4711"],
        "types": ["TicketOpened"],
        "from": "2026-03-01T00:00:00+00:00",
    }


def test_who_is_asked_for_by_name_is_exported_as_the_page_finds_them(auditor: Client, now: datetime) -> None:
    for name in ("Ann Lee", "Hannah"):
        with acting(actor=Actor("integration", name, name)):
            trail.publish("BellRung", about=["bell:1"], now=now)

    response = auditor.get("/trail/?person=ann")
    made = taken(auditor, response.context["export"])

    assert [event["actor"] for event in made.events] == ["Ann Lee"]
    assert [event["position"] for event in made.events] == [each.position for each in response.context["found"].events]


# who may


@pytest.mark.parametrize("role", [roles.AGENT, roles.LEAD, roles.ENGINEER])
def test_who_may_not_export_gets_nothing_and_is_offered_nothing(role: str, now: datetime) -> None:
    client = signed_in(role, now)
    choosing.choose(["TicketOpened"], now=now)

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, BOTH).status_code == 403
    for page in ("/trail/audit/", "/trail/"):
        assert "/trail/export/" not in client.get(page).content.decode()
    assert not StoredEvent.objects.filter(type__in=EXPORTS).exists()


@pytest.mark.parametrize("role", [roles.MANAGER, roles.AUDITOR])
def test_managers_and_auditors_export(role: str, now: datetime) -> None:
    client = signed_in(role, now)

    assert client.get(PAGE).status_code == 200
    assert taken(client).manifest["count"] > 0


def test_a_foreign_page_cannot_make_somebody_export(now: datetime) -> None:
    signed_in(roles.AUDITOR, now)
    client = Client(enforce_csrf_checks=True)
    client.force_login(Agent.objects.get(email="auditor@example.com"))

    assert client.post(PAGE, BOTH).status_code == 403


def test_looking_at_the_same_is_on_the_trail_once_an_hour_a_person(auditor: Client, now: datetime) -> None:
    auditor.get(f"{PAGE}?stream=ticket:4711")
    auditor.get(PAGE)
    auditor.get(f"{PAGE}?stream=ticket:4711")
    signed_in(roles.MANAGER, now).get(PAGE)

    seen = StoredEvent.objects.filter(type="TrailExportPageViewed").order_by("position")

    assert [event.actor_label for event in seen] == ["Auditor", "Auditor", "Supportmanager"]
    assert seen[0].sentence == "The page that exports the trail was opened: about ticket:4711"


def test_the_page_shows_what_it_begins_with(auditor: Client, now: datetime) -> None:
    make.ticket("4711")
    settle()

    found = auditor.get(f"{PAGE}?stream=ticket:4711").content.decode()
    nothing = auditor.get(f"{PAGE}?stream=ticket:none").content.decode()

    assert "Ticket 4711 (normal question) was opened through the API" in found
    assert "No event fits" in nothing


# broken off, too many, too large


def test_an_export_that_is_not_taken_to_its_end_is_on_the_trail(now: datetime) -> None:
    trail_of_texts(300, now)
    settle()
    export = Export(order(JSONL), clock=lambda: now, page=10)
    stream = iter(export)
    for _ in range(3):
        next(stream)

    export.close()

    broken = of("TrailExportBroken")
    assert broken.field("reason") == "it was not taken to its end"
    assert 0 < broken.field("count") < 300
    assert broken.causation_id == of("TrailExportStarted").event_id
    assert not StoredEvent.objects.filter(type="TrailExported").exists()


def test_one_that_was_never_begun_to_be_taken_is_on_the_trail_once(now: datetime) -> None:
    export = Export(order(), clock=lambda: now)

    export.close()
    export.close()

    assert of("TrailExportBroken").field("count") == 0


def test_when_reading_fails_that_is_the_reason(now: datetime) -> None:
    export = Export(order(actors=("user\x00:7",)), clock=lambda: now)

    with pytest.raises(DataError):
        list(export)
    export.close()

    assert of("TrailExportBroken").field("reason") == "DataError"


def test_so_many_exports_at_once_and_no_more(auditor: Client, now: datetime) -> None:
    running = [Export(order(), clock=lambda: now) for _ in range(exports.MOST)]

    with pytest.raises(NoRoom):
        Export(order(), clock=lambda: now)
    refused = auditor.post(PAGE, BOTH)
    for export in running:
        export.close()

    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "60"
    assert "Other exports are under way" in refused.content.decode()
    assert taken(auditor).manifest["count"] > 0


def test_events_are_read_a_page_at_a_time(now: datetime) -> None:
    switched(95, now=now)
    settle()

    read = pages(Wanted(types=("LampSwitched",)), below=reading.horizon(), size=10)

    assert isinstance(read, Iterator)
    assert [len(page) for page in read] == [10] * 9 + [5]


def test_a_large_export_is_sent_while_it_is_read_in_the_memory_of_a_small_one(now: datetime) -> None:
    def peak(count: int) -> tuple[int, int]:
        """The most bytes in use while so many are exported, and the bytes that were sent."""
        trail_of_texts(count, now)
        settle()
        export = Export(order(types=("TextKept",)), clock=lambda: now, page=50)
        tracemalloc.start()
        sent = sum(len(part) for part in export)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        export.close()
        return most, sent

    small, _ = peak(200)
    large, sent = peak(3_000)

    assert sent > 4_000_000
    assert large < small * 1.5


def trail_of_texts(count: int, now: datetime) -> None:
    """So many events of some thousand characters that do not pack well."""
    for start in range(0, count, 100):
        happenings = [
            trail.Happening(
                event=Custom(name="TextKept", data={"text": hashlib.shake_128(b"%d" % n).hexdigest(1_000)}),
                about=("text:1",),
            )
            for n in range(start, start + 100)
        ]
        trail.record_many(happenings, now=now)


# what is given back


@pytest.fixture
def kept(auditor: Client, now: datetime, tmp_path: Path) -> Path:
    switched(5, now=now)
    path = tmp_path / "export.zip"
    path.write_bytes(taken(auditor, "type=LampSwitched").content)
    return path


def changed(path: Path, **files: bytes) -> None:
    made = Zip(path.read_bytes())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**made.files, **{name.replace("_", "."): c for name, c in files.items()}}.items():
            archive.writestr(name, content)


def test_an_export_as_it_was_given_out_is_found_whole(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_export", str(kept))

    assert "whole and unchanged" in capsys.readouterr().out


def test_a_changed_file_is_found(kept: Path) -> None:
    changed(kept, events_jsonl=Zip(kept.read_bytes()).files["events.jsonl"].replace(b"lamp 3", b"lamp 4"))

    with pytest.raises(CommandError, match=r"^events.jsonl was changed: its digest is .*$"):
        call_command("verify_export", str(kept))


def test_a_manifest_that_was_changed_along_is_found_by_the_trail(kept: Path) -> None:
    made = Zip(kept.read_bytes())
    text = made.files["events.jsonl"].replace(b"lamp 3", b"lamp 4")
    made.manifest["files"]["events.jsonl"]["sha256"] = hashlib.sha256(text).hexdigest()
    changed(kept, events_jsonl=text, manifest_json=json.dumps(made.manifest).encode())

    with pytest.raises(CommandError, match="The trail recorded other digests"):
        call_command("verify_export", str(kept))


def test_a_file_cut_short_or_of_another_kind_is_no_export(kept: Path) -> None:
    whole = kept.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"PK"):
        kept.write_bytes(content)

        with pytest.raises(CommandError, match="cannot be read as a ZIP"):
            call_command("verify_export", str(kept))


def test_files_put_in_or_left_out_are_found(kept: Path) -> None:
    changed(kept, more_txt=b"?")

    with pytest.raises(CommandError, match=r"more.txt is not in the manifest"):
        call_command("verify_export", str(kept))
