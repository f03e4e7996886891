"""manage.py create_api_key --name CI --scope tickets --scope read"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apps.api import services
from apps.api.errors import ApiError
from apps.api.models import SCOPES
from apps.trail.console.commands import Operated


class Command(Operated):
    """Prints the key alone on stdout, so that scripts can keep it: KEY=$(manage.py create_api_key …)."""

    help = "Create an API key and print it: the key alone on stdout, words on stderr. It is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="which integration it is for")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=[scope for scope, _ in SCOPES],
            dest="scopes",
            help="what it may do; may be given several times",
        )
        parser.add_argument("--expires", type=_instant, help="a date such as 2027-01-01, or an instant; else never")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            api_key, secret = services.create_key(
                name=options["name"],
                scopes=options["scopes"],
                expires_at=options["expires"],
                by=self.who.person if self.who else None,
                now=timezone.now(),
            )
        except ApiError as error:
            raise CommandError(str(error))
        until = f"until {api_key.expires_at:%Y-%m-%d %H:%M %Z}" if api_key.expires_at else "until it is revoked"
        self.stderr.write(
            f"{api_key} has the scope {', '.join(api_key.scopes)} {until}. It is not shown again.", self.style.NOTICE
        )
        self.stdout.write(secret)


def _instant(text: str) -> datetime:
    """The instant; a date is its beginning in the portal's time zone."""
    at = parse_datetime(text) if len(text) > len("2027-01-01") else None
    day = None if at else parse_date(text)
    if day is not None:
        at = datetime.combine(day, time.min)
    if at is None:
        raise ValueError(text)
    return at if timezone.is_aware(at) else timezone.make_aware(at)


# argparse names it in "invalid … value".
_instant.__name__ = "date"
