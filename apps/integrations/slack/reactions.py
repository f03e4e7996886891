"""What Slack is asked because of what happens to incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.incidents.events import (
    IncidentChanged,
    IncidentClosed,
    IncidentDeclared,
    IncidentInvalidated,
    IncidentReopened,
)
from apps.integrations.slack.following import FOLLOW
from apps.integrations.slack.gateway import configured
from apps.integrations.slack.selectors import incidents_channel
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, on


@on(IncidentDeclared, IncidentChanged, IncidentClosed, IncidentReopened, IncidentInvalidated)
def show_what_is_broken(entries: Sequence[Recorded[Any]]) -> None:
    """The topic of the channel of all incidents follows at once, and not only with the next minute."""
    if configured() and incidents_channel():
        enqueue(FOLLOW)
