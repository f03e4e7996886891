from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.helpdesk.webhook import HEADER, HelpdeskMessage, InvalidMessage, read, verify
from tests.standins.helpdesk import signed

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECRET = "s3cr3t"


def body(event: str = "created", ticket: dict[str, Any] | None = None, **more: Any) -> bytes:
    message = {"event": event, "ticket": {"number": "4711"} | (ticket or {}), "at": "2026-03-02T09:30:00Z"}
    return json.dumps(message | more).encode()


def test_a_signed_body_is_believed() -> None:
    raw = body()

    assert verify(SECRET, raw, signed(raw, SECRET)[HEADER])


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=00", "ключ", "\ud800", "sha1=aa"])
def test_another_header_is_not_believed(header: str) -> None:
    assert not verify(SECRET, body(), header)


def test_a_changed_body_or_another_secret_is_not_believed() -> None:
    raw = body()
    header = signed(raw, SECRET)[HEADER]

    assert not verify(SECRET, raw + b" ", header)
    assert not verify("another", raw, header)


def test_without_a_secret_nothing_is_believed() -> None:
    raw = body()

    assert not verify("", raw, signed(raw, "")[HEADER])


def test_created_brings_the_ticket() -> None:
    ticket = {
        "subject": "Login broken",
        "customer": "acme",
        "plan": "enterprise",
        "severity": "urgent",
        "type": "problem",
        "opened_at": "2026-03-02T10:29:00+01:00",
        "url": "https://acme.example/4711",
    }

    assert read(body(ticket=ticket)) == HelpdeskMessage(
        "created",
        "4711",
        datetime(2026, 3, 2, 9, 29, tzinfo=UTC),
        "Login broken",
        "acme",
        "enterprise",
        "urgent",
        "problem",
        "https://acme.example/4711",
    )


def test_created_without_opened_at_was_opened_when_it_was_said() -> None:
    assert read(body()) == HelpdeskMessage("created", "4711", AT)


@pytest.mark.parametrize("author", ["agent", "customer"])
def test_replied_says_who(author: str) -> None:
    assert read(body("replied", author=author)) == HelpdeskMessage("replied", "4711", AT, author=author)  # type: ignore[arg-type]


def test_solved_says_when() -> None:
    assert read(body("solved")) == HelpdeskMessage("solved", "4711", AT)


@pytest.mark.parametrize(
    ("written", "number"), [(4711, "4711"), (" #4711 ", "4711"), ("ABC-1", "ABC-1"), ("T_1.2", "T_1.2")]
)
def test_a_number_may_be_written_in_several_ways(written: object, number: str) -> None:
    assert read(body(ticket={"number": written})).number == number


@pytest.mark.parametrize(
    ("word", "severity"),
    [("Urgent", "urgent"), ("medium", "normal"), (" P1 ", "urgent"), ("LOW", "low"), ("awful", None), (4, None)],
)
def test_the_help_desks_own_words_are_severities(word: object, severity: str | None) -> None:
    assert read(body(ticket={"severity": word})).severity == severity


@pytest.mark.parametrize(("word", "kind"), [("Problem", "problem"), ("Feature Request", None), (["task"], None)])
def test_the_help_desks_own_words_are_types(word: object, kind: str | None) -> None:
    assert read(body(ticket={"type": word})).type == kind


def test_a_long_subject_is_no_reason_to_refuse() -> None:
    assert read(body(ticket={"subject": "x" * 5000})).subject == "x" * 5000


def test_texts_lose_what_a_database_cannot_store() -> None:
    assert read(body(ticket={"subject": "a\x00b\ud800c"})).subject == "abc"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "JSON object"),
        (b"{}", '"ticket"'),
        (body("escalated"), '"event"'),
        (body(ticket={"number": None}), '"ticket.number" is missing'),
        (body(ticket={"number": True}), '"ticket.number" is missing'),
        (body(ticket={"number": "a b"}), '"ticket.number" must be'),
        (body(ticket={"number": "9" * 65}), '"ticket.number" must be'),
        (body(ticket={"number": "4#1"}), '"ticket.number" must be'),
        (body(ticket={"subject": 7}), '"ticket.subject"'),
        (body(ticket={"customer": "x" * 201}), '"ticket.customer"'),
        (body(ticket={"url": "javascript:alert(1)"}), '"ticket.url"'),
        (body(ticket={"opened_at": "yesterday"}), '"ticket.opened_at"'),
        (body(at=None), '"at" is missing'),
        (body("solved", at="2026-03-02T09:30:00"), '"at" must be'),
        (body("solved", at="0001-01-01T00:00:00+23:00"), '"at" must be'),
        (body("solved", at="0001-01-01T00:00:00Z"), '"at": The year 1 '),
        (body(ticket={"opened_at": "0001-01-01T00:00:00Z"}), '"ticket.opened_at": The year 1 '),
        (body("solved", at="9999-12-31T23:59:59Z"), '"at": The year 9999 '),
        (body("replied"), '"author"'),
        (body("replied", author="robot"), '"author"'),
    ],
)
def test_a_bad_message_is_refused_with_the_reason(raw: bytes, why: str) -> None:
    with pytest.raises(InvalidMessage, match=why):
        read(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["created", "replied", "solved"]) | json_values,
        "at": st.just("2026-03-02T09:30Z") | json_values,
    },
    optional={
        "author": st.just("agent") | json_values,
        "ticket": st.fixed_dictionaries(
            {"number": st.just("4711") | json_values},
            optional=dict.fromkeys(("subject", "customer", "url", "opened_at"), json_values),
        ),
    },
)


@given(messages | json_values)
def test_any_json_is_a_message_or_refused(value: Any) -> None:
    try:
        message = read(json.dumps(value).encode())
    except InvalidMessage:
        return

    assert message.number
    assert message.at.tzinfo is UTC
