"""How the outbox is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from apps.integrations.slack.gateway import configured
from apps.integrations.slack.messages import permalink
from apps.notices import lanes
from apps.notices.models import Lane, Notice

NOT_CONFIGURED = "Slack is not configured: set SLACK_BOT_TOKEN."


@dataclass(frozen=True)
class Health:
    """What waits, what failed, and whether Slack takes anything at all.

    `waiting` are those not sent yet, those on their way included; `paused_until` is the next try while
    Slack does not accept our token, or cannot be reached since `unreachable_since`; `unsure_since` is when
    the oldest message was sent of which Slack has not said whether it took it.
    """

    waiting: int
    unsure: int
    failed: int
    oldest_waiting: datetime | None
    configured: bool
    paused_until: datetime | None
    unreachable_since: datetime | None
    unsure_since: datetime | None

    @property
    def well(self) -> bool:
        """Whether nobody needs to look."""
        return self.configured and not (self.failed or self.unsure or self.paused_until)

    @property
    def sentence(self) -> str:
        """The state in a sentence, the worst first."""
        if not self.configured:
            return f"{NOT_CONFIGURED} {self.waiting} waiting."
        if self.unreachable_since:
            return f"Slack cannot be reached, and is tried again and again; {self.waiting + self.unsure} waiting."
        if self.paused_until:
            return "Slack does not accept the token, so nothing is sent: set SLACK_BOT_TOKEN anew."
        if self.failed:
            return f"{self.failed} could not be sent and need somebody."
        if self.unsure:
            return f"{self.unsure} perhaps sent; Slack is being asked."
        return f"{self.waiting} waiting." if self.waiting else "Everything was sent."


def health() -> Health:
    """How the outbox is doing now."""
    open_states = (Notice.State.WAITING, Notice.State.SENDING, Notice.State.UNSURE, Notice.State.FAILED)
    counted = (
        Notice.objects.filter(state__in=open_states)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"), oldest=Min("created_at"), claimed=Min("claimed_at"))
    )
    counts = {state: count for state, count, _, _ in counted}
    oldest = [at for state, _, at, _ in counted if state in (Notice.State.WAITING, Notice.State.SENDING)]
    pause = lanes.paused()
    return Health(
        waiting=counts.get(Notice.State.WAITING, 0) + counts.get(Notice.State.SENDING, 0),
        unsure=counts.get(Notice.State.UNSURE, 0),
        failed=counts.get(Notice.State.FAILED, 0),
        oldest_waiting=min(oldest, default=None),
        configured=configured(),
        paused_until=pause.next_at if pause else None,
        unreachable_since=pause.paused_at if pause and pause.why == Lane.Why.UNREACHABLE else None,
        unsure_since=next((at for state, _, _, at in counted if state == Notice.State.UNSURE), None),
    )


def why_it_waits(notice: Notice) -> str:
    """What a person reads beside a notice that is not sent; computed, since settings are not in the row."""
    return NOT_CONFIGURED if not_configured(notice) else notice.error


def not_configured(notice: Notice) -> bool:
    """Whether nothing but a token is missing for it to be sent."""
    return notice.state == Notice.State.WAITING and not configured()


def recipient(notice: Notice, *, channel_name: str, person_name: str) -> str:
    """Who is told, by name: `#support, ticket 4711`; `Dana Kovács`; `Dana Kovács alone, in #support, ticket 4711`.

    What has no name here keeps Slack's id.
    """
    if not notice.channel:
        return "Nobody"
    if not notice.channel.startswith(("C", "G")):
        return person_name or notice.user or notice.channel
    place = f"#{channel_name}" if channel_name else notice.channel
    if notice.thread_ts:
        kind, _, number = notice.about.partition(":")
        place = f"{place}, {kind} {number}" if kind == "ticket" else f"{place}, a thread"
    alone = person_name or notice.user
    return f"{alone} alone, in {place}" if notice.kind == Notice.Kind.PRIVATE and alone else place


def address_in_slack(notice: Notice) -> str:
    """Where the message, or else its thread, is in Slack; empty for what one person alone sees, and for direct ones."""
    if not notice.channel.startswith(("C", "G")):
        return ""
    if notice.slack_ts and notice.kind == Notice.Kind.MESSAGE:
        # What a summary said stands in the channel, not in the thread.
        thread_ts = "" if notice.state == Notice.State.FOLDED else notice.thread_ts
        return permalink(notice.channel, notice.slack_ts, thread_ts)
    return permalink(notice.channel, notice.thread_ts) if notice.thread_ts else ""
