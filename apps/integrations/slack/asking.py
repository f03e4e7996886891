"""/rfh: what one asked for, and asking for more, in a modal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.integrations.slack import inputs, rfh_lines, rfh_modals, selectors
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.buttons import asked_by
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.inputs import Choice
from apps.integrations.slack.messages import section
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.rfh_modals import Known, Lists
from apps.integrations.slack.setup import Errors, modals_view
from apps.integrations.slack.text import escape, link
from apps.people.acting import Acting
from apps.people.models import Agent, Channel
from apps.rfhs import rights, services
from apps.rfhs.context import DETAILS, NAMES
from apps.rfhs.errors import BadRFH, RFHError
from apps.rfhs.models import RFH
from apps.rfhs.routing.proposing import Proposal, propose
from apps.rfhs.selectors import find, suggested_priority
from apps.rfhs.states import State
from apps.tickets.errors import UnknownTicket
from apps.tickets.models import Ticket
from apps.tickets.services import find as find_ticket
from apps.tickets.wording import is_number, plain_number

COMMAND = "/rfh"
# The button under the list of one's own requests.
NEW = "rfh_new"
USAGE = f"`{COMMAND} new` asks for help, and so does `{COMMAND}` with a ticket's number or with words."
MOST_TEAMS = 3
_REQUEST = re.compile(r"rfh-[0-9]{1,18}", re.IGNORECASE)
_TEXTS = ("summary", "description", "timeline", "priority_because")
_BLOCKS = frozenset({*_TEXTS, *NAMES, "ticket", "kind", "priority"})


def on_command(event: SlackEvent, now: datetime) -> Call | None:
    """Alone: the asker's open requests. With RFH-12: how that one stands. With anything else: the modal."""
    payload = event.payload
    asked = Asked(COMMAND, user=user_of(payload), channel=place(word(payload.get("channel_id"))))
    said = " ".join(word(payload.get("text")).split())
    agent = selectors.agent_of(asked.user)
    refusal = _refusal(agent)
    if agent is None or refusal:
        answer(asked, f"{escape(refusal)} You typed: {escape(said[:500]) or 'nothing'}", now=now, private=True)
        return None
    if not said:
        _list(asked, agent, now=now)
        return None
    if _REQUEST.fullmatch(said):
        _show(asked, agent, said, now=now)
        return None
    return OpenModal(asked, word(payload.get("trigger_id")), _modal("" if said.lower() == "new" else said, asked))


def on_new(event: SlackEvent, now: datetime) -> Call | None:
    """The same modal, for whoever presses the button under their list."""
    pressed = asked_by(event, "New request")
    asked = Asked(pressed.what, user=pressed.user, channel=place(pressed.channel))
    if refusal := _refusal(selectors.agent_of(asked.user)):
        answer(asked, escape(refusal), now=now, private=True)
        return None
    return OpenModal(asked, word(event.payload.get("trigger_id")), _modal("", asked))


def submit(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """The request is a draft, and teammates are asked if that was chosen; else what is wrong, by block."""
    view = modals_view(payload)
    # The answer holds what one goes on with, so it goes where it can be found again: to the asker's messages.
    asked = Asked(COMMAND, user=user_of(payload), channel="")
    agent = selectors.agent_of(asked.user)
    if agent is None or _refusal(agent):
        return {"summary": _refusal(agent)}
    typed = inputs.values(view)
    ticket, errors = read_ticket(typed.get("ticket", ""))
    if not typed.get("summary", "").strip():
        errors["summary"] = "Say in a line what you need."
    if errors:
        return errors
    by = Acting(agent)
    try:
        with transaction.atomic():
            rfh, fresh = services.begin(
                by=by,
                now=now,
                ticket=ticket,
                source=RFH.Source.SLACK,
                # A modal is sent once; Slack, or a hand that slipped, may send it again.
                source_key=f"slack:{word(view.get('id'))}" if view.get("id") else "",
                **_said(typed),
            )
            if fresh:
                asks = typed.get("next") == rfh_modals.TEAMMATES and rfh.kind != RFH.Kind.DEFECT
                if asks:
                    services.ask_teammates(rfh, by=by, now=now)
                answer(asked, _begun(rfh, wished=typed.get("next", ""), now=now), now=now, ticket=ticket, private=True)
    except RFHError as refusal:
        return at_blocks(refusal, _BLOCKS)
    return {}


def _said(typed: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {name: typed.get(name, "") for name in _TEXTS}
    said |= {name: typed[name] for name in ("kind", "priority") if typed.get(name)}
    return said | {"context": {name: typed[name] for name in NAMES if typed.get(name)}}


def read_ticket(typed: str) -> tuple[Ticket | None, Errors]:
    """The ticket of a number somebody typed; none for nothing; else what to say beside the field."""
    if not typed.strip():
        return None, {}
    try:
        return find_ticket(typed[: rfh_modals.LONGEST_NUMBER]), {}
    except UnknownTicket:
        return None, {"ticket": f"There is no ticket {typed.strip()[:40]} here. Leave it empty if it is about none."}


def at_blocks(refusal: RFHError, blocks: frozenset[str], otherwise: str = "summary") -> Errors:
    """Each reason beside the field it is about."""
    errors = refusal.errors if isinstance(refusal, BadRFH) else {otherwise: [str(refusal)]}
    return {name if name in blocks else otherwise: " ".join(sentences) for name, sentences in errors.items()}


def place(channel: str) -> str:
    """Where an answer certainly arrives: the channel if it is one of ours, else the asker's own messages (empty)."""
    return channel if Channel.objects.filter(slack_id=channel).exists() else ""


def lists() -> Lists:
    """What can be chosen in a request."""
    return Lists(
        kinds=_choices(RFH.Kind.choices),
        priorities=_choices(RFH.Priority.choices),
        levels=_choices(RFH.Level.choices),
        bug_classes=_choices(RFH.BugClass.choices),
    )


def _choices(pairs: list[tuple[Any, Any]]) -> list[Choice]:
    return [Choice(str(value), str(label)) for value, label in pairs]


def _refusal(agent: Agent | None) -> str:
    if agent is None:
        return f"I do not know you, so I cannot ask for help in your name. Ask {selectors.managers()}."
    if not rights.may_begin(agent):
        return f"Your role may not ask for help. Ask {selectors.managers()}."
    return ""


def _list(asked: Asked, agent: Agent, *, now: datetime) -> None:
    text = f"*Your open requests for help*\n{rfh_lines.open_requests(agent)}"
    button = {"type": "button", "text": inputs.plain("New request…"), "action_id": NEW, "style": "primary"}
    blocks = [section(text[:3_000]), {"type": "actions", "elements": [button]}, inputs.remark(USAGE)]
    answer(asked, f"{text}\n{USAGE}", now=now, private=True, blocks=blocks)


def _show(asked: Asked, agent: Agent, number: str, *, now: datetime) -> None:
    try:
        said = rfh_lines.line(find(number), agent)
    except RFHError as refusal:
        said = escape(str(refusal))
    answer(asked, said, now=now, private=True)


def _modal(said: str, asked: Asked) -> inputs.View:
    return rfh_modals.ask(_known(said), lists(), channel=asked.channel)


def _known(said: str) -> Known:
    """What the words after the command tell: a ticket's number first, and what it is about."""
    first, _, rest = said.partition(" ")
    number = plain_number(first)
    ticket = Ticket.objects.select_related("customer").filter(number=number).first() if is_number(number) else None
    if ticket is not None:
        whose = f" of {escape(ticket.customer.name)}" if ticket.customer else ""
        about = f"*Ticket {escape(ticket.number)}*{whose}: {escape(ticket.subject[:300]) or 'without a subject'}"
        suggested = suggested_priority(RFH(ticket=ticket, customer=ticket.customer, kind=RFH.Kind.HELP))
        why = f"Suggested priority: *{escape(suggested.priority.upper())}* ({escape(suggested.because)})"
        return Known(ticket=ticket.number, summary=rest, priority=suggested.priority, remarks=[about, why])
    if number.isdecimal() and not rest:
        return Known(ticket=number[: rfh_modals.LONGEST_NUMBER], remarks=[f"There is no ticket {escape(number[:40])}."])
    longest = rfh_modals.LONGEST_SUMMARY
    return Known(summary=said[:longest], description=said if len(said) > longest else "")


def _begun(rfh: RFH, *, wished: str, now: datetime) -> str:
    if rfh.at == State.ASKED_TEAMMATES:
        state = "your teammates are asked"
    elif wished == rfh_modals.TEAMMATES:
        state = "it is a draft: a defect is not asked of teammates, choose its team"
    else:
        state = "it is a draft"
    lines = [f"{rfh_lines.linked(rfh)} *{escape(rfh.summary)}*: {state}."]
    if lacking := rfh.missing:
        names = ", ".join(escape(detail.label) for detail in lacking)
        lines.append(f"Still missing, {len(lacking)} of {len(DETAILS)}: {names}.")
    else:
        lines.append("Nothing is missing that engineering needs to know.")
    proposals = propose(f"{rfh.summary}\n{rfh.description}", today=now.date())
    if proposals:
        lines.append("Proposed teams, if nobody here knows:")
        lines += [_proposed(each) for each in proposals[:MOST_TEAMS]]
    else:
        lines.append("The table proposes no team for these words; a person chooses one.")
    lines.append(f"{link(selectors.portal('rfhs:form', rfh.pk), 'Go on in the form')}: files, events, and its team.")
    return "\n".join(lines)


def _proposed(proposal: Proposal) -> str:
    area = f", {escape(proposal.area.name)}" if proposal.area and proposal.area.name != proposal.team.name else ""
    why = f" ({escape(', '.join(proposal.matched[:8]))})" if proposal.matched else ""
    ask = f" {escape(proposal.ask)}" if proposal.ask else ""
    return f"• *{escape(proposal.team.name)}*{area}{why}{ask}"
