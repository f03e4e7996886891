"""The shortcut of a message: what somebody asked there is answered at once, or becomes an item of the SET's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.integrations.slack import inputs, rfh_lines, rfh_modals, selectors
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.asking import at_blocks, lists, place, read_ticket
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.chosen_message import WHICH, Chosen, Place, chosen
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.rfh_modals import Known
from apps.integrations.slack.setup import Errors, modals_view
from apps.integrations.slack.text import escape, link
from apps.people.acting import Acting
from apps.people.models import Agent, Customer, Team
from apps.people.selectors import customer_called
from apps.rfhs import rights
from apps.rfhs.errors import NotYours, RFHError
from apps.rfhs.models import RFH, Desk
from apps.rfhs.selectors import sustained_engineering
from apps.rfhs.services.set_items import answered_here, make_item
from apps.tickets.models import Ticket

SHORTCUT = "rfh_from_message"
WHAT = "SET: answer or item"
_BLOCKS = frozenset({"summary", "description", "answer", "ticket", "customer", "level", "bug_class", "symptoms"})


def on_shortcut(event: SlackEvent, now: datetime) -> Call | None:
    """Open the modal for whoever may make an item; of a message that is one already, say which."""
    message = chosen(event.payload)
    where, asked = message.where, message.where.asked(WHAT, message.user)
    try:
        _allowed(asked.user)
        _team(where.channel)
        if not where.is_known:
            raise RFHError(WHICH)
    except RFHError as refusal:
        answer(asked, escape(str(refusal)), now=now, private=True)
        return None
    if known := RFH.objects.select_related("owner").filter(source_key=where.key).first():
        answer(asked, _is_already(known), now=now, private=True)
        return None
    metadata = {"channel": where.channel, "ts": where.ts, "thread_ts": where.thread_ts}
    view = rfh_modals.from_message(_known(message), lists(), metadata=metadata)
    return OpenModal(asked, word(event.payload.get("trigger_id")), view)


def submit(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """The question is on record as answered, or an item is made; else what is wrong, by block."""
    view = modals_view(payload)
    opened = inputs.metadata(view)
    where = Place(word(opened.get("channel")), word(opened.get("ts")), word(opened.get("thread_ts")))
    typed = inputs.values(view)
    ticket, errors = read_ticket(typed.get("ticket", ""))
    customer = customer_called(typed.get("customer", ""))
    if typed.get("customer") and customer is None:
        errors["customer"] = f"There is no customer “{typed['customer'][:60]}” here, or several are called so."
    if not typed.get("summary"):
        errors["summary"] = "Say in a line what it is about."
    here = typed.get("what") == rfh_modals.ANSWERED
    if here and not typed.get("answer"):
        errors["answer"] = "Write the answer in a line: the next who asks will find it."
    if errors:
        return errors
    try:
        agent, team = _allowed(user_of(payload)), _team(where.channel)
        with transaction.atomic():
            if here:
                _answer(team, where, typed, agent, now=now)
            else:
                _make(team, where, typed, agent, ticket=ticket, customer=customer, now=now)
    except RFHError as refusal:
        return at_blocks(refusal, _BLOCKS)
    return {}


def _answer(team: Team, where: Place, typed: Mapping[str, str], agent: Agent, *, now: datetime) -> None:
    asked = where.asked(WHAT, agent.slack_id or "")
    if known := RFH.objects.select_related("owner").filter(source_key=where.key).first():
        answer(asked, _is_already(known), now=now, private=True)
        return
    parts = (typed["summary"], typed.get("description", ""))
    kept = answered_here(
        team=team,
        question="\n\n".join(part for part in parts if part),
        answer=typed["answer"],
        by=agent,
        now=now,
        source=_source(team, where.channel),
        url=where.url,
        key=where.key,
    )
    if kept.at == now:
        said = f"Recorded as answered here, for {escape(team.name)}: no item was made. Thank you!"
    else:
        said = f"It is recorded already, as answered by {escape(str(kept.by or 'somebody'))}."
    answer(asked, said, now=now, private=True)


def _make(
    team: Team,
    where: Place,
    typed: Mapping[str, str],
    agent: Agent,
    *,
    ticket: Ticket | None,
    customer: Customer | None,
    now: datetime,
) -> None:
    rfh, fresh = make_item(
        team=team,
        by=Acting(agent),
        now=now,
        summary=typed["summary"],
        description=typed.get("description", ""),
        source=_source(team, where.channel),
        source_key=where.key,
        source_url=where.url,
        ticket=ticket,
        customer=customer,
        level=typed.get("level", ""),
        bug_class=typed.get("bug_class", ""),
        symptoms=[name for name in typed.get("symptoms", "").split(",") if name],
        production=rfh_modals.PRODUCTION.value in typed.get("production", "").split(","),
    )
    if not fresh:
        answer(where.asked(WHAT, agent.slack_id or ""), _is_already(rfh), now=now, private=True)
        return
    who = f"{escape(str(rfh.owner))} has it" if rfh.owner else f"nobody of {escape(team.name)} is on shift to have it"
    level = f", {rfh.level}" if rfh.level else ""
    said = f"{rfh_lines.linked(rfh)} *{escape(rfh.summary)}*{level}: {who}. Made by {escape(str(agent))}."
    thread = where.thread_ts or where.ts
    if _is_a_customers(where.channel, thread):
        answer(where.asked(WHAT, agent.slack_id or ""), said, now=now, private=True)
        return
    answer(Asked(WHAT, agent.slack_id or "", where.channel, thread), said, now=now)
    if not place(where.channel):
        # Where the bot was never invited it cannot speak, and whoever made the item would not hear of it.
        answer(Asked(WHAT, agent.slack_id or "", ""), said, now=now, private=True)


def _is_a_customers(channel: str, thread_ts: str) -> bool:
    """Whether a customer reads along: what is said among us is not for them."""
    ticket = selectors.ticket_in_thread(channel, thread_ts)
    return ticket is not None and ticket.origin == Ticket.Origin.SLACK


def _is_already(rfh: RFH) -> str:
    who = f", and {escape(str(rfh.owner))} has it" if rfh.owner else ""
    return f"This message is {rfh_lines.linked(rfh)} already{who}; {escape(rfh.asked_by)} made it. No second was made."


def _allowed(user: str) -> Agent:
    agent = selectors.agent_of(user)
    if agent is None:
        raise NotYours(f"I do not know you, so nothing was made of it. Ask {selectors.managers()} to add you.")
    if not rights.may_begin(agent):
        raise NotYours(f"Your role may not make items. Ask {selectors.managers()}.")
    return agent


def _team(channel: str) -> Team:
    """Whose item it would be: the SET that is asked in this channel, else the SET."""
    desks = Desk.objects.filter(is_set=True).select_related("team__channel", "ask_channel")
    mine = next((desk.team for desk in desks if channel in _channels(desk)), None) or sustained_engineering()
    if mine is None:
        raise RFHError(
            "No team takes such items yet. A support manager marks one as Sustained Engineering Team, at Desks in the "
            "portal."
        )
    return mine


def _channels(desk: Desk) -> set[str]:
    return {each.slack_id for each in (desk.team.channel, desk.ask_channel) if each is not None}


def _source(team: Team, channel: str) -> str:
    if team.channel is not None and team.channel.slack_id == channel:
        return RFH.Source.CHANNEL
    desk = Desk.objects.filter(team=team).select_related("ask_channel").first()
    if desk is not None and desk.ask_channel is not None and desk.ask_channel.slack_id == channel:
        return RFH.Source.ASK_RND
    return RFH.Source.SLACK


def _known(message: Chosen) -> Known:
    ticket = message.ticket
    whose = f"the message of {message.author}" if message.author else "the message"
    return Known(
        ticket=ticket.number if ticket else "",
        customer=ticket.customer.name if ticket and ticket.customer else "",
        summary=message.first_line[: rfh_modals.LONGEST_SUMMARY],
        description=message.quoted[: inputs.LONGEST_TEXT],
        remarks=[f"Of {link(message.where.url, whose)}"],
    )
