"""`manage.py sync`: roles, shipped policies, scheduled jobs and the status page are as this version wants them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.statuspage import rendering
from apps.trail.context import Actor, acting
from apps.trail.telling import services as telling
from supportops import roles, schedule_sync, shipped


class Command(BaseCommand):
    help = (
        "Syncs roles, shipped plans and policies, scheduled jobs and the status page. "
        "Part of every deployment, after migrate."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        now = timezone.now()
        with acting(actor=Actor(kind="system", label="Deployment")):
            roles.sync(now)
            shipped.sync(now)
            telling.sync(now)
            done = schedule_sync.sync(now=now)
            self._render()
        if verbosity:
            for what, names in done.items():
                for name in names:
                    self.stdout.write(f"{what} scheduled job “{name}”")
            self.stdout.write("Roles, policies and scheduled jobs are in order.")

    def _render(self) -> None:
        """The public reads what this version makes of it, before the worker's first minute."""
        try:
            rendering.render(now=timezone.now())
        except rendering.RenderingFailed as error:
            # The worker tries again each minute, and readers learn of it; nobody is helped by a portal that is away.
            self.stderr.write(str(error))
