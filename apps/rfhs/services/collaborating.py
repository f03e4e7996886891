"""Working together: the engineer and the customer, an estimate, the account manager, and who answers for it all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.errors import BadRFH
from apps.rfhs.joining import Way, to_do, way_in
from apps.rfhs.joining_events import (
    AccountManagerFollows,
    EngineerAskedToJoin,
    EngineerBroughtIn,
    EngineerJoinedCustomer,
    EngineerStaysBehind,
    EstimateAsked,
    EstimateGiven,
    RFHAccountableChanged,
)
from apps.rfhs.models import RFH
from apps.rfhs.services.texts import LONGEST_LINE
from apps.rfhs.services.working import still_open
from apps.rfhs.services.writing import locked, record, refresh, told, write
from apps.tickets.models import Ticket

Works = RFH.WorksWithCustomer


@transaction.atomic
def ask_to_join(rfh: RFH, *, by: Acting, now: datetime) -> None:
    """Whoever works on it is asked whether they want to work with the customer directly; they may say no.

    Raises BadRFH while no team has it.
    """
    row = _with_a_team(still_open(locked(rfh), "Ask to work with the customer"))
    if row.works_with_customer == Works.ASKED:
        return
    write(row, {"works_with_customer": Works.ASKED})
    event = EngineerAskedToJoin(
        **told(row, by), team=row.team.slug if row.team else "", to_email=row.owner.email if row.owner else ""
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def join_customer(rfh: RFH, *, engineer: Agent | None = None, by: Acting, now: datetime) -> str:
    """The engineer works with the customer; what must be done so that they are in, in a sentence.

    `engineer` is the owner, else whoever says so. Support stays accountable.
    """
    row = _with_a_team(still_open(locked(rfh), "Work with the customer"))
    who = engineer or row.owner or by.agent
    if who is None:
        raise BadRFH("engineer", "Say which engineer: nobody works on it yet.")
    ticket = row.ticket
    way = way_of(row)
    sentence = to_do(way, engineer=str(who), email=who.email, ticket=ticket.number if ticket else "")
    if row.works_with_customer == Works.YES and row.owner_id == who.pk:
        return sentence
    # A mention is ours to post; a cc is a person's to add.
    values = {"works_with_customer": Works.YES, "brought_in_at": now if way is Way.MENTION else None}
    write(row, {**values, **({} if row.owner_id else {"owner": who})})
    event = EngineerJoinedCustomer(
        **told(row, by),
        engineer=str(who),
        engineer_email=who.email,
        ticket=ticket.number if ticket else "",
        origin=ticket.origin if ticket else "",
        way=str(way),
        channel=ticket.channel if ticket and way is Way.MENTION else "",
        thread_ts=ticket.thread_ts if ticket and way is Way.MENTION else "",
        to_do=sentence,
    )
    record(row, event, now=now)
    refresh(rfh, row)
    return sentence


@transaction.atomic
def bring_in(rfh: RFH, *, by: Acting, now: datetime) -> None:
    """Somebody did what was to do: the engineer is in cc, or was brought together with the customer otherwise."""
    row = still_open(locked(rfh), "Bring the engineer in")
    if row.works_with_customer != Works.YES:
        raise BadRFH("engineer", "No engineer works with the customer directly.")
    if row.brought_in_at is not None:
        return
    write(row, {"brought_in_at": now})
    record(row, EngineerBroughtIn(**told(row, by), engineer=str(row.owner) if row.owner else ""), now=now)
    refresh(rfh, row)


@transaction.atomic
def stay_behind(rfh: RFH, *, by: Acting, now: datetime) -> None:
    """The engineer does not work with the customer directly; support goes on telling them."""
    row = _with_a_team(still_open(locked(rfh), "Work with the customer"))
    if row.works_with_customer == Works.NO:
        return
    write(row, {"works_with_customer": Works.NO})
    record(row, EngineerStaysBehind(**told(row, by), team=row.team.slug if row.team else ""), now=now)
    refresh(rfh, row)


@transaction.atomic
def ask_estimate(rfh: RFH, *, by: Acting, now: datetime) -> None:
    """The team is asked by when it might know more: whatever it says is no promise."""
    row = _with_a_team(still_open(locked(rfh), "Ask for an estimate"))
    write(row, {"estimate_asked_at": now})
    event = EstimateAsked(
        **told(row, by), team=row.team.slug if row.team else "", to_email=row.owner.email if row.owner else ""
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def give_estimate(rfh: RFH, *, estimate: str, by: Acting, now: datetime) -> None:
    """What the team expects, in its own words; shown everywhere as no promise."""
    said = " ".join(estimate.replace("\x00", "").split())
    if not said:
        raise BadRFH("estimate", "Say what you expect, such as: we look at it this week.")
    if len(said) > LONGEST_LINE:
        raise BadRFH("estimate", f"At most {LONGEST_LINE} characters; these are {len(said)}.")
    row = _with_a_team(still_open(locked(rfh), "Give an estimate"))
    write(row, {"estimate": said, "estimated_at": now, "estimated_by": by.label, "moved_at": now})
    record(row, EstimateGiven(**told(row, by), team=row.team.slug if row.team else "", estimate=said), now=now)
    refresh(rfh, row)


@transaction.atomic
def follow(rfh: RFH, *, follows: bool, by: Acting, now: datetime) -> None:
    """The customer's account manager hears updates from now on, or no more. Raises BadRFH where there is none."""
    row = still_open(locked(rfh), "Follow")
    manager = row.customer.account_manager if row.customer else None
    if manager is None:
        raise BadRFH("account_manager_follows", "The customer has no account manager: set one on the customer's page.")
    if row.account_manager_follows == follows:
        return
    write(row, {"account_manager_follows": follows})
    event = AccountManagerFollows(
        **told(row, by), account_manager=str(manager), account_manager_email=manager.email, follows=follows
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def make_accountable(
    rfh: RFH, *, to: Agent, because: str = "", by: Acting, now: datetime, version: int | None = None
) -> None:
    """`to` answers to the customer from now on, whoever works on it; both hear."""
    row = still_open(locked(rfh, version), "Change who is accountable")
    if not to.is_active:
        raise BadRFH("accountable", f"{to} does not work here any more.")
    if row.accountable_id == to.pk:
        return
    before = row.accountable
    write(row, {"accountable": to})
    event = RFHAccountableChanged(
        **told(row, by),
        before=str(before) if before else "",
        before_email=before.email if before else "",
        to=str(to),
        to_email=to.email,
        because=" ".join(because.split())[:LONGEST_LINE],
    )
    record(row, event, now=now)
    refresh(rfh, row)


def way_of(rfh: RFH) -> Way:
    """How an engineer would come in on this request."""
    ticket = rfh.ticket
    return way_in(
        has_ticket=ticket is not None,
        from_slack=ticket is not None and ticket.origin == Ticket.Origin.SLACK,
        in_thread=bool(ticket and ticket.channel and ticket.thread_ts),
    )


def _with_a_team(row: RFH) -> RFH:
    if row.team is None:
        raise BadRFH("team", "No team has it yet: file it first.")
    return row
