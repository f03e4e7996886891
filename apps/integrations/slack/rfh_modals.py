"""The modals of requests for help, as Slack wants them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.slack.inputs import (
    LONGEST_TEXT,
    Block,
    Choice,
    View,
    modal,
    radios,
    remark,
    select,
    text_input,
    ticks,
    user_picker,
)
from apps.integrations.slack.inputs import field as labelled
from apps.integrations.slack.text import escape
from apps.rfhs.context import DETAILS, SYMPTOM_NAMES

ASK, FROM_MESSAGE, ANSWER, SOLVED = "rfh_ask", "rfh_message", "rfh_give_answer", "rfh_teammate_solved"
LONGEST_SUMMARY, LONGEST_LINE, LONGEST_NUMBER = 200, 300, 64

TEAMMATES, DRAFT = "teammates", "draft"
NEXT = (Choice(TEAMMATES, "Ask my teammates now"), Choice(DRAFT, "Leave a draft, I go on in the portal"))
ITEM, ANSWERED = "item", "answered"
WHAT = (Choice(ITEM, "Make it an item"), Choice(ANSWERED, "Answered here: under an hour's work, no item"))
PRODUCTION = Choice("production", "Community or production quality")


@dataclass(frozen=True)
class Lists:
    """What can be chosen; the domain names it."""

    kinds: Sequence[Choice] = ()
    priorities: Sequence[Choice] = ()
    levels: Sequence[Choice] = ()
    bug_classes: Sequence[Choice] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a request before somebody fills in its modal. `remarks` are markup."""

    ticket: str = ""
    customer: str = ""
    summary: str = ""
    description: str = ""
    kind: str = "help"
    priority: str = "p2"
    remarks: Sequence[str] = field(default_factory=tuple)


def ask(known: Known, lists: Lists, *, channel: str) -> View:
    """The modal of /rfh: what is needed, what is known of it, and who is asked."""
    blocks = [
        *map(remark, known.remarks),
        _ticket(known.ticket),
        labelled("summary", "What do you need, in a line?", text_input(known.summary, longest=LONGEST_SUMMARY)),
        labelled(
            "description",
            "What happens, and what did you try?",
            text_input(known.description, multiline=True, longest=LONGEST_TEXT),
            optional=True,
            hint="Start the customer's own words with >.",
        ),
        labelled("kind", "Kind", select(lists.kinds, known.kind)),
        labelled(
            "timeline",
            "By when?",
            text_input(longest=LONGEST_LINE),
            optional=True,
            hint="Such as: tomorrow or later in the week is fine.",
        ),
        {"type": "divider"},
        remark("*What engineering needs to know*, as far as you know it; the rest can be asked of the customer later."),
        *(
            labelled(
                detail.name,
                detail.label,
                text_input(multiline=True, longest=LONGEST_TEXT),
                optional=True,
                hint=detail.reason,
            )
            for detail in DETAILS
        ),
        {"type": "divider"},
        labelled("priority", "Priority", select(lists.priorities, known.priority), hint="A feature request is P2."),
        labelled("priority_because", "Why this priority?", text_input(longest=LONGEST_LINE), optional=True),
        labelled("next", "And now?", radios(NEXT, TEAMMATES), hint="What is a defect is not asked of teammates."),
    ]
    return modal(ASK, "Ask for help", blocks, submit="Save", metadata={"channel": channel})


def from_message(known: Known, lists: Lists, *, metadata: Mapping[str, Any]) -> View:
    """The modal of the message shortcut: answered here, or an item."""
    blocks: list[Block] = [
        *map(remark, known.remarks),
        labelled("what", "What becomes of it?", radios(WHAT, ITEM)),
        labelled("summary", "What is it about, in a line?", text_input(known.summary, longest=LONGEST_SUMMARY)),
        labelled(
            "answer",
            "The answer, in a line",
            text_input(longest=LONGEST_TEXT),
            optional=True,
            hint="Of what was answered here; the next who asks will find it.",
        ),
        {"type": "divider"},
        remark("*Of an item*"),
        labelled(
            "description",
            "What happens",
            text_input(known.description, multiline=True, longest=LONGEST_TEXT),
            optional=True,
        ),
        _ticket(known.ticket),
        labelled(
            "customer",
            "Customer",
            text_input(known.customer, longest=200),
            optional=True,
            hint="Their name here. Empty: the ticket's.",
        ),
        labelled("level", "Level", select(lists.levels), optional=True, hint="L1 and L2 need an incident."),
        labelled("bug_class", "Bug class", select(lists.bug_classes), optional=True, hint="Empty: it is no bug."),
        labelled(
            "symptoms",
            "Symptoms",
            ticks([Choice(name, label) for name, label in SYMPTOM_NAMES]),
            optional=True,
            hint="Each asks for more: a profile, or a stack trace.",
        ),
        labelled("production", "Where", ticks([PRODUCTION]), optional=True),
    ]
    return modal(FROM_MESSAGE, "Answer or item", blocks, submit="Save", metadata=metadata)


def answer(*, rfh: str, summary: str, metadata: Mapping[str, Any]) -> View:
    """The modal of the Answer button."""
    blocks = [
        remark(f"*{escape(rfh)}*: {escape(summary)}"),
        labelled("answer", "The answer", text_input(multiline=True, longest=LONGEST_TEXT)),
    ]
    return modal(ANSWER, f"Answer {rfh}"[:24], blocks, submit="Answer", metadata=metadata)


def solved(*, rfh: str, summary: str, user: str, metadata: Mapping[str, Any]) -> View:
    """The modal of "Solved by a teammate"; `user` is whoever pressed it."""
    blocks = [
        remark(f"*{escape(rfh)}*: {escape(summary)}"),
        labelled(
            "answer",
            "What solved it?",
            text_input(multiline=True, longest=LONGEST_TEXT),
            hint="The next who asks will find it.",
        ),
        labelled("who", "Who knew?", user_picker(user), optional=True),
    ]
    return modal(SOLVED, "Solved by a teammate", blocks, submit="Solved", metadata=metadata)


def _ticket(number: str) -> Block:
    return labelled(
        "ticket",
        "Ticket",
        text_input(number, longest=LONGEST_NUMBER),
        optional=True,
        hint="Its number. Empty when it is about none.",
    )
