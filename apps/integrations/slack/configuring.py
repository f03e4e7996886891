"""Saying which channels are watched. What is seen in them is written by services.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Channel
from apps.people.services import channel, reasons
from apps.trail.managed import saving


class WatchRefused(Exception):
    """A channel cannot be watched like that; `errors` maps a field to sentences that say why."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))


def save_watched_channel(
    watched: WatchedChannel | None, *, now: datetime, slack_id: str = "", name: str | None = None, **fields: Any
) -> WatchedChannel:
    """The channel is watched (None: from now on) as `fields` say: plan, horizon, pattern, enabled.

    A name given corrects the one we had. Raises WatchRefused.
    """
    try:
        with transaction.atomic():
            known = watched.channel if watched else channel(slack_id, name or "", now=now)
            row = (
                WatchedChannel.objects.select_for_update().get(pk=watched.pk)
                if watched
                else WatchedChannel(channel=known)
            )
            _rename(known, name, now=now)
            with saving(row, now=now):
                for field, value in fields.items():
                    setattr(row, field, value)
                row.full_clean()
                row.save()
    except ValidationError as refused:
        raise WatchRefused(reasons(refused))
    except IntegrityError:
        # Two doors at once; one of them made it.
        raise WatchRefused({"channel": ["This channel is watched already."]})
    return row


def _rename(known: Channel, name: str | None, *, now: datetime) -> None:
    if name and known.name != name:
        with saving(known, now=now):
            known.name = name
            known.full_clean()
            known.save()
