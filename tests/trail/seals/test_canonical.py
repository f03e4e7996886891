"""The bytes of an event: what PostgreSQL makes and what this code makes are the same, whatever the event holds."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.trail.order import START, Cursor
from apps.trail.seals import canonical, leaves

END = Cursor(2**31 - 1, 2**62, 2**62)
# What neither PostgreSQL's text nor UTF-8 can hold is in no event.
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)
NUMBER = st.one_of(
    st.integers(-(10**40), 10**40).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["1.0", "1", "1.10", "1e5", "1E-7", "-0", "-0.0", "0.1e1", "123456789012345678901234567890.5"]),
)
HELD = st.recursive(
    st.one_of(st.none(), st.booleans(), TEXT, NUMBER.map(Decimal)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
INSERT = """
INSERT INTO trail_storedevent (id, type, version, payload, about, actor_kind, actor_id, actor_label, correlation_id,
                               causation_id, metadata, occurred_at, recorded_at)
VALUES (%s, %s, 1, %s::jsonb, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""
AN_ID = UUID("0195a8e2-9f04-7a51-a7a7-2f8d5c1e0b11")


def insert(**given: Any) -> None:
    row: dict[str, Any] = {
        "id": AN_ID,
        "type": "TicketOpened",
        "payload": "{}",
        "about": ["ticket:4711"],
        "actor_kind": "user",
        "actor_id": "7",
        "actor_label": "Ana",
        "correlation_id": AN_ID,
        "causation_id": None,
        "metadata": "{}",
        "occurred_at": datetime(2026, 3, 18, 9, tzinfo=UTC),
        "recorded_at": datetime(2026, 3, 18, 9, 0, 0, 41, tzinfo=UTC),
        **given,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, list(row.values()))


def written(value: Any) -> str:
    """JSON with the numbers' own digits."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    payload=st.dictionaries(TEXT, HELD, max_size=4),
    about=st.lists(TEXT, max_size=3),
    said=TEXT,
    at=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    cause=st.none() | st.uuids(),
)
def test_both_make_the_same_bytes(
    payload: dict[str, Any], about: list[str], said: str, at: datetime, cause: UUID | None
) -> None:
    insert(payload=written(payload), about=about, actor_label=said, type=said, occurred_at=at, causation_id=cause)
    try:
        theirs = leaves.between(START, END, limit=10)
        ours = leaves.made_here(START, END, limit=10)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE trail_storedevent DISABLE TRIGGER trail_storedevent_keep")
            cursor.execute("DELETE FROM trail_storedevent")

    assert len(theirs) == 1
    assert theirs == ours


def test_the_bytes_are_one_json_array_of_every_column() -> None:
    row = {
        "epoch": 1,
        "transaction": 90721,
        "position": 48213,
        "id": AN_ID,
        "type": "TicketOpened",
        "version": 2,
        "about": ["ticket:4711", "customer:Müller & Söhne"],
        "actor_kind": "user",
        "actor_id": "7",
        "actor_label": 'Ana "A"\n',
        "correlation_id": AN_ID,
        "causation_id": None,
        "occurred_at": datetime(2026, 3, 18, 9, tzinfo=UTC),
        "recorded_at": datetime(2026, 3, 18, 10, 0, 0, 41, tzinfo=timezone(timedelta(hours=1))),
        "payload": canonical.read('{"after": 1.0, "b": [1, 2.50, 1e3], "ä": true, "z": null}'),
        "metadata": {},
    }

    said = canonical.document(row).decode()

    assert said == (
        '[1, 90721, 48213, "0195a8e2-9f04-7a51-a7a7-2f8d5c1e0b11", "TicketOpened", 2, '
        '["ticket:4711","customer:Müller & Söhne"], "user", "7", "Ana \\"A\\"\\n", '
        '"0195a8e2-9f04-7a51-a7a7-2f8d5c1e0b11", null, 1773824400000000, 1773824400000041, '
        '{"b": [1, 2.50, 1000], "z": null, "ä": true, "after": 1.0}, {}]'
    )


@pytest.mark.django_db
def test_every_column_of_an_event_is_among_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'trail_storedevent'")
        columns = {name for (name,) in cursor.fetchall()}

    assert columns == set(canonical.COLUMNS)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_how_a_session_shows_things_does_not_matter(zone: str) -> None:
    insert(payload='{"at": 1.0, "x": 0.1}')
    plain = leaves.between(START, END, limit=10)

    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL TIME ZONE '{zone}'")
        cursor.execute("SET LOCAL DateStyle = 'German'")
        cursor.execute("SET LOCAL extra_float_digits = -5")
        cursor.execute("SET LOCAL bytea_output = 'escape'")

    assert leaves.between(START, END, limit=10) == plain


@pytest.mark.django_db
def test_an_instant_at_infinity_is_hashed_as_well() -> None:
    insert()
    plain = leaves.between(START, END, limit=10)

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trail_storedevent DISABLE TRIGGER trail_storedevent_keep")
        cursor.execute("UPDATE trail_storedevent SET occurred_at = 'infinity'")

    assert leaves.between(START, END, limit=10) != plain


def test_no_microsecond_is_lost() -> None:
    at = datetime(2026, 3, 18, 9, 0, 0, 999_999, tzinfo=UTC)

    assert canonical.microseconds(at + timedelta(microseconds=1)) - canonical.microseconds(at) == 1
    assert math.isclose(canonical.microseconds(at) / 1_000_000, at.timestamp())
