"""Work for the Sustained Engineering Team: an item on its board, or an answer on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Agent, Customer, Team
from apps.rfhs.errors import BadRFH
from apps.rfhs.events import ItemWithoutOwner, QuestionAnsweredHere
from apps.rfhs.models import RFH, AnsweredHere
from apps.rfhs.services.drafting import begin
from apps.rfhs.services.stepping import file
from apps.rfhs.services.texts import kept, needed
from apps.rfhs.services.working import assign
from apps.rfhs.services.writing import locked, record, refresh, told, write
from apps.rotations.on_duty import on_duty_as
from apps.tickets.models import Ticket
from apps.trail import services as trail

PRIMARY = "primary"
BECAUSE = "primary on shift"


@transaction.atomic
def make_item(
    *,
    team: Team,
    by: Acting,
    now: datetime,
    summary: str,
    description: str = "",
    source: str,
    source_key: str = "",
    source_url: str = "",
    ticket: Ticket | None = None,
    customer: Customer | None = None,
    kind: str = "",
    priority: str = "",
    level: str = "",
    bug_class: str = "",
    symptoms: Sequence[str] = (),
    production: bool = False,
    context: Mapping[str, str] | None = None,
) -> tuple[RFH, bool]:
    """An item that the team has at once, and whether this call made it; told twice by one `source_key`, it is one.

    Its owner is the team's primary on shift (Mattermost SET handbook); without one nobody owns it, and the trail says
    so. What has a bug's class is a defect, unless `kind` says otherwise. Nobody asks teammates, and the item is where
    it is worked on: it makes no issue. Raises BadRFH.
    """
    if not summary.strip():
        raise BadRFH("summary", "Say in a line what it is about.")
    rfh, fresh = begin(
        by=by,
        now=now,
        ticket=ticket,
        customer=customer,
        source=source,
        source_key=source_key,
        source_url=source_url,
        summary=summary,
        description=description,
        kind=kind or (RFH.Kind.DEFECT if bug_class else RFH.Kind.HELP),
        priority=priority or RFH.Priority.P2,
        level=level,
        bug_class=bug_class,
        symptoms=list(symptoms),
        production=production,
        context=dict(context or {}),
    )
    if not fresh:
        return rfh, False
    row = locked(rfh)
    write(row, {"set_item": True})
    file(row, team=team, by=by, now=now, tracker="")
    primary = next((each.agent for each in on_duty_as(team, PRIMARY, at=now)), None)
    if primary is not None:
        assign(row, to=primary, by=by, now=now, because=BECAUSE)
    else:
        record(row, ItemWithoutOwner(**told(row, by), team=team.slug, team_name=team.name), now=now)
    refresh(rfh, row)
    return rfh, True


@transaction.atomic
def answered_here(
    *,
    team: Team,
    question: str,
    answer: str = "",
    by: Agent,
    now: datetime,
    source: str,
    url: str = "",
    key: str = "",
) -> AnsweredHere:
    """The question is on record as answered, and no item comes of it; told twice by one `key`, it is once.

    What took about an hour or more is an item instead (Mattermost SET handbook). Raises BadRFH.
    """
    question = needed("question", question, "Say what was asked.")
    answer = kept("answer", answer)
    if source not in RFH.Source.values:
        raise BadRFH("source", f"The source is one of {', '.join(RFH.Source.values)}, not “{source[:40]}”.")
    fields: dict[str, Any] = {
        "team": team,
        "question": question,
        "answer": answer,
        "by": by,
        "source": source,
        "url": url,
        "at": now,
    }
    if key:
        row, fresh = AnsweredHere.objects.get_or_create(key=key[:200], defaults=fields)
    else:
        row, fresh = AnsweredHere.objects.create(**fields), True
    if fresh:
        event = QuestionAnsweredHere(
            team=team.slug,
            team_name=team.name,
            question=question,
            answer=answer,
            by=str(by),
            email=by.email,
            source=source,
            url=url,
        )
        trail.record(event, about=[f"answered-here:{row.pk}", f"team:{team.slug}"], now=now)
    return row
