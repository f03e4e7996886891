"""Whether an export of the trail is what this portal gave out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.trail.exporting.verifying import problems


class Command(BaseCommand):
    help = "Compare an export of the trail with its manifest, and the manifest with the trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The ZIP that was exported.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(problems(options["file"]))
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("It is whole and unchanged: its files agree with its manifest, and that with the trail.")
