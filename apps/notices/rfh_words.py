"""What is said when a request for help moves, and to whom. Each is one sentence; who did it does not hear it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.integrations.slack import rfh_buttons, rfh_messages
from apps.integrations.slack.text import channel_link, escape, link
from apps.notices import rfh_routing
from apps.notices.places import Place
from apps.notices.rfhs import Request, involved, to_support, to_team
from apps.notices.routing import Owed
from apps.notices.shifts import reachable, told_as
from apps.rfhs.events import (
    IncidentNeeded,
    ItemWithoutOwner,
    RFHAcknowledged,
    RFHAnswered,
    RFHAssigned,
    RFHChanged,
    RFHHandedOver,
    RFHNudged,
    RFHReopened,
    RFHRerouted,
    RFHResolved,
    RFHStarted,
    RFHTellingAssigned,
    RFHUpdatePosted,
    RFHWithdrawn,
    SolvedByTeammate,
)
from apps.rfhs.joining_events import (
    AccountManagerFollows,
    EngineerAskedToJoin,
    EngineerJoinedCustomer,
    EngineerStaysBehind,
    EstimateAsked,
    EstimateGiven,
    RFHAccountableChanged,
)
from apps.rfhs.tracking.events import (
    RFHIssueClosed,
    RFHIssueCommented,
    RFHIssueDelayed,
    RFHIssueReopened,
    RFHIssueUntold,
)
from apps.rotations.on_duty import on_duty_as
from apps.trail.reacting import Recorded


def say(entry: Recorded[Any], request: Request) -> Iterable[Owed]:
    """Whoever waits for it or works on it hears how it goes."""
    event, rfh = entry.event, request.rfh
    by, everybody = escape(event.by), involved(rfh)
    support, owner = request.support, request.owner
    match event:
        case SolvedByTeammate():
            who = escape(event.answered_by or event.by)
            text = f":white_check_mark: {who} knew the answer. Engineering is not needed."
            return request.word(text, "solved by a teammate", *support, quote=event.answer)
        case RFHAcknowledged():
            return request.word(f":eyes: {by} has taken it.", "acknowledged", *support)
        case RFHStarted() if rfh.started_at == rfh.acknowledged_at:
            # Who starts what nobody has taken takes it by that, which was said just now.
            return []
        case RFHStarted():
            return request.word(f":wrench: {by} works on it.", "in progress", *support)
        case RFHHandedOver():
            text = f":handshake: {by} handed it over to *{escape(event.team_name)}*."
            return [
                *request.word(text, "handed over", *support, quote=event.note),
                *_to_who_tells(request, rfh.teller.email if rfh.teller else ""),
            ]
        case RFHUpdatePosted():
            return request.word(f":memo: {by}:", "an update", *everybody, quote=event.text, thread=True)
        case RFHAnswered():
            whose = "yours" if support else "support's"
            text = f":bulb: {by} answered. It stays {whose} until the customer is served."
            if not reachable(support):
                message = rfh_messages.word(request.shown, text, quote=event.answer)
                return to_support(request, message, "answered")
            return request.word(text, "answered", *support, quote=event.answer)
        case RFHResolved():
            text = f":white_check_mark: Resolved, solved by {escape(event.solved_by)}. What we learned:"
            return request.word(text, "resolved", *everybody, quote=event.learned, thread=True)
        case RFHRerouted():
            text = f":arrow_right: {by} re-routed it to *{escape(event.to)}*, who plans it. Our part ends."
            return request.word(text, "re-routed", *everybody, quote=event.note, thread=True)
        case RFHWithdrawn():
            text = f":leftwards_arrow_with_hook: {by} withdrew it: help is not needed any more."
            return request.word(text, "withdrawn", *everybody, quote=event.because, thread=rfh.filed_at is not None)
        case RFHReopened():
            text = f":arrows_counterclockwise: {by} reopened it."
            return request.word(text, "reopened", *everybody, quote=event.because, thread=rfh.filed_at is not None)
        case RFHNudged():
            return _nudge(event, request, owner)
        case RFHAssigned():
            why = f" ({escape(event.because)})" if event.because else ""
            message = rfh_messages.word(
                request.shown,
                f":point_right: It is yours now{why}.",
                quote=request.shown.description,
                buttons=rfh_buttons.rows(rfh.pk, rfh.state, theirs=True),
            )
            theirs = rfh_routing.to_people(
                request.shown, message, "yours now", emails=[event.to_email], people=request.people
            )
            text = f":point_right: {escape(event.to)} has it now{why}. It is yours no more."
            return [*theirs, *request.word(text, "another's now", event.before_email)]
        case RFHTellingAssigned():
            return _to_who_tells(request, event.to_email)
        case ItemWithoutOwner():
            return _nobody_on_shift(event, request, at=entry.occurred_at)
        case RFHChanged():
            if "priority" not in event.changes or rfh.is_over:
                return []
            text = f":point_right: {by} made it {escape(rfh.get_priority_display())}."
            return request.word(text, "its priority", *support, *owner, quote=rfh.priority_because, thread=True)
        case EngineerAskedToJoin():
            return _ask(
                request,
                f":wave: {by} asks: do you want to work with the customer directly?",
                "join the customer?",
                event,
            )
        case EngineerJoinedCustomer():
            text = f":wave: {escape(event.engineer)} works with the customer directly. You stay accountable."
            return [
                *request.word(text, "joined the customer", *support, quote=event.to_do),
                *_in_the_customers_thread(event, request),
            ]
        case EngineerStaysBehind():
            return request.word(f":no_entry_sign: {by} leaves the customer to you.", "leaves the customer", *support)
        case EstimateAsked():
            text = f":hourglass: {by} asks by when you might know more. What you say is no promise."
            return request.word(text, "an estimate?", *owner, thread=not owner)
        case EstimateGiven():
            text = f":calendar: {by} expects, and that is *no promise*:"
            return request.word(text, "an estimate", *support, quote=event.estimate)
        case AccountManagerFollows():
            text = ":eyes: You hear of its updates from now on." if event.follows else ":eyes: You hear no more of it."
            message = rfh_messages.word(request.shown, text)
            people = request.people
            return rfh_routing.to_people(
                request.shown, message, "you follow", emails=[event.account_manager_email], people=people
            )
        case RFHAccountableChanged():
            text = f":point_right: {escape(event.to)} answers to the customer for it now."
            return request.word(text, "who is accountable", event.to_email, event.before_email)
        case IncidentNeeded():
            room = f" Where it is handled: {channel_link(rfh.incident_channel)}." if rfh.incident_channel else ""
            # Incidents hear the event before notices do.
            made = rfh.incidents.filter(closed_at=None).order_by("-pk").first()
            which = (
                f"{escape(event.level)}: {escape(str(made))} is declared"
                if made
                else f"{escape(event.level)}: an incident is needed"
            )
            text = f":rotating_light: *{which}*, and an update a day is owed.{room}"
            return request.word(text, f"{event.level}, an incident", *everybody, thread=bool(rfh.team_id))
        case _:
            return []


def say_of_issue(entry: Recorded[Any], request: Request) -> Iterable[Owed]:
    """What engineering writes on the issue, and that it was closed, reaches who is accountable."""
    event, support = entry.event, request.support
    issue = link(event.url, event.called)
    match event:
        case RFHIssueCommented():
            where = " *in public*" if event.public else ""
            text = f":speech_balloon: {escape(event.by)} wrote{where} on {link(event.comment_url, event.called)}:"
            return request.word(text, "a comment", *support, *request.owner, quote=event.text)
        case RFHIssueClosed():
            return request.word(f":lock: {issue} was closed. Is it answered?", "its issue was closed", *support)
        case RFHIssueDelayed() if event.given_up:
            text = ":no_entry_sign: Its issue could not be made, and nobody tries again before you say so:"
            return request.word(text, "its issue failed", *support, quote=event.why)
        case RFHIssueUntold():
            text = f":no_entry_sign: This was not said on {issue}: {escape(event.why)}"
            return request.word(text, "not said on its issue", *support, quote=event.text)
        case RFHIssueReopened():
            return request.word(f":unlock: {issue} was opened again.", "its issue was reopened", *support)
        case _:
            return []


def _ask(request: Request, text: str, what: str, event: EngineerAskedToJoin) -> Iterable[Owed]:
    """Who works on it in person, else the team, with buttons."""
    row = rfh_buttons.join_row(request.rfh.pk)
    message = rfh_messages.word(request.shown, text, buttons=[row])
    if event.to_email in request.people:
        return rfh_routing.to_people(request.shown, message, what, emails=[event.to_email], people=request.people)
    return rfh_routing.to_thread(request.shown, message, what, place=request.thread)


def _in_the_customers_thread(event: EngineerJoinedCustomer, request: Request) -> Iterable[Owed]:
    """A mention there, when the customer came to us by Slack."""
    if event.way != "mention":
        return []
    # Whoever says yes is meant by it, though they need not be told.
    engineer = reachable([event.engineer_email]).get(event.engineer_email)
    message = rfh_messages.join_customer(engineer=(engineer and engineer.slack_id) or "", name=event.engineer)
    place = Place(event.channel, event.thread_ts)
    # Where many wait for a channel their summaries are said there, and this one's is the customer's.
    summary = f"{event.engineer} joins us here and helps with this one."
    owed = rfh_routing.to_thread(request.shown, message, "joined the customer", place=place)
    return [replace(each, summary=summary) for each in owed]


def _to_who_tells(request: Request, email: str) -> Iterable[Owed]:
    whose = escape(request.rfh.communicator.name if request.rfh.communicator else "support")
    text = f":memo: For {whose} you tell everybody from now on how it goes, whoever works on it."
    return request.word(text, "yours to tell", email)


def _nobody_on_shift(event: ItemWithoutOwner, request: Request, *, at: datetime) -> Iterable[Owed]:
    """The team's channel, and its lead on duty."""
    rfh, whom = request.rfh, f"{request.whom} " if request.whom else ""
    text = f":sos: {whom}Nobody is primary on shift for *{escape(event.team_name)}*: somebody has to take it."
    message = rfh_messages.word(request.shown, text, buttons=rfh_buttons.rows(rfh.pk, rfh.state))
    leads = on_duty_as(rfh.team, "lead", at=at) if rfh.team else []
    people = {email: told_as(agent) for email, agent in reachable([each.agent.email for each in leads]).items()}
    what = "nobody is on shift for it"
    return [
        *to_team(request, message, what),
        *rfh_routing.to_people(request.shown, message, what, emails=people, people=people),
    ]


def _nudge(event: RFHNudged, request: Request, owner: list[str]) -> Iterable[Owed]:
    text = f":hourglass: {escape(event.by)} asks how it stands."
    if any(email in request.people for email in owner):
        return request.word(text, "how does it stand?", *owner, quote=event.text)
    whom = f"{request.whom} " if request.whom else ""
    return request.word(f"{whom}{text}", "how does it stand?", quote=event.text, thread=True)
