"""Names in a message a manager types, as Slack's ids, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EVERYBODY = {"here": "<!here>", "channel": "<!channel>"}

_MARKED = re.compile(r"<[@!][^<>]*>")
# Not the @ of an email address, and not what Slack has marked up already.
_NAMED = re.compile(r"(?<![\w@<.])@([\w][\w.\-]*)")


class UnknownNames(ValueError):
    """Names nobody answers to, or several do; the message says which."""


@dataclass(frozen=True)
class Names:
    """What people are called, in lower case, with Slack's markup for each; several markups: not unique."""

    known: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Names:
        """From (name, markup) pairs; a name of several words is known by its words run together too."""
        known: dict[str, set[str]] = {name: {markup} for name, markup in EVERYBODY.items()}
        for name, markup in pairs:
            key = name.strip().lower()
            for spelt in {key.replace(" ", ""), key.replace(" ", "."), key.replace(" ", "-")} - {""}:
                if spelt not in EVERYBODY:
                    known.setdefault(spelt, set()).add(markup)
        return cls({name: frozenset(markups) for name, markups in known.items()})

    def to_ids(self, text: str) -> str:
        """`text` with every @name as Slack's markup. Raises UnknownNames: a typo would tell nobody."""
        wrong: list[str] = []

        def marked(found: re.Match[str]) -> str:
            name, rest = found[1], ""
            if name.lower() not in self.known and name.rstrip(".-").lower() in self.known:
                name, rest = name.rstrip(".-"), found[1][len(name.rstrip(".-")) :]
            markups = self.known.get(name.lower(), frozenset())
            if len(markups) != 1:
                wrong.append(
                    f"Several people are called @{name}: use a nickname or the full name."
                    if markups
                    else f"I know nobody called @{name}."
                )
                return found[0]
            return next(iter(markups)) + rest

        replaced = _NAMED.sub(marked, text)
        if wrong:
            raise UnknownNames(" ".join(dict.fromkeys(wrong)))
        return replaced

    def to_names(self, text: str) -> str:
        """`text` as somebody would type it: the markup of whom we know as @name."""
        names: dict[str, str] = {}
        for name in sorted(self.known, key=lambda name: (len(name), name)):
            if len(self.known[name]) == 1:
                names.setdefault(next(iter(self.known[name])), f"@{name}")
        return _MARKED.sub(lambda found: names.get(found[0], found[0]), text)
