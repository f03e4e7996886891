"""Which areas a text belongs to, ranked, with the words that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from apps.rfhs.routing.words import Place, Text

# Of each word of a keyword; more words are more particular.
A_WORD, ANOTHER_LANGUAGE, NAMED = 10, 2, 100


@dataclass(frozen=True)
class Exempt:
    """Questions with this keyword go to another team, to the end of its last day."""

    keyword: str
    team: str
    until: date
    via: str = ""


@dataclass(frozen=True)
class Part:
    """A sub-team and the words that are its own."""

    name: str
    keywords: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Field:
    """An area as far as a text has to do with it; `key` and `team` are names that mean nothing here."""

    key: str
    team: str
    keywords: tuple[str, ...] = ()
    any_language: bool = False
    exempt: tuple[Exempt, ...] = ()
    parts: tuple[Part, ...] = ()
    tie_break: str = ""


@dataclass(frozen=True)
class Owned:
    """One alert or dashboard by its name, and the team that is responsible for it."""

    kind: str
    name: str
    team: str


@dataclass(frozen=True)
class Match:
    """A field a text belongs to: the team, how much speaks for it, and by which words."""

    key: str
    team: str
    score: int
    matched: tuple[str, ...]
    part: str = ""
    ask: str = ""
    via: str = ""
    named: str = ""


@dataclass
class _Hit:
    """A keyword of a field in the text."""

    word: str
    score: int
    places: list[Place] = field(default_factory=list)


def match(text: str, fields: Sequence[Field], *, today: date, owned: Iterable[Owned] = ()) -> list[Match]:
    """The fields whose words the text has, the likeliest first; a named alert or dashboard beats them all.

    `ask` is what tells two apart that the same words lead to. Equal scores stand in the order of `fields`.
    """
    read = Text(text)
    found: list[Match] = []
    for each in fields:
        found += _of_field(each, read, today=today)
    found.sort(key=lambda one: -one.score)
    return _of_names(read, found, fields, owned) + _asking(found, fields)


def _of_field(each: Field, read: Text, *, today: date) -> list[Match]:
    exempt = [one for one in each.exempt if today <= one.until]
    hits = _hits(read, [*each.keywords, *(one.keyword for one in exempt)])
    elsewhere = {one.keyword.lower(): one for one in exempt}
    if each.any_language:
        known = {hit.word.lower() for hit in hits}
        for count, (name, place) in enumerate(read.languages()):
            if name.lower() not in known:
                hits.append(_Hit(name, ANOTHER_LANGUAGE if count else A_WORD, [place]))
    if not hits:
        return []
    part = _part(each, read)
    score, words = sum(hit.score for hit in hits), tuple(hit.word for hit in hits)
    teams = {one.team: one for hit in hits if (one := elsewhere.get(hit.word.lower()))}
    if not teams:
        return [Match(each.key, each.team, score, words, part)]
    return [Match(each.key, team, score, words, part, via=one.via) for team, one in teams.items()]


def _hits(read: Text, keywords: Iterable[str]) -> list[_Hit]:
    """Each keyword that is there, but none that is only a part of a longer one: “search” of “saved search”."""
    found: dict[str, _Hit] = {}
    for keyword in keywords:
        if places := read.places(keyword):
            found.setdefault(keyword.lower(), _Hit(keyword, A_WORD * len(keyword.split()), places))
    hits = list(found.values())
    all_places = [place for hit in hits for place in hit.places]
    for hit in hits:
        hit.places = [place for place in hit.places if not any(place.within(other) for other in all_places)]
    return [hit for hit in hits if hit.places]


def _part(each: Field, read: Text) -> str:
    """The sub-team with the most words of its own; empty when none has more than the others."""
    counted = [(sum(hit.score for hit in _hits(read, part.keywords)), part.name) for part in each.parts]
    best = max(counted, default=(0, ""))
    return best[1] if best[0] and [score for score, _ in counted].count(best[0]) == 1 else ""


def _of_names(read: Text, found: Sequence[Match], fields: Sequence[Field], owned: Iterable[Owned]) -> list[Match]:
    best: dict[str, Match] = {}
    for one in owned:
        if read.names(one.name):
            key = _field_of(one, found, fields)
            before = best.get(one.team)
            words = (*(before.matched if before else ()), one.name)
            named = before.named if before else f"{one.kind} {one.name}"
            best[one.team] = Match(key, one.team, NAMED * len(words), words, named=named)
    return sorted(best.values(), key=lambda each: -each.score)


def _field_of(one: Owned, found: Sequence[Match], fields: Sequence[Field]) -> str:
    """What the question is about: what the text says of the team's own, else alerts or dashboards, else the first."""
    kinds = {one.kind, f"{one.kind}s"}
    likely = [each.key for each in found if each.team == one.team]
    likely += [each.key for each in fields if kinds & {keyword.lower() for keyword in each.keywords}]
    likely += [each.key for each in fields if each.team == one.team]
    return next(iter([*likely, *(each.key for each in found)]), "")


def _asking(found: Sequence[Match], fields: Sequence[Field]) -> list[Match]:
    """The same matches, with the question where another field has the same words and neither has the better of it."""
    by_key = {each.key: each for each in fields}
    asked: dict[int, str] = {}
    for place, one in enumerate(found):
        if not (question := by_key[one.key].tie_break):
            continue
        mine = {word.lower() for word in one.matched}
        for other_place, other in enumerate(found):
            theirs = {word.lower() for word in other.matched}
            # With words of its own on one side alone, the text has told by itself.
            if other.key != one.key and mine & theirs and bool(mine - theirs) == bool(theirs - mine):
                asked.setdefault(place, question)
                asked.setdefault(other_place, question)
    return [replace(one, ask=asked.get(place, "")) for place, one in enumerate(found)]
