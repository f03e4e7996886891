"""The catalogue of event types: complete, printed as it is, and marking what is about people."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from apps.trail import payloads
from apps.trail.catalogue import TypeEntry, catalogue, personal_fields
from apps.trail.describing import page
from apps.trail.events import Event, Personal, types

DOCS = Path(__file__).resolve().parents[2] / "docs"
OURS = sorted((cls for cls in types().values() if cls.__module__.startswith("apps.")), key=lambda cls: cls.__name__)
# What a field of each kind may hold; a dict or list of anything holds nothing special.
SAMPLES: dict[Any, Any] = {
    str: "wörd",
    int: 7,
    bool: True,
    datetime: datetime(2026, 3, 18, 9, 0, 0, 5, tzinfo=UTC),
    timedelta: timedelta(days=1, minutes=90, seconds=5),
    dict: {"a": [1, None]},
    Any: "anything",
}


def sample(hint: Any) -> Any:
    """A value of the kind the hint says."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is list:
        return [sample(args[0])]
    if origin in (None, dict):
        return SAMPLES[origin or hint]
    return sample(args[0])


@pytest.fixture(scope="module")
def entries() -> list[TypeEntry]:
    return catalogue()


def test_every_type_and_every_field_has_a_meaning(entries: list[TypeEntry]) -> None:
    without = [entry.type for entry in entries if not entry.meaning.endswith(".")]
    # A dataclass without a docstring is given its signature for one.
    without += [entry.type for entry in entries if entry.meaning.startswith(f"{entry.type}(")]
    without += [f"{entry.type}.{field.name}" for entry in entries for field in entry.fields if not field.meaning]

    assert without == []


def test_every_type_of_the_code_is_listed_by_the_app_that_records_it(entries: list[TypeEntry]) -> None:
    assert {entry.type for entry in entries} == {cls.__name__ for cls in OURS}
    assert {entry.app for entry in entries} >= {"api", "escalations", "notices", "people", "slack", "tickets", "trail"}


def test_the_printed_catalogue_is_what_the_code_says(entries: list[TypeEntry]) -> None:
    assert (DOCS / "events.md").read_text() == page(entries), "run `make docs`"


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("TicketOpened", {"subject", "customer"}),
        ("TicketChanged", {"changes"}),
        ("PasswordSet", {"name"}),
        ("ObjectDeleted", {"label", "before"}),
        ("NoticeSent", {"summary", "channel", "user"}),
        ("SlackAnswered", {"user", "text", "blocks"}),
        ("EscalationReached", {"subject", "customer", "audience", "people", "notes", "message", "next_tier"}),
        ("ClockStopped", set()),
    ],
)
def test_what_is_about_people_is_marked(type: str, fields: set[str]) -> None:
    assert personal_fields(types()[type]) == fields


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_every_type_is_read_back_as_it_was_written(cls: type[Event]) -> None:
    hints = get_type_hints(cls)
    event = cls(**{field.name: sample(hints[field.name]) for field in dataclasses.fields(cls)})

    assert payloads.from_json(cls, payloads.to_json(event)) == event


def test_a_meaning_does_not_change_how_a_field_is_read() -> None:
    @dataclasses.dataclass(frozen=True)
    class Noted:
        at: Annotated[datetime | None, Personal, "When"]
        past: Annotated[list[Annotated[datetime, "Each"]], "All"]

    noted = Noted(at=SAMPLES[datetime], past=[SAMPLES[datetime]])

    assert payloads.from_json(Noted, payloads.to_json(noted)) == noted


def test_a_bar_in_a_meaning_does_not_end_its_cell(entries: list[TypeEntry]) -> None:
    [entry] = [entry for entry in entries if entry.type == "PasswordSet"]
    barred = dataclasses.replace(entry, fields=(dataclasses.replace(entry.fields[0], meaning="this | that"),))

    assert "| this \\| that |" in page([barred])
