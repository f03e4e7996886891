"""Reads of requests for help."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q

from apps.people.models import Agent, Customer, Plan, Team
from apps.rfhs.errors import UnknownRFH
from apps.rfhs.models import RFH, Area, Desk
from apps.rfhs.priority import Suggestion, suggest
from apps.rfhs.states import State
from apps.tickets.models import Ticket

RELATED = ("ticket", "customer", "team__channel", "communicator", "area", "accountable", "owner", "teller")


def find(number: int | str) -> RFH:
    """The request of this number, with or without RFH- before it. Raises UnknownRFH."""
    said = str(number).strip().upper().removeprefix("RFH-")
    rfh = None
    if said.isascii() and said.isdecimal() and len(said) <= 18:
        rfh = RFH.objects.select_related(*RELATED).filter(pk=int(said)).first()
    if rfh is None:
        raise UnknownRFH(f"There is no request for help {str(number).strip()[:40]}.")
    return rfh


def similar(text: str, *, besides: int | None = None, most: int = 5) -> list[RFH]:
    """Requests that were answered, and whose words are like these, the likest first."""
    words = [word for word in text.split() if word.strip("\"'")]
    if not words:
        return []
    query = SearchQuery(" or ".join(words[:60]), config="english", search_type="websearch")
    # What was reopened was no answer.
    known = RFH.objects.filter(state__in=[State.ANSWERED, State.RESOLVED]).exclude(answer="")
    found = known.filter(search=query).select_related(*RELATED)
    if besides is not None:
        found = found.exclude(pk=besides)
    return list(found.annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "-pk")[:most])


def open_of(agent: Agent, *, most: int = 20) -> list[RFH]:
    """The open requests they work on, or answer to the customer for; those that moved last first."""
    theirs = RFH.objects.filter(Q(owner=agent) | Q(accountable=agent), ended_at=None)
    return list(theirs.select_related(*RELATED).order_by("-moved_at", "-pk")[:most])


def whose(item: RFH) -> str:
    """Whose a new item is, or that nobody is on shift for it, in a sentence."""
    if item.owner:
        return f"{item} is {item.owner}’s, who is primary on shift for {item.team}."
    return f"{item} is with {item.team}, but nobody is primary on shift there: somebody has to take it."


def sustained_engineering() -> Team | None:
    """The team whose requests are SET items; None where no desk says so."""
    desk = Desk.objects.filter(is_set=True).select_related("team").first()
    return desk.team if desk else None


def theirs(agent: Agent) -> Q:
    """What an agent works on, is accountable for, or should acknowledge with their team."""
    waits = Q(team__in=Team.objects.filter(members=agent), state__in=[State.FILED, State.HANDED_OVER], owner=None)
    return Q(owner=agent) | Q(accountable=agent) | waits


def counts_as_engineering(team: Team, area: Area | None) -> bool:
    """Whether help of this team in this area counts: what is not engineering's does not (licences, statistics)."""
    if area is not None:
        return area.engineering
    return team.kind == Team.Kind.ENGINEERING


def suggested_priority(rfh: RFH) -> Suggestion:
    """What its ticket's severity, its level and what we know of its customer speak for."""
    customer, ticket = rfh.customer, rfh.ticket
    plan = (customer and customer.plan) or (ticket and ticket.plan) or None
    urgent = Ticket.objects.filter(customer=customer, severity="urgent").exclude(status__in=Ticket.ENDED)
    if ticket is not None:
        urgent = urgent.exclude(pk=ticket.pk)
    return suggest(
        kind=rfh.kind,
        severity=ticket.severity if ticket else "normal",
        level=rfh.level,
        prospect=customer is not None and customer.stage == Customer.Stage.PROSPECT,
        urgent_account=customer is not None and urgent.exists(),
        plan=plan.name if plan else "",
        highest_plan=plan is not None and plan == Plan.objects.first(),
    )
