"""Public text is Markdown; what comes of it is cleaned after it was rendered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt

TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "s", "strong", "ul"}
SCHEMES = {"http", "https", "mailto"}


def _bold(*_: Any) -> str:
    return "<p><strong>"


def _no_longer_bold(*_: Any) -> str:
    return "</strong></p>\n"


def _parser() -> MarkdownIt:
    # Pictures would be fetched from others, who learn who reads; raw HTML is shown as it was typed.
    found = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image", "html_block", "html_inline"])
    found.enable("strikethrough")
    # A heading within a text would stand among those of the page.
    found.add_render_rule("heading_open", _bold)
    found.add_render_rule("heading_close", _no_longer_bold)
    found.add_render_rule("hr", lambda *_: "")
    return found


PARSER = _parser()
CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes=SCHEMES,
    link_rel="nofollow noopener noreferrer",
    strip_comments=True,
)


@lru_cache(maxsize=4000)
def render(text: str) -> str:
    """Safe HTML of a public text."""
    return CLEANER.clean(PARSER.render(text)).strip()


def plain(text: str) -> str:
    """The words alone, in a line."""
    return " ".join(_words(PARSER.parse(text)).split())


def _words(tokens: Sequence[Any]) -> str:
    found = []
    for token in tokens:
        if token.children:
            found.append(_words(token.children))
        elif token.type in ("softbreak", "hardbreak") or token.nesting == -1:
            found.append(" ")
        else:
            found.append(token.content)
    return "".join(found)
