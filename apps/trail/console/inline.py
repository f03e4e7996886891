"""`trail` at the prompt: what `services` offers, without the clock. Part of a door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from apps.trail import managed, services
from apps.trail.events import Custom, Event
from apps.trail.reacting import Recorded

About = Iterable[Model | str]


class Trail:
    """trail.publish("VatRateCorrected", data={…}, about=[ticket, "customer:acme"])"""

    def publish(
        self,
        name: str,
        data: Mapping[str, Any] | None = None,
        about: About = (),
        *,
        occurred_at: datetime | None = None,
        cause: UUID | None = None,
    ) -> Recorded[Custom]:
        """An event of a name of one's own is on the trail, on the streams of what it is about. Raises BadEvent."""
        return services.publish(name, data, _streams(about), now=_now(), occurred_at=occurred_at, cause=cause)

    def record(self, event: Event, *, about: About) -> Recorded[Any]:
        """An event the code knows is on the trail."""
        return services.record(event, about=_streams(about), now=_now())

    def link(self, events: Iterable[int], *, to: Model | str, because: str = "") -> int:
        """The events at these positions are on a further stream; how many were not yet. Raises BadEvent."""
        return services.link(events, to=_streams([to])[0], because=because, now=_now())

    def __repr__(self) -> str:
        return f"<trail: {type(self).__doc__}>"


def _streams(about: About) -> list[str]:
    return [managed.stream_of(item) if isinstance(item, Model) else item for item in about]


def _now() -> datetime:
    return timezone.now()  # noqa: TID251
