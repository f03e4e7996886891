"""Which keywords a text has, and which languages it names."""

from __future__ import annotations

import time

import pytest
from pygments.lexers import get_all_lexers

from apps.rfhs.routing.languages import PLAIN, WRITTEN_SO
from apps.rfhs.routing.words import Text

# Well known, and without a lexer of their own in Pygments.
ADDED = {
    "C/C++", "COMAL", "ColdFusion", "Emacs Lisp", "F*", "Free Pascal", "Golang", "LabVIEW", "Lisp", "Modula-3",
    "Node.js", "Oberon", "OpenCL", "PL/I", "PL/SQL", "Pascal", "Pyret", "Raku", "SPARK Ada", "SPSS", "Simula",
    "Starlark", "T-SQL", "VBA", "Vimscript", "Visual Basic", "WGSL", "csh",
    "BASIC", "Ballerina", "Hack", "Mercury", "Nim", "Processing", "R", "RPG", "Reason", "SML", "Scratch", "Self",
    "Squirrel", "Turing", "V", "Whirl",
}  # fmt: skip


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("deploy", "Our deployments fail"),
        ("cloning", "It never cloned"),
        ("repository", "All repositories are empty"),
        ("ACLs", "An ACL is wrong"),
        ("permissions", "A permission too many"),
        ("k8s", "Kubernetes/K8s"),
        ("code host", "two code-hosts"),
        ("go to definition", "Go to definition jumps nowhere"),
        ("OpenIDConnect", "OpenID Connect"),
        ("authorization", "authorisation"),
        ("search", "see <https://docs.example.com/x|the search page>"),
        ("GitHub", "GitHub's API"),
        ("license enforcement/management", "about license enforcement or its management"),
        ("sourcegraph.com", "seen on https://sourcegraph.com/search."),
        ("sourcegraph.com", "On www.sourcegraph.com, too"),
    ],
)
def test_a_keyword_is_found_in_each_of_its_forms(keyword: str, text: str) -> None:
    assert Text(text).places(keyword)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("key", "The monkey at the keyboard"),
        ("search", "Our research"),
        ("search", "search.index.enabled"),
        ("search", "my_search_box"),
        ("search", "https://example.com/search?q=search"),
        ("project", "git.example.com/project"),
        ("image", "imagery"),
        ("cloud", "mail cloud@example.com"),
        ("AWS", "laws"),
        ("sourcegraph.com", "notsourcegraph.com, sourcegraph.com.example.org and bob@sourcegraph.com"),
        ("", "anything"),
    ],
)
def test_a_keyword_is_not_found_inside_a_word_or_an_address(keyword: str, text: str) -> None:
    assert not Text(text).places(keyword)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hover in Go files", ["Go"]),
        ("Go modules are not found", ["Go"]),
        ("Go, Java, Python and COBOL", ["Go", "Java", "Python", "COBOL"]),
        ("written in C. It fails", ["C"]),
        ("python3, C++17 and c#", ["Python", "C++", "C#"]),
        ("R", ["R"]),
        ("Rust's crates", ["Rust"]),
        ("JavaScript", ["JavaScript"]),
        ("Go to the settings and let it go", []),
        ("Ask R&D about plan C and vitamin D", []),
        ("J. Smith, C:\\logs, D'Angelo, C-level, an A/C", []),
        ("swift answers, a rusty scheme, the red icon", []),
        ("https://example.com/Python", []),
    ],
)
def test_languages_count_where_they_are_meant(text: str, named: list[str]) -> None:
    assert [name for name, _ in Text(text).languages()] == named


def test_the_list_is_of_real_languages_and_each_is_found() -> None:
    known = {lexer[0].lower() for lexer in get_all_lexers(plugins=False)}

    assert {name for name in (*PLAIN, *WRITTEN_SO) if name.lower() not in known} == ADDED
    assert len({*PLAIN, *WRITTEN_SO}) == len(PLAIN) + len(WRITTEN_SO)
    lost = [name for name in (*PLAIN, *WRITTEN_SO) if name not in dict(Text(f"in {name} files").languages())]
    assert lost == []


@pytest.mark.parametrize("text", ["a" * 20_000, "a." * 10_000, "Go " * 6_000, "C. " * 6_000, "a-" * 10_000])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()

    read = Text(text)
    read.languages()
    read.places("go to definition")

    assert time.process_time() - began < 1
