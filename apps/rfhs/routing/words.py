"""Where a keyword stands in a text: as a word of its own, in any number, never inside another word or an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from apps.rfhs.routing.languages import PLAIN, WRITTEN_SO

ENDINGS = "com|org|net|io|dev|co|app|ai|gov|edu|eu|uk|de|fr"
DOMAIN = re.compile(rf"(?:[a-z0-9-]+\.)+(?:{ENDINGS})", re.IGNORECASE)
# Addresses of pages and of people. What a link is called, as in <https://…|the search page>, is text. They begin where
# a word does: looked for from every letter on, a long text without blanks would take minutes.
ADDRESS = re.compile(
    rf"(?<![\w.+-])(?:(?:[a-z][a-z0-9+.-]{{0,20}}://|www\.)[^\s<>|)\]\"']+"
    rf"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?:[a-z0-9-]+\.)+(?:{ENDINGS})/[^\s<>|)\]\"']*)",
    re.IGNORECASE,
)
NEAR = 80
# A dot between two letters joins them to one name, as in search.index.enabled.
BEFORE, AFTER = r"(?<!\w)(?<!\w\.)", r"(?!\w)(?!\.\w)"
# What stands before a letter that is no language: plan C, drive D, vitamin C.
COUNTED = frozenset(
    {"appendix", "building", "case", "class", "cluster", "column", "customer", "disk", "drive", "environment"}
    | {"exhibit", "figure", "grade", "group", "host", "item", "layer", "level", "node", "option", "part", "phase"}
    | {"plan", "point", "region", "row", "schedule", "section", "series", "server", "step", "team", "tenant"}
    | {"type", "user", "variant", "version", "vitamin", "volume", "zone"}
)
LEADING = frozenset({"and", "for", "from", "in", "like", "of", "or", "to", "using", "with"})
# What stands behind the name of a language that begins a sentence: "Go modules", and not "Go to the page".
OF_CODE = frozenset(
    {"api", "apis", "app", "apps", "class", "client", "code", "codebase", "compiler", "dependency", "dependencies"}
    | {"extension", "generics", "hover", "imports", "indexer", "indexing", "interface", "is", "language", "libraries"}
    | {"macros", "modules", "monorepo", "navigation", "references", "repos", "repositories", "runtime", "sdk", "source"}
    | {"structs", "support", "symbols", "syntax", "traits", "types", "version", "workspace", "workspaces"}
    | {"binary", "binaries", "build", "builds", "crate", "crates", "definition", "definitions", "file", "files"}
    | {"function", "functions", "library", "method", "methods", "module", "package", "packages", "plugin", "program"}
    | {"programs", "project", "projects", "repo", "repository", "script", "scripts", "service", "services", "type"}
)


@dataclass(frozen=True, order=True)
class Place:
    """From the first letter to behind the last."""

    start: int
    end: int

    def within(self, other: Place) -> bool:
        """Whether it is a part of a longer one."""
        return other.start <= self.start and self.end <= other.end and self != other


class Text:
    """A text to look for keywords in."""

    def __init__(self, text: str) -> None:
        self.whole = text
        # Of the same length, so that places are those of the text.
        self.words = ADDRESS.sub(lambda found: " " * len(found[0]), text)

    def places(self, keyword: str) -> list[Place]:
        """Where the keyword stands, in the order of the text."""
        keyword = " ".join(keyword.split())
        if not keyword:
            return []
        if DOMAIN.fullmatch(keyword):
            return _found(_domain(keyword), self.whole)
        return sorted({place for each in _either(keyword) for place in _found(_pattern(each), self.words)})

    def names(self, name: str) -> list[Place]:
        """Where a name stands to the letter, in whatever case."""
        spelled = r"\s+".join(re.escape(word) for word in name.split())
        return _found(re.compile(rf"(?<!\w){spelled}(?!\w)", re.IGNORECASE), self.words) if spelled else []

    def languages(self) -> list[tuple[str, Place]]:
        """The programming languages it names, as the list calls them, each where it stands first."""
        found: dict[str, Place] = {}
        for match in _plain().finditer(self.words):
            found.setdefault(_CALLED[match[0].lower()], Place(*match.span()))
        for match in _written_so().finditer(self.words):
            if self._means_it(match):
                found.setdefault(match[0], Place(*match.span()))
        return sorted(found.items(), key=lambda each: each[1])

    def _means_it(self, match: re.Match[str]) -> bool:
        start, end = match.span()
        # The words beside it; in front of them, what does not begin a sentence.
        before = self.words[:start] if start <= NEAR else f"x{self.words[start - NEAR : start]}"
        after = self.words[end : end + NEAR]
        if len(match[0]) == 1:
            last = re.search(r"(\w+)\s*$", before)
            word = last[1].lower() if last else ""
            # With a full stop it begins a name, J. Smith, unless it ends a sentence.
            if word in COUNTED or (re.match(r"\.\s+\w", after) and word not in LEADING):
                return False
        begins = re.search(r"(?:^|[.!?:\n])[\s>*\-•\"“(]*$", before)
        following = re.match(r"[ \t]+([a-z]\w*)", after)
        return not begins or following is None or following[1] in OF_CODE


def _found(pattern: re.Pattern[str], text: str) -> list[Place]:
    return [Place(*match.span()) for match in pattern.finditer(text)]


def _either(keyword: str) -> list[str]:
    """The keyword's variants: “enforcement/management” is either of them."""
    variants = [""]
    for word in keyword.split(" "):
        choices = [choice for choice in word.split("/") if choice] or [word]
        variants = [f"{variant} {choice}".strip() for variant in variants for choice in choices]
    return variants


@lru_cache(maxsize=4096)
def _pattern(keyword: str) -> re.Pattern[str]:
    *first, last = re.split(r"[\s-]+", keyword) if re.search(r"\w[\s-]+\w", keyword) else [keyword]
    words = [*(_spelled(word) for word in first), _in_any_form(last)]
    return re.compile(BEFORE + r"[\s-]+".join(words) + AFTER, re.IGNORECASE)


@lru_cache(maxsize=256)
def _domain(keyword: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.@-])(?:www\.)?{re.escape(keyword)}(?![\w-])(?!\.\w)", re.IGNORECASE)


def _spelled(word: str) -> str:
    """Also as two words where capitals join them: OpenIDConnect, OpenID Connect."""
    parts = re.split(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", word)
    return r"[ -]?".join(re.escape(part) for part in parts).replace("iz", "i[sz]")


def _in_any_form(word: str) -> str:
    """One or many; and for an everyday word its other forms: deploy is in deployment, cloning in cloned."""
    if re.fullmatch(r"[A-Z]+s", word):
        return f"{_spelled(word[:-1])}s?"
    if not re.fullmatch(r"[a-z]{4,}", word):
        return _spelled(word) + ("s?" if re.search(r"[A-Za-z]\Z", word) else "")
    if word.endswith("ation"):
        return f"{_spelled(word[:-5])}(?:ations?|ate[sd]?|ating|e[sd]?|ing)"
    if word.endswith("ing"):
        return f"{_spelled(word[:-3])}(?:e|es|ed|ing|s)?"
    if word.endswith("e"):
        return f"{_spelled(word[:-1])}(?:e|es|ed|ing|ations?)"
    if re.search(r"[^aeiou]y\Z", word):
        return f"{_spelled(word[:-1])}(?:y|ies)"
    if re.search(r"[^su]s\Z", word):
        return f"{_spelled(word[:-1])}s?"
    return f"{_spelled(word)}(?:s|es|ed|ing|ments?|als?)?"


_CALLED = {name.lower(): name for name in PLAIN}


@lru_cache(maxsize=1)
def _plain() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(PLAIN, key=len, reverse=True))
    # A number behind it is its version: Python3, C++17.
    return re.compile(rf"(?<![\w+#])(?<!\w\.)(?:{names})(?![^\W\d]|[+#])(?!\.\w)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _written_so() -> re.Pattern[str]:
    long = "|".join(re.escape(name) for name in sorted(WRITTEN_SO, key=len, reverse=True) if len(name) > 1)
    short = "".join(name for name in WRITTEN_SO if len(name) == 1)
    alone = r"(?<![\w&+#@$'’./\\-])"
    return re.compile(
        rf"{alone}(?:(?:{long})(?:(?=['’]s\b)|(?![\w&+#'’-])(?!\.\w))|[{short}](?![\w&+#'’:/\\-])(?!\.\w))"
    )
