"""`manage.py restore`: the database as a backup has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supportops import dumps


class Command(BaseCommand):
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
        self.stdout.write(f"The database is as {file} has it. Now run migrate and sync.")
