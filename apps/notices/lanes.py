"""How soon a channel, or the whole workspace, may be spoken to again."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.notices.models import Lane

# Slack: about one message a second a channel.
PACE = timedelta(seconds=1)
# Longer than any call lasts: a lane whose holder died is free again after it.
LEASE = timedelta(seconds=12)
# The lane of all lanes: it is there while Slack does not accept our token.
EVERYBODY = "*"
PAUSE = timedelta(minutes=1)


def free_at(channel: str, at: datetime) -> None:
    """The channel may be spoken to again at `at`."""
    Lane.objects.filter(channel=channel).update(next_at=at)


def pause(*, now: datetime) -> bool:
    """Nothing is sent for a minute, and then not before Slack knows us again; False when it was paused already."""
    _, fresh = Lane.objects.update_or_create(channel=EVERYBODY, defaults={"next_at": now + PAUSE})
    return fresh


def resume() -> None:
    """Slack knows us again."""
    Lane.objects.filter(channel=EVERYBODY).delete()


def paused() -> Lane | None:
    """The pause that lasts, with the instant of the next try; None when there is none."""
    return Lane.objects.filter(channel=EVERYBODY).first()


def take_probe(*, now: datetime) -> bool:
    """Whether the caller is the one to ask Slack whether it knows us again."""
    due = Lane.objects.filter(channel=EVERYBODY, next_at__lte=now)
    return bool(due.update(next_at=now + LEASE))
