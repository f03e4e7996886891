"""Words that must not be told, and where a text holds them, however they are written. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from apps.rfhs.privacy.lookalikes import is_spaceless
from apps.rfhs.privacy.ordinary import AFFIXES, ORDINARY
from apps.rfhs.privacy.reading import Reading, decoded, read

# As long as this a name counts only as a word of its own; longer ones within acmeprod and acmeServer, too.
SHORT = 3
LONGEST_GAP = 10
LONGEST_AFFIX = max(len(each) for each in AFFIXES) + 1
_LINE_BROKEN = re.compile(r"[-\u2010]\s*\n")
# A stop by another name, as in acme。com.
_STOP = re.compile(r"[.\u3002\u2024\u00b7]")


@dataclass(frozen=True)
class Spelling:
    """Words as they may be written; `trick`: with letters that together look like another, rn for m and vv for w."""

    words: tuple[str, ...]
    trick: bool = False

    @cached_property
    def letters(self) -> str:
        return "".join(self.words)

    @cached_property
    def alike(self) -> str:
        """The letters with those that look alike as one."""
        return read(decoded(self.letters)).alike

    @cached_property
    def joints(self) -> tuple[int, ...]:
        """Where each word but the first begins."""
        return tuple(accumulate(len(word) for word in self.words[:-1]))


@dataclass(frozen=True)
class Term:
    """Words in a row that must not be told.

    `like_a_name`: counts only where it is written with capitals, since as a word no report can do without it.
    `dotted`: a stop belongs between its words, as in a domain.
    """

    words: tuple[str, ...]
    kind: str
    why: str
    like_a_name: bool = False
    dotted: bool = False

    @cached_property
    def letters(self) -> str:
        return "".join(self.words)

    @cached_property
    def is_short(self) -> bool:
        return len(self.letters) <= SHORT and self.letters.isascii()

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """The ways to write it."""
        found = {self.words: Spelling(self.words)}
        if not self.is_short and not self.dotted:
            for old, new in (("m", "rn"), ("w", "vv")):
                for words in list(found):
                    other = tuple(word.replace(old, new) for word in words)
                    found.setdefault(other, Spelling(other, trick=True))
        return tuple(found.values())


def words_of(written: str) -> tuple[str, ...]:
    """The words of a name as they are compared: “Acmé, Inc.” is acme and inc."""
    reading = read(decoded(written))
    return tuple(reading.letters[first:last] for first, last in reading.words())


def places_of(term: Term, reading: Reading, in_host: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """The intervals of the text that hold the term. `in_host` tells whether a place is within the name of a host."""
    for spelling in term.spellings:
        first = reading.alike.find(spelling.alike)
        while first >= 0:
            last = first + len(spelling.letters)
            if (
                _reads(term, spelling, reading, first, last)
                and _stands_alone(term, reading, first, last)
                and _joined(term, spelling, reading, first, last)
                and _meant(term, spelling, reading, first, last, in_host)
            ):
                yield min(reading.starts[first:last]), max(reading.ends[first:last])
            first = reading.alike.find(spelling.alike, first + 1)


def _reads(term: Term, spelling: Spelling, reading: Reading, first: int, last: int) -> bool:
    """Whether these letters are the term's, or can be taken for them."""
    told = reading.letters[first:last]
    replaced = [first + k for k, letter in enumerate(spelling.letters) if told[k] != letter]
    if not all(reading.disguised[k] or reading.stands_in[k] for k in replaced):
        return False
    signs = sum(not reading.disguised[k] for k in replaced)
    # 5010 is no Solo; and with two letters one takes nothing for another.
    if signs and (term.is_short or 2 * signs > len(told)):
        return False
    return not ((spelling.trick or signs) and told in ORDINARY)


def _stands_alone(term: Term, reading: Reading, first: int, last: int) -> bool:
    """Whether a word begins and ends here: a hooligan is no Hooli, but acmeprod is Acme's."""
    begins = first == 0 or bool(reading.gaps[first]) or is_spaceless(term.letters[0])
    ends = bool(reading.gaps[last]) or is_spaceless(term.letters[-1])
    if term.is_short or term.like_a_name:
        return begins and ends
    if not begins and not reading.soft[first]:
        before = first
        while before > 0 and not reading.gaps[before] and first - before < LONGEST_AFFIX:
            before -= 1
        if reading.letters[before:first] not in AFFIXES:
            return False
    if not ends and not reading.soft[last]:
        after = last
        while not reading.gaps[after] and after - last < LONGEST_AFFIX:
            after += 1
        rest = reading.letters[last:after]
        # Acmes is Acme's, in haste.
        return rest in AFFIXES or (rest == "s" and not term.letters.endswith("s"))
    return True


def _joined(term: Term, spelling: Spelling, reading: Reading, first: int, last: int) -> bool:
    """Whether what stands between the letters belongs there, or was put there to hide them."""
    foreign, pieces, begun = [], [], first
    for k in range(first + 1, last):
        gap = reading.gaps[k]
        if len(gap) > LONGEST_GAP:
            return False
        if k - first in spelling.joints:
            if term.dotted and not _STOP.search(gap):
                return False
        elif gap:
            foreign.append(gap)
            pieces.append(reading.letters[begun:k])
            begun = k
    if not foreign:
        return True
    pieces.append(reading.letters[begun:last])
    single = sum(len(piece) == 1 for piece in pieces)
    if single == len(pieces):
        return not term.is_short or all(reading.capital[first:last])
    if term.is_short:
        return False
    if any(" " in gap or gap.isspace() for gap in foreign) and not any(_LINE_BROKEN.search(gap) for gap in foreign):
        # As Ana said is no Asana: in words of their own it takes some that are none.
        return 2 * single > len(pieces) or (len(term.letters) > 4 and not any(each in ORDINARY for each in pieces))
    return not all(each in ORDINARY for each in pieces)


def _meant(
    term: Term, spelling: Spelling, reading: Reading, first: int, last: int, in_host: Callable[[int], bool]
) -> bool:
    """Whether a word that is also an ordinary one, or very short, stands there as a name."""
    if not term.like_a_name or any(reading.disguised[first:last]) or in_host(reading.starts[first]):
        return True
    heads = [first, *(first + joint for joint in spelling.joints)]
    if all(reading.capital[k] or not reading.letters[k].isalpha() for k in heads):
        return True
    # best-buy is no phrase.
    inner = [reading.gaps[first + joint] for joint in spelling.joints]
    return bool(inner) and not any(char.isspace() for gap in inner for char in gap)
