"""manage.py seal_head"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.trail.seals import keeping, selectors


class Command(BaseCommand):
    """Prints the newest seal, to be kept where whoever can change the database cannot."""

    help = "Print the newest seal of the trail, or add it to a file; verify_trail --head compares it later."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="Add it to this file as well.")

    def handle(self, *args: Any, **options: Any) -> None:
        newest = selectors.newest()
        if newest is None:
            raise CommandError("Nothing is sealed yet: the worker seals; start manage.py worker.")
        if options["file"]:
            try:
                keeping.add(newest.head, made_at=newest.made_at, path=Path(options["file"]))
            except OSError as error:
                raise CommandError(f"{options['file']} cannot be written: {error.strerror or error}.")
        self.stdout.write(str(newest.head))
