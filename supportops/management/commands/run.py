"""`manage.py run`: everything on this machine, under one Ctrl-C."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from apps.people.models import Agent
from supportops import demo, development
from supportops.running import CannotRun, Running, address, check_home, check_port, children, missing_at


class Command(BaseCommand):
    help = "Migrates, syncs, loads the demo into an empty database (DEMO=1), and runs web and worker until Ctrl-C."
    # Of the database among others, which is only started below.
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        try:
            self._run()
        except CannotRun as error:
            self.stderr.write(str(error))
            sys.exit(1)

    def _run(self) -> None:
        check_home(settings.HOME)
        check_port(settings.HOST, settings.PORT)
        if settings.DEBUG:
            development.remember(settings.HOME, os.environ)
        self._say("Preparing the database …")
        self._prepare()
        self._say("Starting web and worker …")
        url = address(settings.HOST, settings.PORT)
        running = Running(children(settings.HOST, settings.PORT, settings.BASE_DIR), settings.BASE_DIR)
        try:
            running.start()
            running.wait_until(lambda: missing_at(url))
            if not running.signals:
                self._welcome(url)
            running.run()
        finally:
            self._say("Stopping …")
            running.stop()
        self._say("Stopped. The data stays.")

    def _prepare(self) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("sync", verbosity=0)
            if settings.DEMO and demo.is_empty():
                self._say("Loading the demo organisation …")
                demo.load(now=timezone.now())
            elif settings.DEMO:
                demo.extend_shifts(now=timezone.now())
        except DatabaseError as error:
            raise CannotRun(str(error).strip().partition("\n")[0]) from error
        except CommandError as error:
            raise CannotRun(str(error)) from error

    def _welcome(self, url: str) -> None:
        lines = ["", f"SupportOps runs at {url}", f"Its data is in {settings.HOME}"]
        if settings.DEMO:
            lines += ["", f"Sign in with the password “{demo.PASSWORD}” as"]
            lines += [f"  {email:24}{role}" for email, role in demo.SIGN_INS]
            channel, coming = demo.ahead(now=timezone.now())
            lines += ["", *coming]
            look = f"?channel={channel}" if channel else ""
            lines.append(f"Watch the messages, and post tickets: {url}{reverse('slack_preview')}{look}")
            lines.append(f"The public status page: {url}{reverse('statuspage:page')}")
        elif not Agent.objects.exclude(password="").filter(is_superuser=True).exists():
            lines += ["", "Nobody can sign in yet: .venv/bin/python manage.py createsuperuser"]
        lines += ["", "Ctrl-C stops it.", ""]
        self._say("\n".join(lines))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
