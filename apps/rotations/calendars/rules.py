"""What an entry of a calendar says: on shift, embedded in a product or away, and who."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from apps.rotations.calendars.source import Named

SUPPORT, EMBEDDED, LEAVE, IGNORED = "support", "embedded", "leave", "ignored"
# Around the product, in the ways people write it: "Ana embedded in Boards", "Boards: embedded engineer".
FILLING = frozenset({"a", "an", "as", "at", "engineer", "engineers", "for", "in", "into", "on", "shift", "the", "with"})
EDGES = " \t-–—:;,./|()[]{}<>&+@#"
LONGEST_PRODUCT = 100


@dataclass(frozen=True)
class Rules:
    """How a calendar's entries are read: an entry whose summary has the word is embedded, any other is a shift.

    With `leave_words` it is a calendar of leave, and only entries with one of them count.
    """

    embedded_word: str = "embedded"
    leave_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """Somebody who works here."""

    key: int
    email: str
    names: tuple[str, ...]
    # What they are called by friends: it counts where it is one person's alone.
    short: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """What an entry says. `unmatched` is whom it names that nobody here is, as it names them."""

    kind: str
    product: str = ""
    people: tuple[int, ...] = ()
    unmatched: tuple[str, ...] = ()


@dataclass
class Directory:
    """Who works here, to be found by email and by name."""

    by_email: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, int] = field(default_factory=dict)
    called: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[Known]) -> Directory:
        """A name that two have is nobody's."""
        everybody = list(people)
        found: dict[str, set[int]] = defaultdict(set)
        for person in everybody:
            for name in (*person.names, *person.short):
                if folded := _folded(name):
                    found[folded].add(person.key)
        return cls(
            {person.email.lower(): person.key for person in everybody},
            {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1},
            {person.key: (person.email, *person.names, *person.short) for person in everybody},
        )

    def find(self, named: Named) -> int | None:
        """By email, then by name."""
        found = self.by_email.get(named.email.strip().lower())
        return found if found is not None else self.by_name.get(_folded(named.name))

    def in_words(self, text: str) -> tuple[int, ...]:
        """Whose names the text holds, in their order there."""
        folded = f" {_folded(text)} "
        at = {
            key: place
            for name, key in sorted(self.by_name.items(), key=lambda pair: len(pair[0]))
            if (place := folded.find(f" {name} ")) >= 0
        }
        at.update({key: place for email, key in self.by_email.items() if (place := text.lower().find(email)) >= 0})
        return tuple(sorted(at, key=lambda key: at[key]))


def read(summary: str, named: Sequence[Named], rules: Rules, directory: Directory) -> Read:
    """What an entry with this summary, naming these people, says."""
    people: dict[int, None] = {}
    unmatched: list[str] = []
    for each in named:
        found = directory.find(each)
        if found is None:
            unmatched.append(_called(each))
        else:
            people[found] = None
    kind = _kind(summary, rules)
    if kind == IGNORED:
        return Read(kind)
    # Looking for everybody's names takes a while, and mostly the attendees say enough.
    in_summary = directory.in_words(summary) if not people or kind == EMBEDDED else ()
    if not people:
        people = dict.fromkeys(in_summary)
    if not people and not unmatched:
        unmatched = [summary.strip()[:200] or "an entry without a title"]
    product = ""
    if kind == EMBEDDED:
        names = [name for key in {*people, *in_summary} for name in directory.called.get(key, ())]
        product = product_in(summary, rules.embedded_word, [*names, *(each.name for each in named)])
    return Read(kind, product, tuple(people), tuple(dict.fromkeys(unmatched)))


def product_in(summary: str, word: str, names: Iterable[str] = ()) -> str:
    """What of the summary is left without the word, the people's names and what joins them; empty when nothing is."""
    text = summary
    for name in sorted({name for name in names if name.strip()}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name.strip())}(?!\w)", "|", text, flags=re.IGNORECASE)
    # What follows the word names the product, as "embedded in Boards"; else what comes before, as "Boards embedded".
    before, _, after = re.sub(re.escape(word), "\0", text, count=1, flags=re.IGNORECASE).partition("\0")
    for part in (after, before):
        for piece in re.split(r"[|:;()\[\]]|\s[-–—]\s", part):
            if found := _stripped(piece):
                return found[:LONGEST_PRODUCT]
    return ""


def _stripped(piece: str) -> str:
    words = piece.strip(EDGES).split()
    while words and words[0].strip(EDGES).lower() in FILLING | {""}:
        words.pop(0)
    while words and words[-1].strip(EDGES).lower() in FILLING | {""}:
        words.pop()
    return " ".join(words).strip(EDGES)


def _kind(summary: str, rules: Rules) -> str:
    if rules.leave_words:
        said = f" {_folded(summary)} "
        return LEAVE if any(f" {_folded(word)} " in said for word in rules.leave_words if word.strip()) else IGNORED
    word = rules.embedded_word.strip().lower()
    return EMBEDDED if word and word in summary.lower() else SUPPORT


def _called(named: Named) -> str:
    if named.name.strip() and named.email.strip() and named.name.strip() != named.email.strip():
        return f"{named.name.strip()} <{named.email.strip()}>"[:200]
    return (named.email.strip() or named.name.strip())[:200]


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
