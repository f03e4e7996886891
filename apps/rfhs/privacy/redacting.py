"""The same text with neutral words where it told what is private: a proposal that a person reads. Pure."""

from __future__ import annotations

import re

from apps.rfhs.privacy.checking import INSTEAD, Check, Place
from apps.rfhs.privacy.known import Private
from apps.rfhs.privacy.links import EMAIL, URL

# What is put in may itself be a secret, of a customer called User; then dots stand there.
ROUNDS = 4
DOTS = "[…]"
_LINK_WITHOUT_TARGET = re.compile(r"!?\[([^\]\n]*)\]\((?:a private (?:link|document)|\[…\])(?: \"[^\"\n]*\")?\)")
_BRACKETED = re.compile(r"<(a private (?:link|document))>")
_WORD = re.compile(r"[\w-]*\Z")
# Said already by what is put in.
_BEFORE_A_TICKET = re.compile(
    r"(?:\b(?:support |zendesk |help ?desk )?(?:tickets?|zendesk|zd|case)\b\W{0,2}(?:no\.? |number )?)?#?\Z",
    re.IGNORECASE,
)
_SENTENCE_BEGINS = re.compile(r"(?:\A|[.!?]\s+|\n\s*(?:[>*#-]+\s*)?)\Z")


def redact(text: str, private: Private) -> str:
    """The text with “the customer”, “a user”, “a ticket” and the like in place of what is private.

    Checked again it holds nothing that is refused.
    """
    check = Check(private)
    for turn in range(ROUNDS):
        places = check.text(text)
        if not places:
            return text
        text = _replaced(text, places, dots=turn > 1)
    return DOTS if check.text(text) else text


def _replaced(text: str, places: list[Place], *, dots: bool) -> str:
    done, parts = 0, []
    for start, end, kind in _widened(text, places):
        if start < done:
            continue
        parts.append(text[done:start])
        words = DOTS if dots else INSTEAD[kind]
        before = "".join(parts)[-40:]
        parts.append(words[0].upper() + words[1:] if _SENTENCE_BEGINS.search(before) else words)
        done = end
    made = "".join([*parts, text[done:]])
    return _BRACKETED.sub(r"\1", _LINK_WITHOUT_TARGET.sub(r"\1", made))


def _widened(text: str, places: list[Place]) -> list[tuple[int, int, str]]:
    """Each with all of the address or word it is a part of: half an address is none."""
    links = [found.span() for found in URL.finditer(text)]
    emails = [found.span() for found in EMAIL.finditer(text)]
    wide: list[tuple[int, int, str]] = []
    for place in places:
        start, end, kind = place.start, place.end, place.kind
        for spans, instead in ((links, "link"), (emails, "email")):
            for first, last in spans:
                if first <= start < last and kind != "marked":
                    start, end, kind = first, max(last, end), kind if kind in {"document", "ticket"} else instead
        if kind == "ticket" and (before := _BEFORE_A_TICKET.search(text[:start])):
            start = before.start()
        if kind in {"customer", "person"} and text[:start].endswith("@"):
            start -= 1
        if kind in {"customer", "person", "domain"}:
            if start and text[start - 1].isalnum() and text[start].isalnum():
                found = _WORD.search(text[:start])
                start = found.start() if found else start
            while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
                end += 1
        wide.append((start, end, kind))
    return wide
