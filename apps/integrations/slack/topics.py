"""Who is on duty in a channel's topic, beside what people wrote there. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Slack refuses a longer one as too_long.
LONGEST = 250
BAR = " | "
NOBODY = "nobody"
_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


class NoRoom(ValueError):
    """What people wrote leaves too little of the topic; `over` is by how many characters."""

    def __init__(self, over: int) -> None:
        super().__init__(f"What people wrote in the topic is {over} characters too long for this to stand beside it.")
        self.over = over


@dataclass(frozen=True)
class Duty:
    """A role and who is on, by full names and by what they are called."""

    role: str
    names: tuple[str, ...]
    short: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What one rotation says in a topic: `SET: primary Ana Lopez · backup Ben Ek · lead Lea Orr`."""

    rotation: str
    duties: tuple[Duty, ...]

    def text(self, *, short: bool = False) -> str:
        """The part; with `short` by what people are called."""
        said = (
            f"{_plain(duty.role)} {', '.join(_plain(name) for name in names) or NOBODY}"
            for duty in self.duties
            for names in [duty.short if short and duty.short else duty.names]
        )
        return f"{_plain(self.rotation)}: {' · '.join(said)}"

    @property
    def marks(self) -> tuple[str, ...]:
        """How a part of this rotation begins, whoever is on."""
        return tuple(f"{_plain(self.rotation)}: {_plain(duty.role)} " for duty in self.duties)


def typed(value: str) -> str:
    """A topic as Slack tells it, as somebody would type it: links and entities undone, mentions as they are."""

    def shown(found: re.Match[str]) -> str:
        what, label = found[1], found[2] or ""
        if what.startswith("#") and label:
            return f"#{label}"
        if what.startswith(("@", "!", "#")):
            return found[0]
        return label if label and label in what else what

    bare = _MARKUP.sub(shown, value)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def compose(standing: str, parts: Sequence[Part], *, said: str = "") -> tuple[str, str]:
    """The topic that names who is on, and of it our words; no parts: what people wrote alone.

    `standing` is the topic as it is, `said` our words in it as they were sent last. Ours go where they were, else to
    the front. Full names where they fit, else what people are called. Raises NoRoom rather than cut anybody's words.
    """
    before, after = _others(standing, parts, said)
    if not parts:
        return BAR.join(text for text in (before, after) if text), ""
    topic = ""
    for short in (False, True):
        ours = BAR.join(part.text(short=short) for part in parts)
        topic = BAR.join(text for text in (before, ours, after) if text)
        if len(topic) <= LONGEST:
            return topic, ours
    raise NoRoom(len(topic) - LONGEST)


def stands(standing: str, said: str) -> bool:
    """Whether our words are in the topic as they were sent."""
    pieces = [piece.strip() for piece in standing.split("|")]
    ours = [piece.strip() for piece in said.split("|")]
    return any(pieces[start : start + len(ours)] == ours for start in range(len(pieces)))


def _others(standing: str, parts: Sequence[Part], said: str) -> tuple[str, str]:
    """What people wrote before and behind our words, to the letter."""
    sent = {piece.strip() for piece in said.split("|")} - {""}
    marks = tuple(mark for part in parts for mark in part.marks)
    pieces = standing.split("|")
    ours = [place for place, piece in enumerate(pieces) if piece.strip() in sent or piece.strip().startswith(marks)]
    first = ours[0] if ours else 0
    before = [piece for place, piece in enumerate(pieces) if place < first]
    after = [piece for place, piece in enumerate(pieces) if place >= first and place not in ours]
    return "|".join(before).strip(), "|".join(after).strip()


def _plain(text: str) -> str:
    """A name that ends no part and mentions nobody."""
    return " ".join(text.translate({ord("|"): "/", ord("<"): "‹", ord(">"): "›"}).split())
