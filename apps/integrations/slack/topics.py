"""What we say in topics: who is on duty, beside what people wrote; what is broken, in Crashbot's form. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Slack refuses a longer one as too_long.
LONGEST = 250
BAR = " | "
NOBODY = "nobody"
# Crashbot's words, which the channel of all incidents shows while all is well.
ALL_WELL = ":white_check_mark: All systems operational. Please use one thread per incident"
CUT = " ..."
# The least of a topic that what is broken gets; who is on duty stands behind it where the rest is enough.
FOR_INCIDENTS = 150
# Slack tells emoji by their names, whatever it was given.
_NAMES = ("one", "two", "three", "four", "five")
_EMOJI = {f"{digit}\ufe0f\u20e3": f":{name}:" for digit, name in enumerate(_NAMES, start=1)}
_EMOJI |= {"\u2705": ":white_check_mark:"}
_SIGNS = {f"{digit}\ufe0f\u20e3": sign for digit, sign in enumerate("①②③④⑤", start=1)} | {":white_check_mark:": "✓"}
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


@dataclass(frozen=True)
class Broken:
    """An open incident, as a topic shows it."""

    severity: str
    number: str
    title: str
    description: str = ""

    def text(self) -> str:
        """Crashbot's line: `1️⃣ INC-7 title ~ description`."""
        said = f"{self.title} ~ {self.description}" if self.description.strip() else self.title
        return f"{self.head} {_tame(said)}"

    @property
    def head(self) -> str:
        return f"{self.severity[-1:]}\ufe0f\u20e3 {self.number}"


def incidents(broken: Sequence[Broken], parts: Sequence[Part] = ()) -> str:
    """The whole topic of the channel of all incidents: a line for each that is open, those that come first first.

    Each is cut as Crashbot cuts it. Where that would leave not even the numbers, as many are shown as have room, and
    how many there are more. Who is on duty there follows where it fits.
    """
    for short in (False, True):
        ours = BAR.join(part.text(short=short) for part in parts)
        if ours and len(ours) + len(BAR) <= LONGEST - FOR_INCIDENTS:
            return f"{_lines(broken, LONGEST - len(BAR) - len(ours))}{BAR}{ours}"
    return _lines(broken, LONGEST)


def same(standing: str, wanted: str) -> bool:
    """Whether a topic as Slack tells it is the one we sent: it may lay out lines and spell emoji in its own way."""
    return _spelt(standing) == _spelt(wanted)


def drawn(topic: str) -> str:
    """The topic for where there is no font with Slack's emoji: the same signs, as every font has them."""
    for emoji, sign in _SIGNS.items():
        topic = topic.replace(emoji, sign)
    return topic


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


def _lines(broken: Sequence[Broken], room: int) -> str:
    if not broken:
        return ALL_WELL
    most = room // len(broken) - 2
    if most >= max(len(each.head) for each in broken) + len(CUT):
        return "\n".join(_cut(each.text(), most) for each in broken)
    for shown in range(len(broken) - 1, 0, -1):
        more = f"+{len(broken) - shown} more"
        lines = [each.head for each in broken[:shown]]
        if len("\n".join([*lines, more])) <= room:
            return "\n".join([*lines, more])
    return f"{len(broken)} open"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - len(CUT)]}{CUT}"


def _spelt(topic: str) -> str:
    for emoji, name in _EMOJI.items():
        topic = topic.replace(emoji, name)
    return " ".join(topic.split())


def _tame(text: str) -> str:
    """A text in one line that mentions nobody."""
    return " ".join(text.translate({ord("<"): "‹", ord(">"): "›"}).split())


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
    return _tame(text.replace("|", "/"))
