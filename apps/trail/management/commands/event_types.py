"""manage.py event_types"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.trail.catalogue import catalogue
from apps.trail.describing import page


class Command(BaseCommand):
    """Writes docs/events.md: every type of event the code records, with its fields and their meaning."""

    help = "Write docs/events.md from the code: every type of event, its fields and what they mean."
    # It reads the code alone.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "events.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(catalogue()))
        self.stdout.write(str(path))
