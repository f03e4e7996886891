"""How promises follow what happens to tickets, pages and policies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.escalations import clocks, incident_clocks, owed, paging, rfh_clocks, services
from apps.escalations.models import Clock
from apps.incidents.events import (
    IncidentAcknowledged,
    IncidentChanged,
    IncidentClosed,
    IncidentDeclared,
    IncidentInvalidated,
    IncidentReopened,
    IncidentUpdated,
)
from apps.pages.events import PageAcknowledged, PageOpened, PagePassedOn
from apps.pages.models import Page
from apps.rfhs.events import (
    RFHAcknowledged,
    RFHAnswered,
    RFHChanged,
    RFHFiled,
    RFHHandedOver,
    RFHReopened,
    RFHRerouted,
    RFHResolved,
    RFHStarted,
    RFHUpdatePosted,
    RFHWithdrawn,
)
from apps.tickets.events import ReplyRecorded, TicketChanged, TicketOpened, TicketStatusChanged
from apps.tickets.models import Ticket
from apps.trail.events import Event, ObjectChanged, ObjectCreated, ObjectDeleted
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, following, on

# Of a ticket only these decide which policy governs it.
DECISIVE = {"plan", "severity", "type", "channel"}


@on(TicketOpened)
def start_the_promises(entries: Sequence[Recorded[TicketOpened]]) -> None:
    """A promise runs from the ticket's own time."""
    policies = clocks.current_policies()
    tickets = {ticket.pk: ticket for ticket in services.governed_tickets([entry.event.ticket for entry in entries])}
    for entry in entries:
        ticket = tickets[entry.event.ticket]
        with following(entry):
            services.start_clocks(ticket, started_at=ticket.opened_at, now=entry.occurred_at, policies=policies)


@on(TicketChanged)
def follow_the_ticket(entries: Sequence[Recorded[TicketChanged]]) -> None:
    """A later fill-in, such as the customer's plan, recalculates the clocks."""
    for entry in entries:
        if DECISIVE & set(entry.event.changes):
            names = ", ".join(name for name in entry.event.changes if name in DECISIVE)
            with following(entry):
                services.recalculate(
                    services.governed_tickets([entry.event.ticket]),
                    because=f"the ticket's {names} changed",
                    now=entry.occurred_at,
                )


@on(ReplyRecorded)
def stop_for_the_reply(entries: Sequence[Recorded[ReplyRecorded]]) -> None:
    """Only an agent's reply stops a promise."""
    for entry in entries:
        if entry.event.author == "agent":
            with following(entry):
                services.stop_for_reply(entry.event.ticket, at=entry.event.at, now=entry.occurred_at)


@on(TicketStatusChanged)
def follow_the_status(entries: Sequence[Recorded[TicketStatusChanged]]) -> None:
    """Solved or closed without a reply cancels; reopened while still unanswered, the promise starts anew."""
    for entry in entries:
        moved = entry.event
        if moved.after in Ticket.ENDED:
            with following(entry):
                services.cancel_clocks(moved.ticket, because=f"the ticket was {moved.after}", now=entry.occurred_at)
        elif moved.before in Ticket.ENDED:
            with following(entry):
                _start_anew(moved.ticket, now=entry.occurred_at)


def _start_anew(key: int, *, now: datetime) -> None:
    [ticket] = services.governed_tickets([key])
    if ticket.first_response_at is None and not Clock.objects.filter(ticket=ticket, state="running").exists():
        policies = clocks.current_policies()
        services.start_clocks(ticket, started_at=ticket.awaits_since, now=now, policies=policies)


# What a waiting check knows people, groups, channels and plans by; a change of it must reach the check.
IDENTITIES = {
    "people.agent": "email",
    "people.namedgroup": "slug",
    "people.channel": "slack_id",
    "people.plan": "slug",
}


@on(ObjectChanged, ObjectCreated, ObjectDeleted)
def follow_the_policies(entries: Sequence[Recorded[Any]]) -> None:
    """A policy that was edited governs the tickets that are open already, too: in a job, as they may be many."""
    decisive = [entry for entry in entries if _is_decisive(entry.event)]
    if decisive:
        changed = ", ".join(dict.fromkeys(_what_changed(entry.event) for entry in decisive))
        with following(decisive[-1]):
            enqueue("apps.escalations.jobs.recalculate", f"{changed} changed", 0)


def _what_changed(event: ObjectChanged | ObjectCreated | ObjectDeleted) -> str:
    # When one policy is dragged the others make room; which of their entries comes first says nothing.
    if event.model == "sla.policy" and isinstance(event, ObjectChanged) and set(event.changes) == {"position"}:
        return "the order of the policies"
    return event.label


def _is_decisive(event: ObjectChanged | ObjectCreated | ObjectDeleted) -> bool:
    if event.model == "sla.policy":
        return True
    identity = IDENTITIES.get(event.model)
    return isinstance(event, ObjectChanged) and identity is not None and identity in event.changes


@on(PageOpened)
def start_climbing(entries: Sequence[Recorded[PageOpened]]) -> None:
    """A page climbs from the moment it is sent, by the policy as it is then."""
    for entry in entries:
        page = Page.objects.select_related("team").get(pk=entry.event.page)
        with following(entry):
            paging.start(page, now=entry.occurred_at)


@on(PageAcknowledged)
def stop_climbing(entries: Sequence[Recorded[PageAcknowledged]]) -> None:
    """Whoever acknowledges a page ends its climb; what resolves or hands over an open one acknowledges it first."""
    for entry in entries:
        with following(entry):
            paging.stop(entry.event.page, at=entry.occurred_at, now=entry.occurred_at)


@on(PagePassedOn)
def tell_the_next(entries: Sequence[Recorded[PagePassedOn]]) -> None:
    """Not theirs: the next step speaks now."""
    for entry in entries:
        because = f"{entry.event.by} says that it is not theirs, and everybody was told already."
        with following(entry):
            paging.next_at_once(entry.event.page, because=because, now=entry.occurred_at)


# Of a request only these decide what it is promised.
DECISIVE_OF_A_REQUEST = {"priority", "level"}


@on(RFHFiled, RFHReopened)
def start_what_the_team_owes(entries: Sequence[Recorded[Any]]) -> None:
    """A team is asked, or asked again: what it owes runs from now."""
    for entry in entries:
        with following(entry):
            rfh_clocks.align([entry.event.rfh], because="a team was asked", now=entry.occurred_at)


@on(RFHAcknowledged, RFHStarted)
def keep_the_acknowledgement(entries: Sequence[Recorded[Any]]) -> None:
    """Somebody of the team has it; everybody hears so, and the next update is owed from now."""
    for entry in entries:
        with following(entry):
            rfh_clocks.stop(entry.event.rfh, [owed.ACKNOWLEDGEMENT], at=entry.occurred_at, now=entry.occurred_at)
            rfh_clocks.align([entry.event.rfh], because="it was acknowledged", now=entry.occurred_at)


@on(RFHUpdatePosted)
def owe_the_next_update(entries: Sequence[Recorded[RFHUpdatePosted]]) -> None:
    """Each update keeps the promise of it, and starts the next."""
    for entry in entries:
        with following(entry):
            rfh_clocks.align([entry.event.rfh], because="an update was posted", now=entry.occurred_at)


@on(RFHHandedOver)
def follow_to_the_other_team(entries: Sequence[Recorded[RFHHandedOver]]) -> None:
    """The other team has its own time to acknowledge; the answer stays due when it was, by that team's policy."""
    for entry in entries:
        because = f"it was handed over to {entry.event.team_name}"
        with following(entry):
            rfh_clocks.cancel(entry.event.rfh, [owed.ACKNOWLEDGEMENT], because=because, now=entry.occurred_at)
            rfh_clocks.align([entry.event.rfh], because=because, now=entry.occurred_at)


@on(RFHAnswered)
def keep_the_answer(entries: Sequence[Recorded[RFHAnswered]]) -> None:
    """The answer is there, and with it all that was owed on the way."""
    for entry in entries:
        with following(entry):
            rfh_clocks.stop(entry.event.rfh, EVERYTHING, at=entry.occurred_at, now=entry.occurred_at)


@on(RFHResolved)
def end_with_the_request(entries: Sequence[Recorded[RFHResolved]]) -> None:
    """What engineering solved it has answered; what others solved, nobody needs an answer to any more."""
    for entry in entries:
        with following(entry):
            if entry.event.solved_by == "engineering":
                rfh_clocks.stop(entry.event.rfh, EVERYTHING, at=entry.occurred_at, now=entry.occurred_at)
            because = f"it was solved by {entry.event.solved_by}"
            rfh_clocks.cancel(entry.event.rfh, because=because, now=entry.occurred_at)


@on(RFHRerouted, RFHWithdrawn)
def end_without_an_answer(entries: Sequence[Recorded[Any]]) -> None:
    """Nobody owes anything any more."""
    for entry in entries:
        because = "it was withdrawn" if isinstance(entry.event, RFHWithdrawn) else f"{entry.event.to} plans it"
        with following(entry):
            rfh_clocks.cancel(entry.event.rfh, because=because, now=entry.occurred_at)


@on(RFHChanged)
def follow_the_request(entries: Sequence[Recorded[RFHChanged]]) -> None:
    """Another priority or level is another promise."""
    for entry in entries:
        names = [name for name in entry.event.changes if name in DECISIVE_OF_A_REQUEST]
        if names:
            because = f"the request's {', '.join(names)} changed"
            with following(entry):
                rfh_clocks.align([entry.event.rfh], because=because, now=entry.occurred_at)


# What happened to an incident, as the reason why its promises moved.
OF_AN_INCIDENT: dict[type[Event], str] = {
    IncidentDeclared: "it was declared",
    IncidentAcknowledged: "it was acknowledged",
    IncidentUpdated: "an update was posted",
    IncidentClosed: "it was closed",
    IncidentReopened: "it was reopened",
    IncidentInvalidated: "it was no incident",
}


@on(*OF_AN_INCIDENT)
def follow_the_incident(entries: Sequence[Recorded[Any]]) -> None:
    """What is owed of an incident follows from where it stands, and since when."""
    for entry in entries:
        with following(entry):
            because = OF_AN_INCIDENT[type(entry.event)]
            incident_clocks.align([entry.event.incident], because=because, now=entry.occurred_at)


# Of an incident only these decide what is promised.
DECISIVE_OF_AN_INCIDENT = {"severity", "level"}


@on(IncidentChanged)
def follow_its_severity(entries: Sequence[Recorded[IncidentChanged]]) -> None:
    """Another severity or level is another promise."""
    for entry in entries:
        names = [name for name in entry.event.changes if name in DECISIVE_OF_AN_INCIDENT]
        if names:
            because = f"the incident's {' and '.join(names)} changed"
            with following(entry):
                incident_clocks.align([entry.event.incident], because=because, now=entry.occurred_at)


EVERYTHING = (owed.ACKNOWLEDGEMENT, owed.FIRST_ANSWER, owed.UPDATE)
