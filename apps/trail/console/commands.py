"""Commands of manage.py that a person runs: who, and for which issue. Part of a door."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, ProgrammingError

from apps.trail.console.looking import only_look
from apps.trail.console.session import is_open, session
from apps.trail.console.who import Identity, identify, people

LOOKING = (
    "You only look: nothing can be changed from here. To change something begin with --as YOUR-EMAIL --for ADDRESS."
)


class Named(BaseCommand):
    """Takes --as and --for."""

    # Set where a person typed the command, rather than that code called it.
    line = ""

    def run_from_argv(self, argv: list[str]) -> None:
        self.line = shlex.join(argv[1:])
        super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        group = parser.add_argument_group("on the trail")
        group.add_argument("--as", dest="as_person", metavar="EMAIL", help="who you are: an active agent")
        group.add_argument("--for", dest="for_issue", metavar="ADDRESS", help="the issue you work on")
        return parser

    def identity(self, options: dict[str, Any], *, may_ask: bool) -> Identity | None:
        """Who it is and for which issue; None when nobody says. Raises CommandError."""
        person, issue = options.get("as_person"), options.get("for_issue")
        return identify(person, issue, may_ask=may_ask and bool(self.line) and sys.stdin.isatty())


class Operated(Named):
    """A command that changes data: its run is on the trail, and the cause of everything it changes.

    At a terminal it asks who it is and for which issue; without an answer, and elsewhere, it is the machine's account.
    """

    asks = True
    who: Identity | None = None

    def execute(self, *args: Any, **options: Any) -> Any:
        if is_open() and not options.get("as_person"):
            # Called from a console: part of that.
            return super().execute(*args, **options)
        # In an empty portal there is nobody to be yet.
        try:
            self.who = self.identity(options, may_ask=people().exists() and self.asks)
        except ProgrammingError as error:
            raise CommandError("The database is not as this version needs it: run manage.py migrate first.") from error
        name = type(self).__module__.rpartition(".")[2]
        with session(name, self.who, code=self.line):
            return super().execute(*args, **options)


class Console(Named):
    """A prompt or a script: on the trail when somebody says who and for what, and else it only looks."""

    console = ""
    # Whether it has to be said beforehand that it only looks, as a refusal there does not say what to do.
    tells_first = False

    @contextmanager
    def opened(self, options: dict[str, Any], *, code: str, at_prompt: bool) -> Iterator[None]:
        """A block in which this process may change something, or only looks: then it does so from here on."""
        if is_open():
            yield
            return
        try:
            who = self.identity(options, may_ask=at_prompt)
        except DatabaseError as error:
            # It can still be opened, to see why.
            self._say(f"Who you are cannot be looked up: {str(error).strip()}")
            who = None
        if who is None:
            only_look()
            if at_prompt or self.tells_first:
                self._say(LOOKING)
            yield
            return
        with session(self.console, who, code=code) as begun:
            if at_prompt:
                self._say(f"On the trail as {who.person}, for {who.issue}: {settings.BASE_URL}/trail/{begun.position}/")
            yield

    def _say(self, text: str) -> None:
        self.stderr.write(text, self.style.NOTICE)
