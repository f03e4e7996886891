"""`manage.py demo`: the demo organisation, for looking around."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.trail.console.commands import Operated
from supportops import demo


class Command(Operated):
    help = "Loads the demo organisation into an empty database; later runs only keep somebody on shift."
    # Nobody works on an issue with it.
    asks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="A fresh set of tickets, beside what is there.")

    def handle(self, *, again: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo has public sign-ins, so it loads only where DEMO=1 is set.")
        now = timezone.now()
        if again or demo.is_empty():
            made = demo.load(now=now)
            self.stdout.write(f"The demo organisation is here, with {made} tickets around {now:%H:%M} UTC.")
        else:
            demo.extend_shifts(now=now)
            self.stdout.write("There is data already; the demo's shifts reach a week from now.")
