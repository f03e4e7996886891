"""The steps of a request's life, each along the table in states.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Team
from apps.rfhs import context
from apps.rfhs.errors import BadRFH
from apps.rfhs.events import (
    RFHAcknowledged,
    RFHAnswered,
    RFHFiled,
    RFHHandedOver,
    RFHReopened,
    RFHRerouted,
    RFHResolved,
    RFHStarted,
    RFHWithdrawn,
    SolvedByTeammate,
    TeammatesAsked,
)
from apps.rfhs.models import RFH, Area
from apps.rfhs.routing.reaching import reach
from apps.rfhs.selectors import counts_as_engineering
from apps.rfhs.services.drafting import ask_for_an_incident
from apps.rfhs.services.filing import want_issue
from apps.rfhs.services.texts import LONGEST_LINE, LONGEST_TEXT, needed
from apps.rfhs.services.writing import NOBODY_ASKED, first_times, locked, record, refresh, step, told
from apps.rfhs.states import WITH_A_TEAM, State, Step

Outcome = RFH.Outcome


@transaction.atomic
def ask_teammates(rfh: RFH, *, by: Acting, now: datetime, version: int | None = None) -> None:
    """Support's internal channel hears; nobody of engineering does yet. Raises BadRFH without a summary."""
    row = locked(rfh, version)
    _must_say(row)
    row = step(row, Step.ASK_TEAMMATES, now=now)
    event = TeammatesAsked(**told(row, by), description=row.description, ticket=row.ticket.number if row.ticket else "")
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def solved_by_teammate(
    rfh: RFH, *, answer: str, answered_by: str = "", by: Acting, now: datetime, version: int | None = None
) -> None:
    """It ends here, and counts as not needing engineering."""
    answer = needed("answer", answer, "Say what solved it: the next who asks will find it.")
    values = {
        "answer": answer,
        "answered_by": answered_by.replace("\x00", "").strip()[:200] or by.label,
        "learned": answer,
        "solved_by": RFH.SolvedBy.SUPPORT,
        "outcome": Outcome.SOLVED_BY_TEAMMATE,
    }
    row = step(rfh, Step.SOLVE_BY_TEAMMATE, values, now=now, version=version)
    record(row, SolvedByTeammate(**told(row, by), answer=answer, answered_by=row.answered_by), now=now)
    refresh(rfh, row)


@transaction.atomic
def file(
    rfh: RFH,
    *,
    team: Team,
    by: Acting,
    now: datetime,
    area: Area | None = None,
    sub_team: str = "",
    tracker: str = "private",
    skip_teammates_because: str = "",
    proposed_area: Area | None = None,
    title: str = "",
    body: str = "",
    issue: str = "",
    version: int | None = None,
) -> None:
    """The team is asked. What is no defect asked teammates first, or says in a line why it did not.

    A SET item is the team's from its first moment, so it asks nobody before. No `tracker`: it makes no issue; nor does
    what is not engineering's. `title` and `body` are what the issue says instead of the template; `issue` is the
    address of one that is there already and is linked instead.

    Raises BadRFH, IllegalStep, ChangedMeanwhile, and PrivateText when the public would read what is the customer's.
    """
    row = locked(rfh, version)
    _must_say(row)
    skipped = " ".join(skip_teammates_because.split())[:LONGEST_LINE]
    must_ask = row.kind != RFH.Kind.DEFECT and not row.set_item
    if row.at == State.DRAFT and must_ask and not skipped:
        raise BadRFH(
            "skip_teammates_because", "Ask teammates first, or say in a line why not: urgency is a reason, too."
        )
    if not row.set_item:
        # An item of the SET was made by its own people.
        _must_hear(team, area, sub_team)
    if sub_team and area is not None:
        parts = {part.name.lower(): part.name for part in area.sub_teams.all()}
        if sub_team.lower() not in parts:
            named = f"it has {', '.join(parts.values())}" if parts else "it has none"
            raise BadRFH("sub_team", f"{area} has no sub-team “{sub_team[:40]}”: {named}.")
        sub_team = parts[sub_team.lower()]
    engineering = counts_as_engineering(team, area)
    values: dict[str, Any] = {
        "team": team,
        "area": area,
        "sub_team": sub_team,
        "proposed_area": proposed_area,
        "skipped_teammates_because": skipped,
        "completeness_filed": context.completeness(row.context, row.details),
        "updated_at": now,
        "needed_engineering": row.needed_engineering or engineering,
    }
    row = step(row, Step.FILE, values, now=now)
    if tracker and engineering:
        wanted = want_issue(row, tracker=tracker, title=title, body=body, reference=issue, by=by, now=now)
        tracker = wanted.tracker
    event = RFHFiled(
        **told(row, by),
        ticket=row.ticket.number if row.ticket else "",
        customer=row.customer.slug if row.customer else "",
        kind=row.kind,
        priority=row.priority,
        team=team.slug,
        team_name=team.name,
        area=area.slug if area else "",
        engineering=engineering,
        tracker=tracker if engineering else "",
        skipped_teammates_because=skipped,
        proposed_area=proposed_area.slug if proposed_area else "",
        completeness=round(100 * (row.completeness_filed or 0)),
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def acknowledge(rfh: RFH, *, by: Acting, now: datetime, version: int | None = None) -> None:
    """`by` takes it; the promise to acknowledge is kept. Raises IllegalStep when somebody was quicker."""
    row = locked(rfh, version)
    row = step(row, Step.ACKNOWLEDGE, _taken(row, by), now=now)
    assert row.team
    assert row.filed_at
    record(row, RFHAcknowledged(**told(row, by), team=row.team.slug, filed_at=row.filed_at), now=now)
    refresh(rfh, row)


@transaction.atomic
def start(rfh: RFH, *, by: Acting, now: datetime, version: int | None = None) -> None:
    """`by` works on it; whoever starts what nobody acknowledged acknowledges it by that."""
    row = locked(rfh, version)
    if row.at in {State.FILED, State.HANDED_OVER}:
        acknowledge(row, by=by, now=now)
        row = locked(rfh)
    row = step(row, Step.START, {"owner": row.owner or by.agent}, now=now)
    assert row.team
    record(row, RFHStarted(**told(row, by), team=row.team.slug), now=now)
    refresh(rfh, row)


@transaction.atomic
def hand_over(
    rfh: RFH,
    *,
    team: Team,
    note: str,
    by: Acting,
    now: datetime,
    area: Area | None = None,
    version: int | None = None,
) -> None:
    """The owning team has it; a SET that hands over keeps the duty to tell how it goes (Mattermost SET handbook)."""
    note = needed("note", note, "Say what the new owners must know.")
    row = locked(rfh, version)
    before = row.team
    if before is not None and before.pk == team.pk:
        raise BadRFH("team", f"{team} has it already.")
    communicator = row.communicator or (before if row.set_item else None)
    if communicator is not None and communicator.pk == team.pk:
        communicator = None
    engineering = counts_as_engineering(team, area)
    # Who had it last knows most of it.
    teller = (row.teller or row.owner or by.agent) if communicator is not None else None
    values: dict[str, Any] = {"team": team, "area": area, "sub_team": "", "owner": None}
    values |= {"communicator": communicator, "teller": teller}
    values |= NOBODY_ASKED
    # The thread of the team that had it is no place for the one that has it now.
    values |= {"team_channel": "", "team_thread_ts": ""}
    values["needed_engineering"] = row.needed_engineering or engineering
    row = step(row, Step.HAND_OVER, values, now=now)
    assert before is not None
    event = RFHHandedOver(
        **told(row, by),
        from_team=before.slug,
        from_team_name=before.name,
        team=team.slug,
        team_name=team.name,
        note=note,
        communicator=communicator.slug if communicator else "",
        incident_channel=row.incident_channel,
        engineering=engineering,
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def answer(rfh: RFH, *, answer: str, by: Acting, now: datetime, version: int | None = None) -> None:
    """The team's answer; support goes on from here to the end."""
    answer = needed("answer", answer, "Write the answer.")
    row = step(rfh, Step.ANSWER, {"answer": answer, "answered_by": by.label}, now=now, version=version)
    assert row.team
    event = RFHAnswered(**told(row, by), team=row.team.slug, answer=answer, filed_at=row.filed_at)
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def resolve(
    rfh: RFH,
    *,
    learned: str,
    by: Acting,
    now: datetime,
    solved_by: str = RFH.SolvedBy.ENGINEERING,
    answer: str = "",
    version: int | None = None,
) -> None:
    """The customer is served, and what was learned is written down for everybody."""
    learned = needed("learned", learned, "Write what we learned: the next who asks will find it.")
    if solved_by not in RFH.SolvedBy.values:
        raise BadRFH("solved_by", f"Solved by engineering, support or customer, not “{solved_by[:40]}”.")
    row = locked(rfh, version)
    values: dict[str, Any] = {"learned": learned, "solved_by": solved_by, "outcome": Outcome.ANSWERED}
    if solved_by == RFH.SolvedBy.ENGINEERING and row.at in WITH_A_TEAM:
        # What engineering solved it has answered, as its promises say, too.
        values |= first_times(row, State.ANSWERED, now=now)
    if answer.strip():
        values |= {"answer": answer.strip()[:LONGEST_TEXT], "answered_by": row.answered_by or by.label}
    row = step(row, Step.RESOLVE, values, now=now)
    record(row, RFHResolved(**told(row, by), solved_by=solved_by, answer=row.answer, learned=learned), now=now)
    refresh(rfh, row)


@transaction.atomic
def reroute(rfh: RFH, *, to: str, note: str = "", by: Acting, now: datetime, version: int | None = None) -> None:
    """A feature, or a bug of low urgency: product or the owning team plans it, and our part ends."""
    to = needed("to", to, "Say who plans it: product, or the owning team.")[:100]
    row = step(
        rfh,
        Step.REROUTE,
        {"outcome": Outcome.REROUTED, "rerouted_to": to, "learned": note.strip()},
        now=now,
        version=version,
    )
    record(row, RFHRerouted(**told(row, by), to=to, note=note.strip()), now=now)
    refresh(rfh, row)


@transaction.atomic
def withdraw(rfh: RFH, *, because: str = "", by: Acting, now: datetime, version: int | None = None) -> None:
    """Help is not needed any more; a team that was asked hears why."""
    row = locked(rfh, version)
    if row.filed_at is not None:
        because = needed("because", because, "The team has read it: say in a line why it is not needed any more.")
    row = step(row, Step.WITHDRAW, {"outcome": Outcome.WITHDRAWN}, now=now)
    record(row, RFHWithdrawn(**told(row, by), because=because.strip()[:LONGEST_LINE]), now=now)
    refresh(rfh, row)


@transaction.atomic
def reopen(rfh: RFH, *, because: str, by: Acting, now: datetime, version: int | None = None) -> None:
    """It was not over: the team has it in its queue again, or support in its drafts."""
    because = needed("because", because, "Say in a line why it is not over.")[:LONGEST_LINE]
    values = {
        "outcome": "",
        "rerouted_to": "",
        "solved_by": "",
        "acknowledged_at": None,
        "answered_at": None,
        "updated_at": now,
    }
    values["reopened_at"] = now
    row = step(rfh, Step.REOPEN, values, now=now, version=version)
    record(row, RFHReopened(**told(row, by), to=row.state, because=because), now=now)
    ask_for_an_incident(row, by=by, now=now)
    refresh(rfh, row)


def _taken(row: RFH, by: Acting) -> dict[str, Any]:
    # An integration that acknowledges is nobody's colleague; who was assigned stays the owner.
    owner = by.agent or row.owner
    return {"owner": owner, **(NOBODY_ASKED if row.owner and row.owner != owner else {})}


def _must_say(row: RFH) -> None:
    if not row.summary:
        raise BadRFH("summary", "Say in a line what you need.")


def _must_hear(team: Team, area: Area | None, sub_team: str) -> None:
    how = reach(team, area, sub_team)
    if not how.possible:
        raise BadRFH("area" if area else "team", " ".join(how.lacks))
