"""What the board shows: the requests that match, each with its rank, what is owed on it, and where it can go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from apps.people.models import Agent
from apps.rfhs.board.asking import Asked
from apps.rfhs.board.columns import COLUMNS, NEEDS_WORDS, Column, reachable
from apps.rfhs.board.loads import USUAL_STUCK_AFTER, stuck_after
from apps.rfhs.models import RFH
from apps.rfhs.ranking import LEVELS, URGENT_LEVELS, WORDS, by_rules, ordered, work_of
from apps.rfhs.rights import changes
from apps.rfhs.selectors import RELATED
from apps.rfhs.services.placing import ranked
from apps.rfhs.states import OVER, RULES, WITH_A_TEAM, State, Step, steps_from

DAY = timedelta(days=1)
# So long what is over stays on the board.
RECENTLY = timedelta(days=7)
MOST_CARDS = 60
UPDATE_EVERY = DAY


@dataclass(frozen=True)
class Card:
    """One request. `rank`: its place in the column by the rules alone, from 1."""

    rfh: RFH
    column: Column
    work: str
    rank: int
    may_change: bool
    stuck_days: int
    update_due_at: datetime | None
    update_owed: bool

    @property
    def by_hand(self) -> bool:
        """Whether a hand put it where it stands."""
        return self.rfh.place is not None and not self.rfh.is_over

    @property
    def rank_words(self) -> str:
        """Why it stands there, in a line: the kind of work, priority and level."""
        level = f", {self.rfh.level}" if self.rfh.level in LEVELS else ""
        return f"{self.work}, {self.rfh.priority}{level}"

    @property
    def steps(self) -> list[tuple[Step, str, bool]]:
        """The legal steps: which, its words, and whether it asks for more words."""
        return [(step, RULES[step].words, step in NEEDS_WORDS) for step in steps_from(self.rfh.at)]

    @property
    def columns(self) -> list[str]:
        """The keys of the columns it can go to."""
        return [each.key for each in reachable(self.rfh.at, was_filed=self.rfh.filed_at is not None)]

    @property
    def tells(self) -> bool:
        """Whether a team that handed it over goes on telling how it goes."""
        return self.rfh.communicator is not None and self.rfh.communicator_id != self.rfh.team_id

    @property
    def page(self) -> int | None:
        """The number of the page it was made of."""
        kind, _, number = (self.rfh.source_key or "").partition(":")
        return int(number) if kind == "page" and number.isdecimal() else None


@dataclass(frozen=True)
class Shown:
    """A column with its cards; `hidden`: how many more there are than are shown."""

    column: Column
    cards: list[Card]
    hidden: int


def board(said: Asked, viewer: Agent, *, now: datetime) -> list[Shown]:
    """Every column. A team's view has no drafts: nobody of it was asked yet."""
    found = cards(matching(said, now=now), viewer, said, now=now)
    shown = []
    for column in COLUMNS:
        if column.key == "support" and said.team:
            continue
        mine = [card for card in found if card.column is column]
        if column.key == "over":
            # What ended last is what one looks for.
            mine.sort(key=lambda card: card.rfh.ended_at or now, reverse=True)
        shown.append(Shown(column, mine[:MOST_CARDS], max(0, len(mine) - MOST_CARDS)))
    return shown


def queue(said: Asked, viewer: Agent, *, now: datetime) -> list[Card]:
    """Every team's open requests in one list, the most urgent first; the team's filter says nothing here."""
    everybodys = said.but(team="", set_only=False)
    found = matching(everybodys, now=now).filter(state__in=sorted(WITH_A_TEAM))
    return cards(found, viewer, everybodys, now=now, as_one=True)


def matching(said: Asked, *, now: datetime) -> QuerySet[RFH]:
    """The open requests that match, and those that ended lately."""
    found = RFH.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now - RECENTLY))
    if said.team:
        # What it handed over and goes on telling of stays its own.
        found = found.filter(Q(team__slug=said.team) | Q(communicator__slug=said.team))
    if said.person:
        found = found.filter(Q(owner__email=said.person) | Q(accountable__email=said.person))
    if said.customer:
        found = found.filter(customer__slug=said.customer)
    if said.priority:
        found = found.filter(priority=said.priority)
    if said.set_only:
        found = found.filter(set_item=True)
    if said.search:
        words = said.search.upper().removeprefix("RFH-")
        number = Q(pk=int(words)) if words.isascii() and words.isdecimal() and len(words) <= 18 else Q()
        found = found.filter(
            number
            | Q(summary__icontains=said.search)
            | Q(ticket__number=said.search.removeprefix("#"))
            | Q(customer__name__icontains=said.search)
        )
    return found.select_related(*RELATED).defer("search", "description", "answer")


def cards(found: Iterable[RFH], viewer: Agent, said: Asked, *, now: datetime, as_one: bool = False) -> list[Card]:
    """The requests as cards, as they stand; ranked within their columns, or `as_one` over all."""
    rows = {row.pk: row for row in found}
    order = ordered(ranked(row) for row in rows.values())
    may, days = changes(viewer), stuck_after()
    ranks = _ranks([rows[each.number] for each in order], as_one=as_one)
    made = []
    for each in order:
        row = rows[each.number]
        owes = row.level in URGENT_LEVELS and row.at in WITH_A_TEAM
        due = row.told_since + UPDATE_EVERY if owes and row.told_since else None
        card = Card(
            rfh=row,
            column=next(column for column in COLUMNS if row.at in column.states),
            work=WORDS[work_of(each)],
            rank=ranks[row.pk],
            may_change=may(row),
            stuck_days=stuck_days(row, days.get(row.team_id, USUAL_STUCK_AFTER), now=now),
            update_due_at=due,
            update_owed=due is not None and due <= now,
        )
        if card.stuck_days or not said.stuck_only:
            made.append(card)
    return made


def stuck_days(row: RFH, after: int, *, now: datetime) -> int:
    """For how many days nothing moved, if that is too long; else 0."""
    days = (now - row.moved_at) // DAY
    return days if row.at not in OVER and days >= after else 0


def _ranks(rows: Sequence[RFH], *, as_one: bool) -> dict[int, int]:
    groups = [frozenset(State)] if as_one else [column.states for column in COLUMNS]
    found: dict[int, int] = {}
    for states in groups:
        inside = by_rules(ranked(row) for row in rows if row.at in states)
        found |= {number: place for place, number in enumerate(inside, start=1)}
    return found
