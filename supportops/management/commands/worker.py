"""`manage.py worker`: does the jobs. Start this, never a bare qcluster (docs/decisions/0003)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from supportops.cluster import serve
from supportops.guard import Guard


class Command(BaseCommand):
    help = "Does the background jobs until Ctrl-C. Several may run, on several machines."
    # By the guard alone: what it starts, and starts anew, is the same code.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        # Said by the guard to the group it starts, never by a person.
        parser.add_argument("--guarded-by", type=int, default=0, help="internal")

    def handle(self, *, guarded_by: int, **options: Any) -> None:
        if guarded_by:
            serve(guarded_by)
        self.check()
        Guard().run()
