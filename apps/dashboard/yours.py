"""What waits for whoever looks at Home: incidents, requests, swaps, hand-overs to confirm, what a cycle left undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils.timezone import get_current_timezone

from apps.escalations.models import Clock
from apps.escalations.owed import UPDATE
from apps.incidents import rights as incidents
from apps.incidents.models import Action, Incident
from apps.incidents.states import OPEN
from apps.people.models import Agent
from apps.rfhs import rights as requests
from apps.rfhs.models import RFH
from apps.rfhs.selectors import theirs
from apps.rfhs.states import State
from apps.rotations.cycles import rights as cycles
from apps.rotations.handovers import rights as handovers
from apps.rotations.leading import led_by
from apps.rotations.models import Cycle, HandOverPerson, Repeats, Rotation, RunItem
from apps.rotations.schedules import Current
from apps.rotations.swapping.selectors import waiting_for

SHOWN = 5


@dataclass(frozen=True)
class Line:
    """Something to do: in a word how it stands, what it is with its address, and beside which instant."""

    key: str
    tone: str
    word: str
    title: str
    link: str
    about: str
    when: str
    at: datetime
    # Whether the instant is when something was, and not when it is due.
    was: bool = False


@dataclass(frozen=True)
class Yours:
    """What waits, at most `SHOWN` of each kind; `more` are the pages that list what is left out."""

    lines: Sequence[Line]
    more: Sequence[tuple[str, str]]


def yours(agent: Agent, duties: Mapping[Rotation, Sequence[Current]], *, now: datetime) -> Yours:
    """As it is at `now`, of what the agent may see; `duties` is who is on, which says who leads a cycle."""
    lines: list[Line] = []
    more: list[tuple[str, str]] = []
    sees_rotations = agent.has_perm(handovers.SEE)
    found = [
        (
            _incidents(agent, now) if incidents.may_see(agent) else iter(()),
            "More incidents",
            f"{reverse('admin:incidents_incident_changelist')}?mine=any&over=no",
        ),
        (
            _to_confirm(agent, now) if sees_rotations else iter(()),
            "More hand-overs",
            reverse("rotations_handovers:list"),
        ),
        (
            _overdue(agent, duties, now) if cycles.may_see(agent) else iter(()),
            "More in cycles",
            reverse("rotations_cycles:list"),
        ),
        (_swaps(agent, now) if sees_rotations else iter(()), "More swaps", reverse("rotations_swaps:list")),
        (
            _actions(agent, now) if incidents.may_see(agent) else iter(()),
            "More incidents whose RCA asks for something",
            f"{reverse('admin:incidents_incident_changelist')}?mine=any",
        ),
        (
            _requests(agent) if requests.may_see(agent) else iter(()),
            "More requests for help",
            f"{reverse('admin:rfhs_rfh_changelist')}?mine=any&over=no",
        ),
    ]
    for kind, words, address in found:
        own = list(kind)
        lines += own[:SHOWN]
        if len(own) > SHOWN:
            more.append((words, address))
    return Yours(lines, more)


def _incidents(agent: Agent, now: datetime) -> Iterator[Line]:
    """Incidents that last and in which the agent has a role, what is owed first."""
    owed = Clock.objects.filter(incident=OuterRef("pk"), state=Clock.State.RUNNING).order_by("due_at")
    theirs = Q(contact=agent) | Q(point=agent) | Q(lead=agent)
    rows = Incident.objects.filter(theirs, status__in=sorted(OPEN)).defer("search", "description")
    rows = rows.annotate(owed=Subquery(owed.values("promise")[:1]), due_at=Subquery(owed.values("due_at")[:1]))
    for incident in rows.order_by(F("due_at").asc(nulls_last=True), "severity", "pk")[: SHOWN + 1]:
        due_at: datetime | None = incident.due_at
        late = due_at is not None and due_at <= now
        what = "update" if incident.owed == UPDATE else "acknowledgement"
        roles = [name for name in ("contact", "point", "lead") if getattr(incident, f"{name}_id") == agent.pk]
        yield Line(
            key=f"incident-{incident.pk}",
            tone="bad" if late else "warn",
            word=f"{what.capitalize()} overdue" if late else f"{what.capitalize()} due" if due_at else "Open",
            title=f"{incident} {incident.title}",
            link=reverse("admin:incidents_incident_change", args=[incident.pk]),
            about=f"{incident.severity}, {incident.get_status_display().lower()}; you are its {' and '.join(roles)}",
            when="due" if due_at else "last word",
            at=due_at or incident.updated_at,
            was=due_at is None,
        )


def _actions(agent: Agent, now: datetime) -> Iterator[Line]:
    """What finished RCAs ask of the agent, the first due first."""
    rows = Action.objects.filter(owner=agent, done_at=None, rca__finished_at__isnull=False)
    rows = rows.select_related("rca__incident").defer("rca__timeline", "rca__incident__search")
    for action in rows.order_by(F("due_on").asc(nulls_last=True), "pk")[: SHOWN + 1]:
        # The day it is due on is still in time.
        ends = datetime.combine(action.due_on, time.max, get_current_timezone()) if action.due_on else None
        late = ends is not None and ends <= now
        yield Line(
            key=f"action-{action.pk}",
            tone="bad" if late else "",
            word="Overdue" if late else "To do",
            title=action.text,
            link=f"{reverse('incidents:rca', args=[action.rca.incident_id])}#actions",
            about=f"so that {action.rca.incident} does not happen again",
            when="due" if ends else "asked",
            at=ends or action.rca.updated_at,
            was=ends is None,
        )


def _to_confirm(agent: Agent, now: datetime) -> Iterator[Line]:
    """Hand-overs that wait for the agent, once each though they are on both sides."""
    rows = HandOverPerson.objects.filter(
        agent=agent, signs=True, signed_at=None, handover__closed_at=None, handover__changes_at__gt=now
    )
    mine = rows.select_related("handover__rotation").order_by("handover__due_at", "handover_id", "side")
    for row in mine.distinct("handover__due_at", "handover_id")[: SHOWN + 1]:
        handover = row.handover
        late = handover.due_at <= now
        yield Line(
            key=f"handover-{handover.pk}",
            tone="bad" if late else "warn",
            word="Overdue" if late else "To confirm",
            title=str(handover),
            link=reverse("rotations_handovers:page", args=[handover.pk]),
            about="It waits for your confirmation",
            when="due",
            at=handover.due_at,
        )


def _overdue(agent: Agent, duties: Mapping[Rotation, Sequence[Current]], now: datetime) -> Iterator[Line]:
    """What is overdue in cycles that run and is the agent's, or nobody's where they lead; not what was missed."""
    again = RunItem.objects.filter(
        run=OuterRef("run"), template=OuterRef("template"), due_at__gt=OuterRef("due_at"), due_at__lte=now
    )
    theirs = Q(owner=agent) | Q(owner=None, run__cycle__in=_led_by(agent, duties))
    items = RunItem.objects.filter(
        theirs,
        Q(repeats=Repeats.ONCE) | ~Exists(again.exclude(repeats=Repeats.ONCE)),
        done_at=None,
        due_at__lte=now,
        run__started_at__isnull=False,
        run__ended_at=None,
        run__cycle__rotation__archived_at=None,
    ).select_related("run__cycle__rotation")
    for item in items.order_by("due_at", "position", "pk")[: SHOWN + 1]:
        address = reverse("rotations_cycles:page", args=[item.run.cycle.rotation.slug])
        yield Line(
            key=f"item-{item.pk}",
            tone="bad",
            word="Overdue",
            title=item.text,
            link=f"{address}#item-{item.pk}",
            about=f"{item.run}{'' if item.owner_id else ', which you lead'}",
            when="due",
            at=item.due_at,
        )


def _led_by(agent: Agent, duties: Mapping[Rotation, Sequence[Current]]) -> list[int]:
    """The cycles the agent leads now."""
    cycles = Cycle.objects.filter(rotation__archived_at=None).select_related("rotation", "lead", "lead_role")
    return [cycle.pk for cycle in cycles if led_by(cycle).among(duties.get(cycle.rotation, ()))[:1] == [agent]]


def _swaps(agent: Agent, now: datetime) -> Iterator[Line]:
    """Shifts the agent is asked to take, the next first."""
    rows = waiting_for(agent, now=now).select_related("rotation", "role", "person", "to")
    for swap in rows.order_by("starts_at", "pk")[: SHOWN + 1]:
        yield Line(
            key=f"swap-{swap.pk}",
            tone="warn",
            word="Asked of you" if swap.to_id else "Asked of anyone",
            title=str(swap),
            link=reverse("rotations_swaps:swap", args=[swap.pk]),
            about="For a shift of yours in return" if swap.in_return else "For nothing in return",
            when="begins",
            at=swap.starts_at,
        )


WAITS = (State.FILED, State.HANDED_OVER)


def _requests(agent: Agent) -> Iterator[Line]:
    """Requests for help: to acknowledge with their team, to bring to an end, to work on, and to answer for."""
    rank = Case(
        When(Q(state__in=WAITS) & ~Q(accountable=agent), then=Value(0)),
        When(state=State.ANSWERED, accountable=agent, then=Value(1)),
        When(owner=agent, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = RFH.objects.filter(theirs(agent), ended_at=None).select_related("team", "owner").defer("search").distinct()
    for rfh in rows.annotate(rank=rank).order_by("rank", "priority", "moved_at", "pk")[: SHOWN + 1]:
        tone, word, about = _of_request(rfh, agent)
        yield Line(
            key=f"rfh-{rfh.pk}",
            tone=tone,
            word=word,
            title=f"{rfh} {rfh.summary or 'No summary yet'}",
            link=reverse("admin:rfhs_rfh_change", args=[rfh.pk]),
            about=f"{about}, {rfh.get_priority_display()}",
            when="last movement",
            at=rfh.moved_at,
            was=True,
        )


def _of_request(rfh: RFH, agent: Agent) -> tuple[str, str, str]:
    """How it stands for the agent: a tone, a word and a sentence."""
    if rfh.at in WAITS and rfh.accountable_id != agent.pk:
        return "bad", "To acknowledge", f"{rfh.team} is asked"
    if rfh.at is State.ANSWERED and rfh.accountable_id == agent.pk:
        return "warn", "To resolve", "It is answered: bring it to its end with the customer"
    if rfh.owner_id == agent.pk:
        return "warn", rfh.get_state_display(), "You work on it"
    return "", rfh.get_state_display(), "You are accountable"
