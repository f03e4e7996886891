"""What is said of incidents is owed: one message at each place for what one action does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.integrations.slack import incident_messages
from apps.notices import services
from apps.notices.models import Notice
from apps.notices.routing import Owed
from apps.trail.reacting import Recorded

Due = list[tuple[Recorded[Any], Owed]]


def owe(entry: Recorded[Any], said: Sequence[Owed]) -> None:
    """What is said is owed; where a message of the same action waits for the same place, that one says it too."""
    waiting = {
        notice.recipient: notice
        for notice in Notice.objects.filter(
            about__in=[one.about for one in said],
            kind=Notice.Kind.MESSAGE,
            state=Notice.State.WAITING,
            # One action has one now.
            created_at=entry.occurred_at,
        ).order_by("-pk")
    }
    owed: Due = []
    for one in said:
        earlier = waiting.get(one.recipient)
        if earlier is None or incident_messages.is_post(one.blocks) or not _joins(earlier, one):
            owed.append((entry, one))
    services.owe(owed)


def _joins(earlier: Notice, one: Owed) -> bool:
    """Whether the message that waits says it from now on; not once it is on its way."""
    if incident_messages.is_post(earlier.blocks):
        # It shows the incident as it is.
        return Notice.objects.filter(pk=earlier.pk, state=Notice.State.WAITING).exists()
    text, blocks = incident_messages.together((earlier.text, earlier.blocks), (one.text, one.blocks))
    changed = Notice.objects.filter(pk=earlier.pk, state=Notice.State.WAITING).update(text=text, blocks=blocks)
    return bool(changed)
