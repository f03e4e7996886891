"""Where a text tells what the public must not read. Pure."""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from apps.rfhs.privacy.known import Private, terms
from apps.rfhs.privacy.links import HOST, insiders_links, public_links, unknown_addresses
from apps.rfhs.privacy.marks import marked
from apps.rfhs.privacy.reading import Reading, readings
from apps.rfhs.privacy.terms import places_of, words_of

# So many words in a row of a private passage are no coincidence.
IN_A_ROW = 6
_BEFORE_A_NUMBER = frozenset(
    {"case", "cases", "desk", "helpdesk", "request", "sr", "ticket", "tickets", "zd", "zendesk"}
)
_TICKET = frozenset({"ticket", "tickets", "zd", "zendesk"})
_NUMBER = frozenset({"id", "no", "nr", "num", "number", "nummer"})
# A number as long as this is no port and no line; a round one may be a count.
TELLING_DIGITS = 6

INSTEAD = {
    "customer": "the customer",
    "other_customer": "another customer",
    "person": "a user",
    "email": "a user's address",
    "domain": "the customer's domain",
    "ticket": "a ticket",
    "document": "a private document",
    "link": "a private link",
    "marked": "(left out)",
}


@dataclass(frozen=True, order=True)
class Place:
    """What the public must not read: `text` from `start` to `end` of `field`, in characters, and why."""

    field: str
    start: int
    end: int
    text: str
    kind: str
    why: str

    @property
    def instead(self) -> str:
        """Neutral words to say instead."""
        return INSTEAD[self.kind]


class Check:
    """What is private, ready to be looked for in several texts."""

    def __init__(self, private: Private) -> None:
        self.private = private
        self.terms = terms(private)
        self.numbers = frozenset(each.number for each in private.tickets if each.number.isdecimal())
        open_rows = _all_rows(private.said_openly)
        self.rows = _all_rows(private.passages) | (_all_rows(private.notes) - open_rows)

    def fields(self, texts: Mapping[str, str]) -> list[Place]:
        """The places in each field, in the order of the fields and of the text."""
        return [place for field, text in texts.items() for place in self.text(text, field)]

    def text(self, text: str, field: str = "") -> list[Place]:
        """The places in the text, in order, none within another."""
        open_to_all = list(public_links(text, self.private))
        found = [
            Place(field, start, end, text[start:end], kind, why)
            for start, end, kind, why in self._found(text)
            if not any(first <= start and end <= last for first, last in open_to_all)
        ]
        return _apart(found, text)

    def _found(self, text: str) -> Iterator[tuple[int, int, str, str]]:
        for start, end in marked(text):
            yield start, end, "marked", "it is marked private"
        for start, end, why in insiders_links(text, self.private):
            yield start, end, "link", why
        for start, end in unknown_addresses(text, self.private):
            yield start, end, "email", "an email address"
        hosts = Intervals(found.span() for found in HOST.finditer(text))
        for reading in readings(text):
            for term in self.terms:
                for start, end in places_of(term, reading, hosts.hold):
                    yield start, end, term.kind, term.why
            for start, end in self._numbers(reading):
                yield start, end, "ticket", "a ticket's number"
            for start, end in self._passages(reading):
                yield start, end, "marked", "it stands in a note, or is marked private elsewhere"

    def _numbers(self, reading: Reading) -> Iterator[tuple[int, int]]:
        before = ["", ""]
        for first, last in reading.words():
            word = reading.letters[first:last]
            said = _TICKET.intersection(before[-1:]) or (before[-1] in _NUMBER and before[-2] in _TICKET)
            if word.isdecimal():
                telling = len(word) >= TELLING_DIGITS and not word.endswith("000")
                near = _BEFORE_A_NUMBER.intersection(before) or "#" in reading.gaps[first]
                if (word in self.numbers and (telling or near)) or (said and len(word) >= 3):
                    yield reading.starts[first], reading.ends[last - 1]
            elif word.startswith("zd") and word[2:].isdecimal() and len(word) > 4:
                yield reading.starts[first], reading.ends[last - 1]
            before = [before[-1], word]

    def _passages(self, reading: Reading) -> Iterator[tuple[int, int]]:
        if not self.rows:
            return
        words = list(reading.words())
        for k, row in enumerate(_rows(tuple(reading.letters[first:last] for first, last in words))):
            if row in self.rows:
                yield reading.starts[words[k][0]], reading.ends[words[k + IN_A_ROW - 1][1] - 1]


class Intervals:
    """Intervals that do not overlap, and whether one holds a place."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.spans = sorted(spans)

    def hold(self, place: int) -> bool:
        """Is the place within one of them?"""
        k = bisect.bisect_right(self.spans, (place, sys.maxsize)) - 1
        return k >= 0 and self.spans[k][0] <= place < self.spans[k][1]


def check(texts: Mapping[str, str], private: Private) -> list[Place]:
    """Where the texts tell what is private; none: they may be published."""
    return Check(private).fields(texts)


def _all_rows(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(row for text in texts for row in _rows(words_of(text)))


def _rows(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [words[k : k + IN_A_ROW] for k in range(len(words) - IN_A_ROW + 1)]


def _apart(places: list[Place], text: str) -> list[Place]:
    """One place where several overlap: the widest says why."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda each: (each.start, -each.end)):
        if kept and place.start < kept[-1].end:
            last = kept[-1]
            if place.end > last.end:
                kept[-1] = replace(last, end=place.end, text=text[last.start : place.end])
            continue
        kept.append(place)
    return kept
