"""The demo's maintenance, and those outside who hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.incidents.models import Component, Maintenance
from apps.incidents.services import maintenance
from apps.people.acting import Acting
from apps.statuspage.models import Subscriber
from apps.statuspage.subscribing import services

Moment = tuple[datetime, Callable[[datetime], object]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MANAGER = Acting(None, "Demo manager")
# An endpoint that is nowhere: names under .invalid never are.
GONE = "https://hooks.status.invalid/supportops"


def moments(now: datetime) -> list[Moment]:
    """What happens when; nothing where maintenance or subscribers are there already."""
    components = list(Component.objects.filter(public=True, archived_at=None).order_by("pk")[:2])
    if Maintenance.objects.exists() or Subscriber.objects.exists() or not components:
        return []
    first, last = components[0].slug, components[-1].slug
    past, ahead = now - 12 * DAY, (now + 2 * DAY).replace(minute=0, second=0, microsecond=0)

    def upgrade(at: datetime) -> None:
        maintenance.plan(
            title="Database upgrade",
            starts_at=past,
            ends_at=past + 2 * HOUR,
            components=[first],
            public_text="Posts may be slow while the database is upgraded.",
            by=MANAGER,
            now=at,
        )

    def certificates(at: datetime) -> None:
        maintenance.plan(
            title="New certificates",
            starts_at=ahead,
            ends_at=ahead + HOUR,
            components=[last],
            public_text="Connections are **made anew** once. Nothing is lost.",
            internal_note="The old ones end on the last of the month.",
            by=MANAGER,
            now=at,
        )

    def follow(at: datetime) -> None:
        for row in Maintenance.objects.filter(ended_at=None):
            maintenance.follow_plan(row.pk, by=Acting(None, "The plan"), now=at)

    return [
        (past - 5 * DAY, upgrade),
        (past, follow),
        (past + 2 * HOUR, follow),
        (now - 3 * HOUR, _subscribe),
        (now - HOUR, certificates),
    ]


def _subscribe(at: datetime) -> None:
    services.confirm(services.subscribe("email", email="rita@acme.example", now=at), now=at)
    services.subscribe("email", email="olga@globex.example", now=at)
    hook = services.subscribe("webhook", email="ops@acme.example", url=GONE, now=at, by="Demo manager")
    services.disable(hook, because="There is no server of that name.", now=at)
