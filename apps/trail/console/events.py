"""What people do at the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from apps.trail.events import Event, Personal

Command = Annotated[str, "Which command of manage.py, such as shell"]
Issue = Annotated[str, "The address of the issue it was for; empty when nobody said"]
Person = Annotated[str, Personal, "Who it was, by name; empty when nobody said"]


@dataclass(frozen=True, kw_only=True)
class ConsoleOpened(Event):
    """Somebody began to work at the command line; everything they change there has this as its cause."""

    command: Command
    person: Person
    agent: Annotated[int | None, "The person's id here; nothing when nobody said"]
    issue: Issue
    host: Annotated[str, "On which machine"]
    os_user: Annotated[str, Personal, "Under which account of that machine"]
    code: Annotated[str, Personal, "The script that was run, or the command's line; empty at a prompt"] = ""

    def sentence(self) -> str:
        if self.command != "shell":
            what = f"manage.py {self.command} was run"
        else:
            what = "A script was run in the console" if self.code else "A console was opened"
        return f"{what} on {self.host}{_for(self.issue)}"


@dataclass(frozen=True, kw_only=True)
class ConsoleClosed(Event):
    """Work at the command line ended."""

    command: Command
    person: Person
    issue: Issue
    lasted: Annotated[timedelta, "From its beginning to its end"]
    events: Annotated[int, "How many events it led to directly"]
    error: Annotated[str, "The kind of error it ended with; empty when it ended well"] = ""

    def sentence(self) -> str:
        count = "no event" if not self.events else "one event" if self.events == 1 else f"{self.events} events"
        what = "The console was closed" if self.command == "shell" else f"manage.py {self.command} ended"
        how = f", by {self.error}" if self.error else ""
        return f"{what} after {count}{how}"


@dataclass(frozen=True, kw_only=True)
class DatabaseRestored(Event):
    """The database was replaced by a backup; what happened since that is on the trail no more."""

    file: Annotated[str, "The backup's file"]

    def sentence(self) -> str:
        return f"The database was replaced by the backup {self.file}"


def _for(issue: str) -> str:
    return f" for {issue}" if issue else ""
