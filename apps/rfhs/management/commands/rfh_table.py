"""manage.py rfh_table"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.rfhs.describing import written


class Command(BaseCommand):
    """Writes into docs/rfhs.md what the code says: states, steps, the priority of work, details."""

    help = "Write into docs/rfhs.md what the code says: states and steps, the priority of work, and details."
    # It reads the code alone.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "rfhs.md"
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(str(path))
