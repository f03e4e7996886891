"""A text as somebody reads it who will not be fooled: plain letters, and where each stands in the text. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from apps.rfhs.privacy.lookalikes import look

# Encoded twice and thrice is seen through, too.
ROUNDS = 3
# Letters, digits and signs that are drawn alike, as one of them: h00li, Hoo|i.
_AS_ONE = str.maketrans("i1|!035$47", "lllloessat")
# Letters only between letters.
_SIGNS = frozenset("|!$")
_REVERSED = re.compile("\u202e([^\u202c\n]*)")
# What a rendered page does not show: a link's target, a comment, a tag.
_UNSEEN = re.compile(
    r"\]\([^)\n]{0,2000}\)|\]\[[^\]\n]{0,200}\]|<!--.{0,4000}?-->|</?[A-Za-z][^<>]{0,2000}>", re.DOTALL
)


@dataclass(frozen=True)
class Decoded:
    """A text, and the interval of the text it was made from that each of its characters stands for."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> Decoded:
        return cls(text, list(range(len(text))), list(range(1, len(text) + 1)))

    def replaced(self, pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], str]) -> Decoded:
        """With `meaning` in the place of what the pattern finds; its characters stand for all of that place."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for found in pattern.finditer(self.text):
            said, first, last = meaning(found), found.start(), found.end()
            if said == found.group():
                continue
            parts += [self.text[done:first], said]
            starts += self.starts[done:first] + [self.starts[first]] * len(said)
            ends += self.ends[done:first] + [self.ends[last - 1]] * len(said)
            done = last
        if not done:
            return self
        return Decoded("".join([*parts, self.text[done:]]), starts + self.starts[done:], ends + self.ends[done:])

    def turned(self) -> Decoded:
        """With what is written from right to left by force the way it is seen."""
        order = list(range(len(self.text)))
        for found in _REVERSED.finditer(self.text):
            first, last = found.span(1)
            order[first:last] = reversed(order[first:last])
        return Decoded(
            "".join(self.text[k] for k in order), [self.starts[k] for k in order], [self.ends[k] for k in order]
        )


def _entity(found: re.Match[str]) -> str:
    return html.unescape(found.group())


def _percent(found: re.Match[str]) -> str:
    return unquote_to_bytes(found.group()).decode("utf-8", "replace")


def _escape(found: re.Match[str]) -> str:
    code = int(found.group(1) or found.group(2), 16)
    return found.group() if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def _punycode(found: re.Match[str]) -> str:
    try:
        return found.group(1).encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return found.group()


_ENCODED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)"), _entity),
    (re.compile(r"(?:%[0-9A-Fa-f]{2})+"), _percent),
    (re.compile(r"\\u\{?([0-9a-fA-F]{4,6})\}?|\\x([0-9a-fA-F]{2})"), _escape),
    (re.compile(r"\bxn--([A-Za-z0-9-]{1,59})", re.IGNORECASE), _punycode),
)


def decoded(text: str) -> Decoded:
    """The text without HTML entities, percent-encoding, backslash escapes and punycode."""
    after = Decoded.of(text)
    for _ in range(ROUNDS):
        before = after
        for pattern, meaning in _ENCODED:
            after = after.replaced(pattern, meaning)
        if after is before:
            break
    return after


@dataclass
class Reading:
    """The letters and digits of a text, lower-case and undisguised, and what stands between them.

    `gaps[k]` is what separates letter k from the one before, `gaps[-1]` what follows the last. `soft[k]` says that a
    word may begin at k though nothing separates: aB, a1, or something invisible.
    """

    letters: str = ""
    # The same with those that look alike as one.
    alike: str = ""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    capital: list[bool] = field(default_factory=list)
    # No plain letter; and a plain sign that can stand for another: a digit, a capital I within a word.
    disguised: list[bool] = field(default_factory=list)
    stands_in: list[bool] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    soft: list[bool] = field(default_factory=list)

    def words(self) -> Iterator[tuple[int, int]]:
        """Where each word begins and ends."""
        first = 0
        for k in range(1, len(self.letters) + 1):
            if self.gaps[k]:
                yield first, k
                first = k


def read(source: Decoded) -> Reading:
    """How it reads."""
    made = Reading()
    letters: list[str] = []
    text, gap, divided = source.text, "", False
    for k, char in enumerate(text):
        seen = look(char)
        if seen.invisible:
            divided = divided or seen.divides
        for letter in seen.letters:
            sign = letter in _SIGNS and text[k - 1 : k].isalnum() and text[k + 1 : k + 2].isalnum()
            if not sign and not letter.isalnum():
                gap += letter
                continue
            capital = char.isupper()
            made.soft.append(divided or sign or _begins(made, letters, letter, capital, text[k + 1 : k + 2]))
            letters.append(letter)
            made.starts.append(source.starts[k])
            made.ends.append(source.ends[k])
            made.capital.append(capital)
            made.disguised.append(seen.disguised)
            made.stands_in.append(sign or letter.isdecimal() or _instead(text, k))
            made.gaps.append(gap)
            gap, divided = "", sign
    made.letters = "".join(letters)
    made.alike = made.letters.translate(_AS_ONE)
    made.gaps.append(gap or " ")
    made.soft.append(False)
    return made


def readings(text: str) -> list[Reading]:
    """Every way the text can be read: as written, as rendered, and with what is turned around turned back."""
    plain = decoded(text)
    ways = [plain]
    rendered = plain.replaced(_UNSEEN, lambda _: "")
    if rendered is not plain:
        ways.append(rendered)
    if "\u202e" in plain.text:
        ways.append(plain.turned())
    return [read(each) for each in ways]


def _begins(made: Reading, letters: list[str], letter: str, capital: bool, following: str) -> bool:
    """Whether a word may begin with this letter right behind the one before: aB, ABc, a1, 1a."""
    if not letters:
        return False
    if letters[-1].isdecimal() != letter.isdecimal():
        return True
    return capital and (not made.capital[-1] or following.islower())


def _instead(text: str, k: int) -> bool:
    """A capital I behind a small letter is read as l, a small l before a capital as I."""
    if text[k] == "I":
        return text[k - 1 : k].islower()
    return text[k] == "l" and text[k + 1 : k + 2].isupper()
