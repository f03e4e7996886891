"""`manage.py worker`: does the jobs. Start this, never a bare qcluster (docs/decisions/0003)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from supportops.guard import Guard


class Command(BaseCommand):
    help = "Does the background jobs until Ctrl-C. Several may run, on several machines."

    def handle(self, **options: Any) -> None:
        Guard().run()
