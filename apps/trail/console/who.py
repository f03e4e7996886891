"""Who is at the command line, as they say and as the system knows."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.db.models import QuerySet

from apps.trail.console.issues import NotAnIssue, issue_at

T = TypeVar("T")


class UnknownPerson(ValueError):
    """Nobody who may open the portal is called that; the message says what to give."""


@dataclass(frozen=True)
class Identity:
    """A person and the issue they work on."""

    person: Any
    issue: str


def people() -> QuerySet[Any]:
    """Those who may be at work: active, and let into the portal."""
    return get_user_model()._default_manager.filter(is_active=True, is_staff=True)


def person_called(text: str) -> Any:
    """The person of this e-mail, or of the part before its @ when that is one person's. Raises UnknownPerson."""
    name, field = text.strip(), get_user_model().USERNAME_FIELD
    if "@" in name:
        found = list(people().filter(**{f"{field}__iexact": name})[:1])
    else:
        found = list(people().filter(**{f"{field}__istartswith": f"{name}@"})[:2]) if name else []
    if len(found) > 1:
        raise UnknownPerson(f"“{name}” is the beginning of several agents' e-mails: give the whole.")
    if not found:
        raise UnknownPerson(f"Nobody who may open the portal is called “{name[:100]}”: give an active agent's e-mail.")
    return found[0]


def os_user() -> str:
    """The account at the command line, as far as the system can tell."""
    if before_sudo := os.environ.get("SUDO_USER"):
        return before_sudo
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "console"


def host() -> str:
    """The machine's name."""
    return socket.gethostname()


def identify(person: str | None, issue: str | None, *, may_ask: bool) -> Identity | None:
    """Who it is and for which issue, as given or as asked for at the terminal; None when nobody says.

    Raises CommandError for what is given and wrong, and for half of it where nobody can be asked.
    """
    try:
        given_person = person_called(person) if person else None
        given_issue = issue_at(issue) if issue else None
    except (UnknownPerson, NotAnIssue) as error:
        raise CommandError(str(error)) from error
    if may_ask:
        given_person = given_person or _asked("Who are you?", person_called, _suggestion())
        if given_person is not None:
            given_issue = given_issue or _asked("Which issue do you work on? Its address:", issue_at)
    elif given_person and not given_issue:
        raise CommandError("Say which issue you work on as well: --for ADDRESS.")
    elif given_issue and not given_person:
        raise CommandError("Say who you are as well: --as YOUR-EMAIL.")
    return Identity(given_person, given_issue) if given_person and given_issue else None


def _suggestion() -> str:
    try:
        return str(person_called(os_user()).get_username())
    except UnknownPerson:
        return ""


def _asked(question: str, read: Callable[[str], T], default: str = "") -> T | None:
    while True:
        # Not on standard output, which may be on its way into a file; and without `input`, which would write there.
        print(f"{question} [{default}] " if default else f"{question} ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            # Ctrl-D leaves the cursor behind the question.
            print(file=sys.stderr)
            return None
        answer = line.strip() or default
        if not answer:
            return None
        try:
            return read(answer)
        except (UnknownPerson, NotAnIssue) as error:
            print(error, file=sys.stderr)
