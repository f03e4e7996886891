from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.slack.parsing import TicketMessage, Unparsed, is_from_bot, parse, text_for_pattern
from apps.integrations.slack.pattern import InvalidPattern, check_pattern
from tests.standins.slack_payloads import bot_message, message, ticket_blocks, ticket_fields, ticket_lines


def announced(attachments: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return bot_message("C0SUPPORT", "1772454600.000100", attachments=attachments, **more)


def in_lines(*lines: str) -> dict[str, Any]:
    return announced([{"text": "\n".join(lines)}])


PLAIN = TicketMessage("4711", "urgent", "problem")


def test_an_attachments_lines_are_a_ticket() -> None:
    assert parse(announced(ticket_lines("4711"))) == PLAIN


def test_an_attachments_fields_are_a_ticket() -> None:
    assert parse(announced(ticket_fields("4711"))) == PLAIN


def test_a_blocks_fields_are_a_ticket() -> None:
    assert parse(announced(blocks=ticket_blocks("4711"))) == PLAIN


def test_the_messages_own_text_is_a_ticket() -> None:
    assert parse(announced(text=ticket_lines("4711")[0]["text"])) == PLAIN


@pytest.mark.parametrize("written", [ticket_lines, ticket_fields])
def test_subject_customer_and_plan_are_read_where_present(written: Any) -> None:
    said = written("4711", subject="Login &amp; SSO: broken", customer="<https://acme.example|Acme>", plan="Teams")

    ticket = parse(announced(said))

    assert ticket == TicketMessage("4711", "urgent", "problem", "Login & SSO: broken", "Acme", "Teams")


@pytest.mark.parametrize(
    "line",
    [
        "*Ticket ID*: 4711",
        "*Ticket ID:* 4711",
        "*Ticket ID: 4711*",
        "Ticket ID: 4711",
        "  ticket  id :   4711  ",
        "TICKET ID:#4711",
        "> *Ticket ID*: `4711`",
        "• Ticket ID: *4711*",
        "*Ticket ID*\n4711",
        "*Ticket ID:*\n\n4711",
        "Ticket number: 4711",
    ],
)
def test_the_number_is_found_however_it_is_dressed(line: str) -> None:
    assert parse(in_lines(line)) == TicketMessage("4711")


@pytest.mark.parametrize("number", ["<https://acme.zendesk.com/agent/tickets/4711|4711>", "<https://x/t/4711|#4711>"])
def test_a_linked_number_brings_the_address(number: str) -> None:
    ticket = parse(in_lines(f"*Ticket ID*: {number}"))

    assert isinstance(ticket, TicketMessage)
    assert (ticket.number, ticket.url) == ("4711", number[1:].partition("|")[0])


def test_a_link_without_a_label_ends_in_the_number() -> None:
    assert parse(in_lines("Ticket: <https://x/tickets/4711>")) == TicketMessage("4711", url="https://x/tickets/4711")


def test_a_field_may_hold_a_json_number() -> None:
    assert parse(announced([{"fields": [{"title": "Ticket ID", "value": 4711}]}])) == TicketMessage("4711")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("urgent", "urgent"),
        ("*Critical*", "urgent"),
        ("P1", "urgent"),
        ("High", "high"),
        ("p2", "high"),
        ("normal", "normal"),
        ("Medium", "normal"),
        ("p3", "normal"),
        (" LOW ", "low"),
        ("p4", "low"),
        ("whenever", None),
        ("-", None),
    ],
)
def test_priority_words_become_severities(word: str, severity: str | None) -> None:
    assert parse(announced(ticket_fields("4711", priority=word))) == TicketMessage("4711", severity, "problem")


@pytest.mark.parametrize(("word", "type"), [("Feedback", "feedback"), ("TASK", "task"), ("gossip", None)])
def test_a_type_is_one_of_those_known(word: str, type: str | None) -> None:
    assert parse(announced(ticket_lines("4711", type=word))) == TicketMessage("4711", "urgent", type)


def test_a_label_that_only_looks_like_a_number_does_not_hide_the_number() -> None:
    assert parse(in_lines("Ticket: printer on fire", "Ticket ID: 4711")) == TicketMessage("4711")


def test_attachments_are_believed_before_the_text() -> None:
    assert parse(announced(ticket_lines("4711"), text="Ticket ID: 1\nPriority: low")) == PLAIN


@pytest.mark.parametrize(
    "said",
    [
        message("C1", "1.0", "good morning"),
        {},
        {"attachments": [{"text": "*Ticket ID*:"}]},
        {"attachments": [{"text": "*Ticket ID*: not a number"}]},
        {"text": "Ticket ID: " + "9" * 65},
        None,
        ["Ticket ID: 4711"],
        "Ticket ID: 4711",
    ],
)
def test_what_names_no_ticket_says_why(said: Any) -> None:
    unparsed = parse(said)

    assert isinstance(unparsed, Unparsed)
    assert unparsed.reason.endswith(".")


def test_texts_lose_what_a_database_cannot_store() -> None:
    ticket = parse(in_lines("Ticket ID: 4711", "Subject: a\x00b\ud800c &#0;" + "x" * 500))

    assert isinstance(ticket, TicketMessage)
    assert ticket.subject is not None
    assert "\x00" not in ticket.subject
    assert ticket.subject.encode().decode() == ticket.subject
    assert len(ticket.subject) == 200


def test_apps_are_told_from_people() -> None:
    assert is_from_bot(announced())
    assert is_from_bot({"type": "message", "bot_id": "B1"})
    assert not is_from_bot(message("C1", "1.0", "Ticket ID: 4711"))
    assert not is_from_bot(None)


PATTERN = (
    r"^New ticket #(?P<number>\d+) \((?P<priority>\w+), (?P<type>\w+)\) "
    r"from (?P<customer>.+): (?P<subject>.+)$"
)


def test_a_channels_own_pattern_reads_its_own_form() -> None:
    said = announced(text="hello\nNew ticket #4711 (P1, Problem) from Acme &amp; Co: <https://x|it> broke\nbye")

    assert parse(said, PATTERN) == TicketMessage("4711", "urgent", "problem", "it broke", "Acme & Co")


def test_a_pattern_sees_fields_as_lines() -> None:
    assert parse(announced(ticket_fields("4711")), r"Ticket ID: (?P<number>\d+)") == TicketMessage("4711")


def test_with_a_pattern_the_usual_forms_do_not_count() -> None:
    assert parse(announced(ticket_lines("4711")), PATTERN) == Unparsed(
        "The channel's pattern does not match this message."
    )


def test_an_optional_group_that_did_not_match_is_absent() -> None:
    assert parse(announced(text="T4711"), r"T(?P<number>\d+)( (?P<plan>\w+))?") == TicketMessage("4711")


def test_a_pattern_sees_the_first_4000_characters() -> None:
    assert isinstance(parse(announced(text=" " * 4_000 + "T1"), r"T(?P<number>\d)"), Unparsed)


def test_a_broken_pattern_is_a_reason_and_no_crash() -> None:
    unparsed = parse(announced(text="T1"), "(?P<number>")

    assert isinstance(unparsed, Unparsed)
    assert "regular expression" in unparsed.reason


@pytest.mark.parametrize("catastrophe", [r"(?P<number>(a|aa)+)+$", r"(?P<number>(.*a){30})$", r"(?P<number>(x+x+)+y)"])
def test_a_catastrophic_pattern_costs_a_moment_and_not_the_worker(catastrophe: str) -> None:
    started = time.monotonic()

    unparsed = parse(announced(text="a" * 3_000 + "x" * 900 + "!"), catastrophe)

    assert isinstance(unparsed, Unparsed)
    assert time.monotonic() - started < 2


def test_a_pattern_with_a_number_is_accepted() -> None:
    check_pattern(PATTERN)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?P<number>[0-9]+", "not a regular expression"),
        ("[", "not a regular expression"),
        (r"#(\d+)", "needs a group for the ticket's number"),
        (r"(?P<number>\d+) (?P<colour>\w+)", '"colour" is not known'),
        ("", "empty"),
        ("a" * 501, "longer than"),
    ],
)
def test_a_pattern_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(InvalidPattern, match=why):
        check_pattern(pattern)


texts = st.text() | st.sampled_from(
    [
        "Ticket ID: 4711",
        "*Ticket ID*:",
        "<https://x|",
        "<https://x|4711>",
        "Subject: &#xD800;",
        "priority\nurgent",
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
text_objects = st.fixed_dictionaries({"type": json_values, "text": json_values}) | json_values
fields = st.fixed_dictionaries({"title": json_values, "value": json_values}) | json_values
blocks = st.fixed_dictionaries({"text": text_objects, "fields": st.lists(text_objects, max_size=3) | json_values})
attachments = st.fixed_dictionaries(
    {
        "fields": st.lists(fields, max_size=3) | json_values,
        "text": json_values,
        "title_link": json_values,
        "blocks": st.lists(blocks, max_size=2) | json_values,
    }
)
messages = st.fixed_dictionaries(
    {
        "text": json_values,
        "attachments": st.lists(attachments | json_values, max_size=3) | json_values,
        "blocks": st.lists(blocks | json_values, max_size=3) | json_values,
        "bot_id": json_values,
    }
)


@given(messages | json_values, st.none() | st.just(r"(?P<number>\w+)(?P<subject>.*)") | st.text(max_size=12))
def test_any_json_is_a_ticket_or_a_reason(value: Any, pattern: str | None) -> None:
    read = parse(value, pattern)

    assert is_from_bot(value) in (True, False)
    assert isinstance(text_for_pattern(value), str)
    if isinstance(read, TicketMessage):
        assert 0 < len(read.number) <= 64
        for said in (read.subject, read.customer, read.plan, read.url):
            assert said is None or ("\x00" not in said and said.encode())
    else:
        assert read.reason
