"""Answers by their words, by area, team and customer: the likest first, or the newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import Case, CharField, F, FloatField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Concat, Replace

from apps.people.models import Team
from apps.rfhs.models import RFH, AnsweredHere
from apps.rfhs.searching import prefixed
from apps.rfhs.states import State

# Around what was found; no text of ours holds them, and a page makes its own marks of them.
BEGIN, END = "\x02", "\x03"
# Instead of <: PostgreSQL takes what stands behind that for a tag, and leaves it out.
ANGLE = "\x04"
EXCERPT: dict[str, Any] = {"start_sel": BEGIN, "stop_sel": END, "config": "english"}
GOOD = Q(state=State.ANSWERED) | Q(outcome__in=[RFH.Outcome.ANSWERED, RFH.Outcome.SOLVED_BY_TEAMMATE])


@dataclass(frozen=True)
class Wanted:
    """Words, and slugs of what it should be about; empty: any."""

    words: str = ""
    area: str = ""
    team: str = ""
    customer: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything was left out."""
        return bool(self.words or self.area or self.team or self.customer)


@dataclass(frozen=True)
class Answer:
    """An answer, whether it was a request's or given on the spot. `excerpts` are where the words are, marked."""

    question: str
    excerpts: Sequence[str]
    answered_by: str
    at: datetime
    rfh: RFH | None = None
    here: AnsweredHere | None = None

    @property
    def team(self) -> Team | None:
        """Whose answer it was; None: support's own."""
        return self.here.team if self.here else self.rfh.team if self.rfh else None


def find(wanted: Wanted) -> QuerySet[Any]:
    """Rows of (kind, key, rank, instant), in the order in which they are read: `shown` makes answers of a page of them.

    An area or a customer is known of requests alone.
    """
    query = prefixed(wanted.words)
    rfhs = RFH.objects.filter(GOOD).order_by()
    here = AnsweredHere.objects.order_by()
    if wanted.team:
        rfhs, here = rfhs.filter(team__slug=wanted.team), here.filter(team__slug=wanted.team)
    if wanted.area:
        rfhs, here = rfhs.filter(area__slug=wanted.area), here.none()
    if wanted.customer:
        rfhs, here = rfhs.filter(customer__slug=wanted.customer), here.none()
    if wanted.words and query is None:
        rfhs, here = rfhs.none(), here.none()
    if query is not None:
        rfhs, here = rfhs.filter(search=query), here.filter(search=query)
    columns = ("which", "ref", "rank", "when")
    rows = _columns(rfhs, "rfh", query, Coalesce("answered_at", "ended_at", "moved_at")).values_list(*columns)
    both: QuerySet[Any] = rows.union(_columns(here, "here", query, F("at")).values_list(*columns), all=True)
    return both.order_by("-rank", "-when", "-ref")


def _columns(rows: QuerySet[Any], kind: str, query: SearchQuery | None, when: Any) -> QuerySet[Any]:
    rank: Any = SearchRank(F("search"), query) if query is not None else Value(0.0, output_field=FloatField())
    found: QuerySet[Any] = rows.annotate(which=Value(kind, output_field=CharField()), ref=F("pk"), rank=rank, when=when)
    return found


def shown(rows: Iterable[tuple[str, int, float, datetime]], words: str) -> list[Answer]:
    """The answers of these rows, with where the words are in them."""
    found = list(rows)
    query = prefixed(words)
    rfhs = _marked(RFH.objects.select_related("team", "area", "customer"), found, "rfh", query, "summary")
    here = _marked(AnsweredHere.objects.select_related("team", "by"), found, "here", query, "question")
    return [
        _answer(rfhs.get(key), None, at) if kind == "rfh" else _answer(None, here.get(key), at)
        for kind, key, _, at in found
    ]


def _answer(rfh: RFH | None, here: AnsweredHere | None, at: datetime) -> Answer:
    row: Any = rfh or here
    by = rfh.answered_by if rfh else str(here.by or "") if here else ""
    excerpts = [row.marked] if row.marked.strip() else []
    return Answer(row.marked_question, excerpts, by, at, rfh, here)


def _marked(
    rows: QuerySet[Any],
    found: Iterable[tuple[str, int, float, datetime]],
    kind: str,
    query: SearchQuery | None,
    name: str,
) -> dict[int, Any]:
    """The rows of a kind by key; `marked_question` and `marked` are their texts, cut to what was found."""
    keys = [key for each, key, _, _ in found if each == kind]
    if not keys:
        return {}
    # What a teammate knew is the answer, and what we learned, too: once is enough.
    learned = Case(When(learned=F("answer"), then=Value("")), default=F("learned"), output_field=TextField())
    texts = [F("answer"), learned, F("description")] if kind == "rfh" else [F("answer")]
    joined: Any = Concat(*_spaced(texts), output_field=TextField()) if len(texts) > 1 else F("answer")
    marked: dict[str, Any] = {"marked_question": F(name), "marked": F("answer")}
    if query is not None:
        marked = {
            "marked_question": SearchHeadline(_untagged(F(name)), query, highlight_all=True, **EXCERPT),
            "marked": SearchHeadline(_untagged(joined), query, max_fragments=3, max_words=40, min_words=15, **EXCERPT),
        }
    return {row.pk: row for row in rows.filter(pk__in=keys).annotate(**marked)}


def _untagged(text: Any) -> Any:
    return Replace(text, Value("<"), Value(ANGLE), output_field=TextField())


def _spaced(texts: Sequence[Any]) -> list[Any]:
    parts: list[Any] = []
    for text in texts:
        parts += [text, Value("\n\n")]
    return parts[:-1]
