"""What is private about a request, and the words that would tell it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from apps.rfhs.privacy.ordinary import ADDED_TO_NAMES, EVERYBODYS_DOMAINS, ORDINARY
from apps.rfhs.privacy.terms import SHORT, Term, words_of

# Second labels under which countries sell names: acme.co.uk is acme's.
_SHARED_LABELS = frozenset({"ac", "co", "com", "edu", "gov", "net", "org", "or", "ne", "go"})
# A surname that long is hardly a word, whichever way it is written.
RARE = 6
# What a document is known by.
LONG_ID = 12
_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "å": "aa"})


@dataclass(frozen=True)
class Person:
    """Somebody at the customer."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Ticket:
    """A ticket's number, and its address in the help desk."""

    number: str
    url: str = ""


@dataclass(frozen=True)
class Private:
    """What the public must not read.

    `names` are the customer's. `passages` are private word by word, since they are marked so; `notes` are so where
    several words in a row are the same, unless `said_openly` has them, too. `others` are the names and domains of other
    customers, of which only those are looked for that are no words of our trade. `portal` is where we are ourselves,
    `public` the addresses everybody may read, such as https://docs.example.com/, `private_trackers` owner/repo whose
    issues may be linked although only we can read them, at `tracker_host`.
    """

    names: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    domains: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    documents: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    said_openly: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    others_domains: tuple[str, ...] = ()
    words_of_trade: frozenset[str] = frozenset()
    portal: str = ""
    public: tuple[str, ...] = ()
    private_trackers: tuple[str, ...] = ()
    tracker_host: str = "github.com"
    our_domains: tuple[str, ...] = ()


def terms(private: Private) -> list[Term]:
    """The words that would tell it, each once."""
    found: dict[tuple[tuple[str, ...], bool], Term] = {}
    for term in _all(private):
        # Nothing is looked for twice; what counts in any spelling comes before what counts as a name alone.
        known = found.get((term.words, term.dotted))
        if term.letters and (known is None or (known.like_a_name and not term.like_a_name)):
            found[(term.words, term.dotted)] = term
    return list(found.values())


def _all(private: Private) -> Iterator[Term]:
    for name in private.names:
        yield from _of_name(name, "customer", "the customer's name")
    for person in private.people:
        yield from _of_person(person)
    emails = [person.email.rpartition("@")[2] for person in private.people if "@" in person.email]
    ours = {each.lower() for each in private.our_domains}
    for domain in dict.fromkeys([*private.domains, *emails]):
        if domain.lower() not in EVERYBODYS_DOMAINS | ours:
            yield from _of_domain(domain, "domain", "the customer's domain", stem=True)
    for ticket in private.tickets:
        if not ticket.number.isdecimal():
            yield Term(words_of(ticket.number), "ticket", "the ticket's number")
        yield from _of_address(ticket.url, "ticket", "the ticket's address in the help desk")
    for document in private.documents:
        yield from _of_address(document, "document", "a document of the customer")
    for passage in private.passages:
        words = words_of(passage)
        if len(words) < 6 and len("".join(words)) >= 12:
            yield Term(words, "marked", "it is marked private elsewhere")
    for name in private.others:
        words = words_of(name)
        if len("".join(words)) > SHORT and not set(words) <= ORDINARY | private.words_of_trade:
            yield Term(words, "other_customer", "the name of another customer", like_a_name=True)
    for domain in private.others_domains:
        if domain.lower() not in EVERYBODYS_DOMAINS | ours:
            yield from _of_domain(domain, "other_customer", "the domain of another customer", stem=False)


def _of_name(name: str, kind: str, why: str) -> Iterator[Term]:
    """A name with and without what it is seldom said with: Acme, Inc. (EMEA) is Acme."""
    for written in dict.fromkeys([name, _IN_BRACKETS.sub(" ", name), name.translate(_SPELLED_OUT)]):
        words = words_of(written)
        while words:
            yield Term(words, kind, why, like_a_name=_is_common(words))
            if len(words) > 1 and words[-1] in ADDED_TO_NAMES:
                words = words[:-1]
            elif len(words) > 1 and words[0] == "the":
                words = words[1:]
            else:
                break


def _of_person(person: Person) -> Iterator[Term]:
    kind, why = "person", "the name of somebody at the customer"
    for written in dict.fromkeys([person.name, person.name.translate(_SPELLED_OUT)]):
        words = words_of(written)
        if len(words) == 1:
            yield Term(words, kind, why, like_a_name=len(words[0]) < RARE or words[0] in ORDINARY)
        if len(words) < 2:
            continue
        first, last = words[0], words[-1]
        for order in (words, (first, last), (last, first)):
            yield Term(order, kind, why, like_a_name=_is_common(order))
        if len(last) > SHORT:
            yield Term((first[0], last), kind, why, like_a_name=True)
        for word, longest in ((first, None), (last, RARE)):
            if len(word) >= SHORT and word not in ORDINARY:
                yield Term((word,), kind, why, like_a_name=longest is None or len(word) < longest)
    if "@" in person.email:
        local = words_of(person.email.partition("@")[0])
        yield Term(words_of(person.email), kind, "the address of somebody at the customer")
        rare = len("".join(local)) >= RARE or any(word.isdecimal() for word in local) or len(local) > 1
        if rare and len("".join(local)) > SHORT and not set(local) <= ORDINARY:
            yield Term(local, kind, "the address of somebody at the customer")


def _of_domain(domain: str, kind: str, why: str, *, stem: bool) -> Iterator[Term]:
    labels = [label for label in domain.lower().strip(".@ ").split(".") if label]
    if len(labels) < 2:
        return
    # The hyphens of a label are no stops.
    words = tuple("".join(words_of(label)) for label in labels)
    yield Term(words, kind, why, dotted=True)
    yield Term(tuple(_with_between(words, "dot")), kind, why)
    own = [label for label in labels[:-1] if label not in _SHARED_LABELS]
    if stem and own:
        name = words_of(own[-1])
        if len("".join(name)) > SHORT and not _is_common(name):
            yield Term(name, kind, why)


def _of_address(url: str, kind: str, why: str) -> Iterator[Term]:
    """An address without what may be said differently, and the long id within it, which finds the same."""
    parts = urlsplit(url)
    path = [each for each in parts.path.split("/") if each]
    while path and path[-1] in {"edit", "view", "preview", "copy"}:
        path.pop()
    ids = [each for each in path if len(each) >= LONG_ID and any(char.isdigit() for char in each)]
    if not path and not parts.query:
        return
    whole = "/".join([parts.hostname or "", *path])
    yield Term(words_of(whole if ids or not parts.query else f"{whole}?{parts.query}"), kind, why)
    for each in ids:
        yield Term(words_of(each), kind, why)


def _with_between(words: Iterable[str], between: str) -> Iterator[str]:
    for k, word in enumerate(words):
        if k:
            yield between
        yield word


def _is_common(words: tuple[str, ...]) -> bool:
    """Whether they are also ordinary words, or a letter."""
    letters = "".join(words)
    return (len(letters) == 1 and letters.isascii()) or letters in ORDINARY or set(words) <= ORDINARY
