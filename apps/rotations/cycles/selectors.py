"""Reads of cycles: a run with its checklist as its page shows it, and what a digest begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from apps.people.models import Agent
from apps.rotations.cycles import phases, progress
from apps.rotations.cycles.digest import OpenItem, Told, draft
from apps.rotations.cycles.progress import Thing
from apps.rotations.handovers.selectors import Section, sections
from apps.rotations.models import Cycle, CycleRun, HandOver, Part, Phase, Rotation, RunItem
from apps.rotations.schedules import Current, on_call
from apps.rotations.services.cycle_runs import span_of


@dataclass(frozen=True)
class Row:
    """An item with the state it is in now: done, open, overdue or missed."""

    item: RunItem
    state: str
    near: bool


@dataclass(frozen=True)
class Checklist:
    """The items of a part: those to see at once, those to come, and those behind us."""

    part: str
    title: str
    words: str
    near: tuple[Row, ...]
    later: tuple[Row, ...]
    past: tuple[Row, ...]


@dataclass(frozen=True)
class Step:
    """A phase of a run: when it begins at the latest, and whether it is behind us, now or to come."""

    title: str
    begins_at: datetime
    due_at: datetime | None
    state: str


@dataclass(frozen=True)
class Ongoing:
    """Something open of the team, and whether somebody who serves in the run has it; `key` is how forms call it."""

    key: str
    owner_email: str
    title: str
    url: str
    owner: str
    since: datetime
    owned: bool


def cycles() -> QuerySet[Cycle]:
    """Every cycle of a rotation in use, with all that its line says."""
    items = Prefetch("items", RunItem.objects.all(), to_attr="listed")
    running = CycleRun.objects.filter(ended_at=None).order_by("starts_at").prefetch_related(items)
    return (
        Cycle.objects.filter(rotation__archived_at=None)
        .select_related("rotation__team", "lead", "lead_role")
        .prefetch_related(Prefetch("runs", running, to_attr="open_runs"))
    )


def rows_of(run: CycleRun, now: datetime) -> list[Row]:
    """The run's items in order, each with its state."""
    return rows(run, list(run.items.select_related("owner", "done_by")), now)


def rows(run: CycleRun, items: Sequence[RunItem], now: datetime) -> list[Row]:
    """The same of items that are read already."""
    things = {
        item.pk: Thing(item.pk, item.part, item.template_id, item.repeats, item.due_at, item.done_at) for item in items
    }
    # Nothing is overdue by the clock of today in what is over.
    at = min(now, run.ended_at) if run.ended_at else now
    found = progress.states(list(things.values()), at)
    return [Row(item, found[item.pk], progress.is_near(things[item.pk], found[item.pk], at)) for item in items]


def checklists(rows: Sequence[Row], *, over: bool = False) -> list[Checklist]:
    """The rows by their part, in the order of a cycle; of a run that is over all are to be seen."""
    found = []
    for part in Part:
        own = [row for row in rows if row.item.part == part]
        if not own:
            continue
        near = [row for row in own if over or row.near]
        rest = [row for row in own if row not in near]
        found.append(
            Checklist(
                part=part.value,
                title=str(part.label),
                words=progress.words(row.state for row in own),
                near=tuple(near),
                later=tuple(row for row in rest if row.state == progress.OPEN),
                past=tuple(row for row in rest if row.state != progress.OPEN),
            )
        )
    return found


def steps(run: CycleRun) -> list[Step]:
    """The phases of the run, and when each begins."""
    rules, span = run.cycle.rules, span_of(run)
    begins = {
        Phase.START: run.starts_at,
        Phase.MONITOR: phases.monitor_from(rules, span),
        Phase.HANDOVER: phases.handover_from(rules, span),
    }
    dues = {Phase.MONITOR: phases.swap_due(rules, span), Phase.HANDOVER: phases.handover_due(rules, span)}
    order = list(Phase)
    place = order.index(Phase(run.phase)) if run.state == "running" else (len(order) if run.ended_at else -1)
    words = {-1: "over", 0: "now", 1: "to come"}
    return [
        Step(str(phase.label), begins[phase], dues.get(phase), words[(at > place) - (at < place)])
        for at, phase in enumerate(order)
    ]


def on_duty(rotation: Rotation, at: datetime) -> list[Current]:
    """Who is on at the instant, role by role."""
    return on_call(at, Rotation.objects.filter(pk=rotation.pk)).get(rotation, [])


def ongoing(run: CycleRun, found: Sequence[Section], now: Sequence[Current]) -> list[Ongoing]:
    """What is open of the team, that which nobody has first, then that which nobody of the run has."""
    serving = {each["email"] for each in run.outgoing} | {email for current in now for email in current.emails}
    rows = [
        Ongoing(
            key=f"{section.name}|{item.id}",
            owner_email=item.owner_email,
            title=item.title,
            url=item.url,
            owner=item.owner,
            since=item.since,
            owned=item.owner_email in serving,
        )
        for section in found
        for item in section.items
    ]
    return sorted(rows, key=lambda row: (row.owned, bool(row.owner_email), row.since))


def handovers_of(run: CycleRun) -> list[HandOver]:
    """The hand-overs for its middle and its end, that are opened."""
    changes = [at for at in (run.mid_at, run.ends_at) if at]
    return list(run.cycle.rotation.handovers.filter(changes_at__in=changes).order_by("changes_at", "pk"))


def first_words(run: CycleRun, *, now: datetime) -> str:
    """What a digest of the run begins with."""
    cycle = run.cycle
    return draft(
        title=str(run),
        phase=str(Phase(run.phase).label),
        ends_at=run.ends_at,
        zone=cycle.zone,
        on_duty=[(current.role, current.names) for current in on_duty(cycle.rotation, now)],
        sections=[
            (
                section.name,
                None if section.problem else [OpenItem(item.title, item.owner, item.since) for item in section.items],
            )
            for section in sections(cycle.rotation.team)
        ],
        checklist=[Told(row.item.text, row.state, row.item.note) for row in rows_of(run, now)],
    )


def owners_of(run: CycleRun) -> QuerySet[Agent]:
    """Who can see to an item: the team, and whoever serves in the run."""
    serving = [each["email"] for each in run.outgoing]
    team = Agent.objects.filter(teams=run.cycle.rotation.team_id)
    return (team | Agent.objects.filter(email__in=serving)).filter(is_active=True).distinct()
