"""What a character looks like, in plain letters: how Cyrillic, Greek, fullwidth and invisible ones are seen through."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

# Drawn as nothing although Unicode calls them letters: Hangul fillers.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
# A letter by its name: SMALL CAPITAL H, O WITH STROKE, DOTLESS I, NEGATIVE SQUARED LATIN CAPITAL LETTER A.
_NAMED = re.compile(
    r"(?:[A-Z ]+ )?(?:LATIN|REGIONAL INDICATOR).*\b(?:LETTER|CAPITAL|SMALL)(?: DOTLESS| SCRIPT| OPEN)? ([A-Z])"
    r"(?: WITH .*)?"
)
# What people read as a Latin letter although Unicode's table says another one, or nothing.
_READ_AS = dict(zip("ηωΩпшяЯИ", "nwonwrrn", strict=True))
# Scripts that put no spaces between words.
_SPACELESS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")


@dataclass(frozen=True, slots=True)
class Look:
    """How a character reads.

    `letters` are lower-case, or what separates; `invisible` ones are drawn as nothing, or as a mark on another;
    `disguised` ones are no plain letters but look like some.
    """

    letters: str
    invisible: bool = False
    # Nothing that is drawn, and no mark: a word may end there all the same.
    divides: bool = False
    disguised: bool = False


@lru_cache(maxsize=8192)
def look(char: str) -> Look:
    """How the character reads: an é as e, a Cyrillic о as o, a soft hyphen as nothing."""
    if char.isascii():
        return Look(char.lower())
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "Me"} or char in _FILLERS:
        return Look("", invisible=True, divides=category not in {"Mn", "Me"})
    decomposed = unicodedata.decomposition(char)
    # ™ and ℠ end a word; they are no letters of it.
    if category == "So" and decomposed.startswith("<super>"):
        return Look(" ")
    bare = "".join(each for each in unicodedata.normalize("NFKD", char) if unicodedata.category(each)[0] != "M")
    if bare and bare.isascii():
        return Look(bare.lower(), disguised=decomposed.startswith("<"))
    if plain := _like(char) or _named(char):
        return Look(plain, disguised=True)
    return Look(unicodedata.normalize("NFKC", bare or char).casefold())


def is_spaceless(char: str) -> bool:
    """Is it of a script that puts no spaces between words?"""
    return not char.isascii() and unicodedata.name(char, "").startswith(_SPACELESS)


def _like(char: str) -> str:
    """The plain letters Unicode's table of confusables has for it, or for its capital: к is a small К, which is K."""
    if char in _READ_AS:
        return _READ_AS[char]
    for form in (char, char.upper()):
        for entry in confusables_data.get(form, ()):
            if entry["c"].isascii() and entry["c"].isalnum():
                return str(entry["c"]).lower()
    return ""


def _named(char: str) -> str:
    found = _NAMED.fullmatch(unicodedata.name(char, ""))
    return found.group(1).lower() if found else ""
