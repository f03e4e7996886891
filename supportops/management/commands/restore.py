"""`manage.py restore`: the database as a backup has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from apps.trail import services as trail
from apps.trail.console.commands import Operated
from apps.trail.console.events import DatabaseRestored
from apps.trail.console.session import ALL
from supportops import dumps


class Command(Operated):
    help = "Replaces the database by what `backup` wrote to FILE. Stop web and worker first; run migrate afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *, file: Path, yes: bool, **options: Any) -> None:
        if not yes:
            answer = input("This replaces everything in the database. Type “replace” to go on: ")
            if answer.strip().lower() != "replace":
                raise CommandError("Nothing was changed.")
        try:
            dumps.read(file)
        except dumps.DumpFailed as error:
            raise CommandError(str(error)) from error
        try:
            trail.record(DatabaseRestored(file=str(file)), about=[ALL], now=timezone.now())
        except DatabaseError:
            # The backup's trail may be of an older version.
            self.stderr.write("That it was restored is not on the trail: the backup is from before there was one.")
        self.stdout.write(f"The database is as {file} has it. Now run migrate and sync.")
