"""`manage.py dbshell`: psql, on the trail when somebody says who is at work and for which issue, else for looking."""

from __future__ import annotations

import shlex
import sys
from typing import Any

from django.core.management.commands import dbshell

from apps.trail.console.commands import Console


class Command(Console, dbshell.Command):
    help = (
        "Opens psql at the portal's database. It asks who you are and which issue you work on, and takes --as and "
        "--for; without them nothing can be changed."
    )
    console = "dbshell"
    tells_first = True

    def handle(self, **options: Any) -> None:
        at_prompt = sys.stdin.isatty() and not options["parameters"]
        with self.opened(options, code=shlex.join(options["parameters"]), at_prompt=at_prompt):
            super().handle(**options)
