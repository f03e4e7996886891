"""The modals of incidents, as Slack wants them, with Crashbot's fields. Pure.

What a form begins with is kept in it as digests: what nobody touched is not sent, so two who have it open at once do
not undo each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.integrations.slack.inputs import (
    LONGEST_TEXT,
    Block,
    Choice,
    View,
    all_found,
    field,
    found,
    initial,
    modal,
    moment,
    remark,
    select,
    text_input,
    ticks,
    user_picker,
)

DECLARE, CHOOSE, UPDATE, CLOSE = "incident_declare", "incident_choose", "incident_say", "incident_over"
# Crashbot's limits.
LONGEST_TITLE, LONGEST_DESCRIPTION = 65, 2_000
LONGEST_ABOUT, LONGEST_ADDRESS = 300, 500
# Fields whose choices Slack asks us for; see suggesting.py.
INCIDENT, COMPONENTS = "incident", "components"
PUBLISH = Choice("publish", "Publish it at once")


@dataclass(frozen=True)
class Known:
    """What is known of an incident before somebody fills in its form. People by their Slack ids; `remarks` markup."""

    severity: str = "sev-1"
    reported_at: datetime | None = None
    point: str = ""
    contact: str = ""
    lead: str = ""
    title: str = ""
    description: str = ""
    status: str = ""
    components: Sequence[Choice] = ()
    about: str = ""
    closed_at: datetime | None = None
    rca_url: str = ""
    remarks: Sequence[str] = ()
    longest_title: int = LONGEST_TITLE
    # A description that is longer than the form takes would be cut by it, so it is left out.
    described_elsewhere: bool = False


def declare(
    known: Known, severities: Sequence[Choice], *, publishes: bool, metadata: Mapping[str, Any] | None = None
) -> View:
    """The form of /create-incident. `publishes`: whoever fills it in may publish."""
    blocks = [
        *map(remark, known.remarks),
        *_severity_and_time(known, severities),
        *_people(known),
        _title(known),
        _description(known),
        {"type": "divider"},
        *_for_the_public(publishes),
        _components(known, "What is affected, and how badly. Type to search."),
        {"type": "divider"},
        _about(known, "Tickets and requests for help, such as 4711 RFH-12."),
    ]
    return modal(DECLARE, "Declare an incident", blocks, submit="Declare", metadata=metadata)


def choose(*, remarks: Sequence[str] = (), metadata: Mapping[str, Any] | None = None) -> View:
    """The picker of /update-incident, over all incidents there are."""
    blocks = [
        *map(remark, remarks),
        field(
            INCIDENT,
            "Which incident?",
            found("A number, or words of its title"),
            hint="Open ones first by severity, then closed ones, then those that were none.",
        ),
    ]
    return modal(CHOOSE, "Update an incident", blocks, submit="Next", metadata=metadata)


def update(
    number: str,
    known: Known,
    severities: Sequence[Choice],
    statuses: Sequence[Choice],
    *,
    publishes: bool,
    metadata: Mapping[str, Any],
) -> View:
    """The form of /update-incident, filled in with what is known."""
    blocks = [
        *map(remark, known.remarks),
        field("status", "Status", select(statuses, known.status)),
        *_for_the_public(publishes),
        field(
            "internal_note",
            "Among ourselves",
            text_input(multiline=True, longest=LONGEST_TEXT),
            optional=True,
            hint="Nobody outside reads it. Why, when you reopen it or say that it was none.",
        ),
        _components(known, "Add what is affected, take out what has recovered. Type to search."),
        {"type": "divider"},
        *_severity_and_time(known, severities),
        *_people(known),
        field("lead", "Lead", user_picker(known.lead), optional=True),
        _title(known),
        *([] if known.described_elsewhere else [_description(known)]),
        {"type": "divider"},
        field(
            "closed_at",
            "Resolved at",
            moment(known.closed_at),
            optional=True,
            hint="Of what is resolved; empty when you close it: now.",
        ),
        _rca(known),
        _about(known, "More tickets and requests for help, such as 4711 RFH-12; what is linked already stays."),
    ]
    return modal(UPDATE, f"Update {number}"[:24], blocks, submit="Save", metadata={**metadata, "was": digests(blocks)})


def close(number: str, known: Known, *, publishes: bool, metadata: Mapping[str, Any]) -> View:
    """The form of the button that closes an incident."""
    blocks = [
        *map(remark, known.remarks),
        field("closed_at", "Resolved at", moment(known.closed_at), optional=True, hint="Empty: now."),
        *_for_the_public(publishes),
        field("internal_note", "Among ourselves", text_input(multiline=True, longest=LONGEST_TEXT), optional=True),
        _rca(known),
    ]
    return modal(
        CLOSE, f"Close {number}"[:24], blocks, submit="Close it", metadata={**metadata, "was": digests(blocks)}
    )


def digest(value: str) -> str:
    """Short for a text: enough to tell whether it was touched."""
    kept = value.replace("\r\n", "\n").strip()
    return hashlib.sha256(kept.encode(errors="replace")).hexdigest()[:8] if kept else ""


def digests(blocks: Sequence[Block]) -> dict[str, str]:
    """What each field begins with, in short; those that begin empty are left out."""
    begun = {block["block_id"]: initial(block["element"]) for block in blocks if block["type"] == "input"}
    return {name: digest(value) for name, value in begun.items() if value and name != COMPONENTS}


def _severity_and_time(known: Known, severities: Sequence[Choice]) -> list[Block]:
    return [
        field("severity", "Severity", select(severities, known.severity)),
        field("reported_at", "Began at", moment(known.reported_at), hint="When it was reported, as far as you know."),
    ]


def _people(known: Known) -> list[Block]:
    return [
        field("point", "Point", user_picker(known.point), optional=True, hint="Who works on it."),
        field(
            "contact",
            "Contact",
            user_picker(known.contact),
            optional=True,
            hint="Whom everybody asks, and who owes the updates.",
        ),
    ]


def _title(known: Known) -> Block:
    hint = "In a line. Public once the incident is published: name no customer."
    return field("title", "What is broken?", text_input(known.title, longest=known.longest_title), hint=hint)


def _description(known: Known) -> Block:
    return field(
        "description",
        "Description",
        text_input(known.description, multiline=True, longest=LONGEST_DESCRIPTION),
        optional=True,
        hint="For us alone: what happens, and what was tried.",
    )


def _for_the_public(publishes: bool) -> list[Block]:
    who = "Everybody reads it on the status page." if publishes else "A manager or lead approves it first."
    text = field(
        "public_text",
        "To the public",
        text_input(multiline=True, longest=LONGEST_TEXT),
        optional=True,
        hint=f"{who} Markdown. Empty: the public page says nothing new.",
    )
    if not publishes:
        return [text]
    return [text, field("publish", "Status page", ticks([PUBLISH], {PUBLISH.value}), optional=True)]


def _components(known: Known, hint: str) -> Block:
    return field(COMPONENTS, "Components", all_found(known.components, "Such as: API"), optional=True, hint=hint)


def _about(known: Known, hint: str) -> Block:
    return field("about", "About", text_input(known.about, longest=LONGEST_ABOUT), optional=True, hint=hint)


def _rca(known: Known) -> Block:
    return field(
        "rca_url",
        "RCA",
        text_input(known.rca_url, longest=LONGEST_ADDRESS),
        optional=True,
        hint="The address where one can read why it happened, once it is resolved.",
    )
