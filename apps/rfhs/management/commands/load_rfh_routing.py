"""manage.py load_rfh_routing [FILE] [--dry-run]"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from apps.people.errors import PeopleError
from apps.rfhs import services
from apps.rfhs.routing.reading import SHIPPED, BadTable, read
from apps.trail.console.commands import Operated


class Command(Operated):
    """Says what it made, what it kept and what a person has to add."""

    help = (
        "Load the table of which team answers what, with its teams. What is there already stays as it is, so it can be"
        " run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED, help="a table in JSON; else the shipped one")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            areas = read(options["file"].read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}")
        except BadTable as error:
            raise CommandError(f"{options['file']}: {error}")
        dry = options["dry_run"]
        try:
            with transaction.atomic():
                done = services.load_table(areas, now=timezone.now())
                transaction.set_rollback(dry)
        except PeopleError as error:
            raise CommandError(str(error))
        for line in done.made:
            self.stdout.write(f"{'Would make' if dry else 'Made'} {line}.")
        for line in done.kept:
            self.stdout.write(f"Kept {line}.")
        for line in done.asked:
            self.stdout.write(self.style.WARNING(f"To be added: {line}"))
        self.stdout.write(
            f"{len(done.made)} {'would be made' if dry else 'made'}, {len(done.kept)} kept, {len(done.asked)} to be"
            f" added by you, under Channels and then on the area's or the team's page."
        )
