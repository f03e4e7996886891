"""`manage.py backup`: the whole database as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from supportops import dumps


class Command(BaseCommand):
    help = "Writes the database to FILE (default: a file named for the time, in the home's folder backups)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *, file: Path | None, **options: Any) -> None:
        path = file or settings.HOME / "backups" / f"supportops-{timezone.now():%Y-%m-%d-%H%M%S}.dump"
        try:
            dumps.write(path)
        except dumps.DumpFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(path))
