"""What an issue says: for the private tracker everything we know, for the public one what happens and how. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# GitHub takes 65,536 characters, and the mark that finds an issue again must fit, too.
LONGEST_TITLE, LONGEST_BODY = 250, 60_000
CUT = "\n\n_Cut here: the whole text is in the request._"
# Told to everybody: the rest of the context is about the customer, or holds what no check would recognise.
TOLD_TO_ALL = ("environment", "steps_to_reproduce", "version", "database", "what_is_slow")

_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!https?://)")
# Somebody's name on GitHub, and another issue's number: neither was meant by whoever wrote to us.
_MENTION = re.compile(r"(?<![\w/@.+-])@(?=[A-Za-z0-9])")
_ISSUE = re.compile(r"(?<![\w/#&])#(?=\d)")
_UNSEEN = "\u200b"
# Without a blank line what follows a quote belongs to it.
_QUOTE_ENDS = re.compile(r"^(>.*)\n(?=[^>\s])", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A part of the request: its name as a field, its heading, and what it says."""

    name: str
    heading: str
    text: str


@dataclass(frozen=True)
class Link:
    """Something to look at, and a word about it."""

    label: str
    url: str = ""
    about: str = ""


@dataclass(frozen=True)
class Asked:
    """A request, as its issue tells it. `missing` are the headings nobody has filled in."""

    number: str
    url: str
    summary: str
    kind: str
    priority: str
    team: str = ""
    description: str = ""
    sections: tuple[Section, ...] = ()
    missing: tuple[str, ...] = ()
    timeline: str = ""
    priority_because: str = ""
    files: tuple[Link, ...] = ()
    events: tuple[Link, ...] = ()
    ticket: Link | None = None
    customer: Link | None = None
    documents: tuple[Link, ...] = ()
    people: tuple[str, ...] = ()
    teammates: str = ""
    facts: tuple[str, ...] = ()


def title(asked: Asked) -> str:
    """What the issue is called."""
    line = " ".join(asked.summary.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"


def private_body(asked: Asked) -> str:
    """Everything engineering needs, in the order of the form: context first, then whom it is for."""
    parts = [_line([asked.kind, asked.priority, *asked.facts, _link(Link(asked.number, asked.url))])]
    parts.append(tidy(asked.description) or tidy(asked.summary))
    parts += [_section(each.heading, tidy(each.text)) for each in asked.sections if each.text.strip()]
    if asked.missing:
        parts.append(_section("Not known yet", ", ".join(asked.missing)))
    parts.append(_section("Files", _list(asked.files)))
    parts.append(_section("Please explain", _list(asked.events)))
    customer = [asked.customer] if asked.customer else []
    parts.append(_section("Customer", _list([*customer, *asked.documents])))
    parts.append(_section("Ticket", _list([asked.ticket] if asked.ticket else [])))
    parts.append(_section("Timeline", tidy(asked.timeline)))
    parts.append(_section("Why this priority", tidy(asked.priority_because)))
    parts.append(_section("Teammates", tidy(asked.teammates)))
    parts.append(f"---\n{_line(asked.people)}" if asked.people else "")
    return _cut("\n\n".join(part for part in parts if part))


def told_to_all(asked: Asked) -> list[Section]:
    """The parts of the request that a public issue is made of, as somebody wrote them."""
    chosen = [each for each in asked.sections if each.name.removeprefix("context.") in TOLD_TO_ALL]
    return [each for each in (Section("description", "", asked.description), *chosen) if each.text.strip()]


def public_body(asked: Asked) -> str:
    """What happens, where and how: nothing of the customer, the ticket, the files or the people."""
    parts = [
        _section(each.heading, tidy(each.text)) if each.heading else tidy(each.text) for each in told_to_all(asked)
    ]
    return _cut("\n\n".join([*parts, "Several customers are affected."]))


def tidy(text: str) -> str:
    """The text so that it changes nothing around it: tags and mentions are words, and code ends where it is cut."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    made, done, open_fence = [], 0, ""
    for found in _FENCED.finditer(text):
        fence = found.group(1)
        if not open_fence:
            made += [_harmless(text[done : found.start()]), found.group()]
            open_fence = fence
        elif fence[0] == open_fence[0] and len(fence) >= len(open_fence) and found.group().strip() == fence:
            made += [text[done : found.start()], found.group()]
            open_fence = ""
        else:
            continue
        done = found.end()
    made.append(text[done:] if open_fence else _harmless(text[done:]))
    return "".join([*made, f"\n{open_fence}" if open_fence else ""])


def _harmless(text: str) -> str:
    parts, done = [], 0
    for found in _CODE.finditer(text):
        parts += [_words(text[done : found.start()]), found.group()]
        done = found.end()
    return "".join([*parts, _words(text[done:])])


def _words(text: str) -> str:
    text = _QUOTE_ENDS.sub(r"\1\n\n", _TAG.sub("&lt;", text))
    return _ISSUE.sub(f"#{_UNSEEN}", _MENTION.sub(f"@{_UNSEEN}", text))


def _section(heading: str, text: str) -> str:
    return f"### {heading}\n\n{text}" if text else ""


def _list(links: Iterable[Link]) -> str:
    return "\n".join(f"- {_link(each)}{f': {_words(each.about)}' if each.about else ''}" for each in links)


def _link(link: Link) -> str:
    label = _words(re.sub(r"([\\\[\]])", r"\\\1", " ".join(link.label.split())))
    return f"[{label}]({link.url.replace(' ', '%20').replace(')', '%29')})" if link.url else label


def _line(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _cut(body: str) -> str:
    if len(body) <= LONGEST_BODY:
        return body
    return _closed(body[: LONGEST_BODY - len(CUT) - 100]) + CUT


def _closed(body: str) -> str:
    """A body that was cut, with the code it was cut in closed."""
    fence = ""
    for found in _FENCED.finditer(body):
        mark = found.group(1)
        if not fence:
            fence = mark
        elif mark[0] == fence[0] and len(mark) >= len(fence):
            fence = ""
    return f"{body}\n{fence}" if fence else body
