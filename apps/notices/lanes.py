"""How soon a channel, or the whole workspace, may be spoken to again."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.notices.models import Lane

# Slack: about one message a second a channel.
PACE = timedelta(seconds=1)
# Longer than any call lasts: a lane whose holder died is free again after it.
LEASE = timedelta(seconds=12)
# The lane of all lanes: it is there while Slack does not accept our token, or cannot be reached.
EVERYBODY = "*"
PAUSE = timedelta(minutes=1)
# A connection costs Slack nothing while it is away, and what waits may be urgent.
SOONEST, LATEST = timedelta(seconds=2), timedelta(seconds=30)


def free_at(channel: str, at: datetime) -> None:
    """The channel may be spoken to again at `at`."""
    Lane.objects.filter(channel=channel).update(next_at=at)


def pause(*, now: datetime) -> bool:
    """Nothing is sent for a minute, and then not before Slack knows us again; False when it was so already."""
    return _pause(Lane.Why.TOKEN, now + PAUSE, now)


def cut_off(*, now: datetime) -> None:
    """Nothing is sent until Slack can be reached; it is tried again after as long as it has lasted, 2 to 30 s."""
    pause = paused()
    lasted = now - pause.paused_at if pause and pause.paused_at and pause.why == Lane.Why.UNREACHABLE else SOONEST
    _pause(Lane.Why.UNREACHABLE, now + min(max(lasted, SOONEST), LATEST), now)


def _pause(why: Lane.Why, until: datetime, now: datetime) -> bool:
    lasting = Lane.objects.filter(channel=EVERYBODY, why=why).update(next_at=until)
    if lasting:
        return False
    fresh = {"next_at": until, "paused_at": now, "why": why}
    Lane.objects.update_or_create(channel=EVERYBODY, defaults=fresh)
    return True


def resume() -> None:
    """Slack can be reached, and knows us."""
    Lane.objects.filter(channel=EVERYBODY).delete()


def paused() -> Lane | None:
    """The pause that lasts, with the instant of the next try; None when there is none."""
    return Lane.objects.filter(channel=EVERYBODY).first()


def take_probe(*, now: datetime) -> bool:
    """Whether the caller is the one to ask Slack whether it hears and knows us again."""
    due = Lane.objects.filter(channel=EVERYBODY, next_at__lte=now)
    return bool(due.update(next_at=now + LEASE))
