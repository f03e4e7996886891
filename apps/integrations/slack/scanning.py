"""Reading watched channels back, for what Slack's events did not bring."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from apps.integrations.slack import services, ticket_messages
from apps.integrations.slack.candidates import Ourselves, instant, ts_of
from apps.integrations.slack.gateway import Gateway, GatewayError, RateLimited, Refused
from apps.integrations.slack.incoming import storable, word
from apps.integrations.slack.models import SlackMessage, WatchedChannel
from apps.trail.later import enqueue

logger = logging.getLogger(__name__)

# A message can appear in the history a little after a later one.
OVERLAP = timedelta(minutes=1)
# Jobs that do not hold end within 30 s.
# With a page under way and a call that times out, that leaves room.
LONGEST = timedelta(seconds=12)
# A backlog nobody has gone on with for so long was lost with its job, and is read anew.
BACKLOG_LOST = timedelta(minutes=3)
CONTINUE = "apps.integrations.slack.jobs.continue_scan"


class Scan:
    """Scans channels until all are read or its time is over. Two at once do each other no harm.

    `clock` says the time, `pause` waits so many seconds.
    """

    def __init__(self, gateway: Gateway, *, clock: Callable[[], datetime], pause: Callable[[float], object]) -> None:
        self._gateway = gateway
        self._clock = clock
        self._pause = pause
        self._until = clock() + LONGEST
        self._us: Ourselves | None = None
        self._bot = ""
        self.kept = 0
        self.read = 0

    def everything(self) -> None:
        """Every watched channel, those longest unread first."""
        alone = Q(reading_at=None) | Q(reading_at__lt=self._clock() - BACKLOG_LOST)
        channels = (
            WatchedChannel.objects.filter(alone, enabled=True)
            .select_related("channel", "plan")
            .order_by(F("scanned_at").asc(nulls_first=True), "pk")
        )
        for watched in channels:
            if self._time_is_over() or not self.channel(watched):
                return

    def channel(self, watched: WatchedChannel, *, oldest: str = "", cursor: str = "", newest: str = "") -> bool:
        """Read one channel from where it was left; False when no other should be tried now."""
        start = self._clock()
        # The first scan begins at the horizon; later ones at the cursor, however old: what is past the horizon
        # by then is recorded as too old, not passed over in silence.
        since = instant(watched.cursor)
        oldest = oldest or ts_of(since - OVERLAP if since else start - watched.horizon)
        try:
            self._pages(watched, oldest, cursor, newest)
        except RateLimited:
            # The limit is the method's, not the channel's: all others would be refused as well.
            return False
        except Refused as refusal:
            services.scan_failed(watched, self._in_words(refusal))
            return not refusal.locked_out
        except GatewayError as error:
            services.scan_failed(watched, str(error))
        except Exception as error:
            logger.exception("Channel %s could not be scanned", watched)
            services.scan_failed(watched, f"{type(error).__name__}: {error}")
        return True

    def _pages(self, watched: WatchedChannel, oldest: str, cursor: str, newest: str) -> None:
        us, complete = self._ourselves(), True
        while True:
            try:
                messages, cursor = self._page(watched, oldest, cursor)
            except RateLimited as limit:
                if cursor:
                    # What was read so far would be read again by a scan from the start, up to the same limit.
                    ready_at = self._clock() + timedelta(seconds=limit.seconds)
                    self._go_on_later(watched, oldest, cursor, newest, ready_at.isoformat())
                raise
            self.read += len(messages)
            newest = max([newest, *(word(message.get("ts")) for message in messages)])
            complete &= self._keep(watched, messages, us)
            if not cursor:
                break
            if self._time_is_over():
                # Slack pages from the newest back, so the cursor cannot move yet: the next job goes on from here.
                self._go_on_later(watched, oldest, cursor, newest)
                return
        if complete:
            services.scanned(watched, newest, now=self._clock())

    def _go_on_later(self, watched: WatchedChannel, *arguments: str) -> None:
        services.still_reading(watched, now=self._clock())
        enqueue(CONTINUE, watched.pk, *arguments)

    def _page(self, watched: WatchedChannel, oldest: str, cursor: str) -> tuple[list[dict[str, Any]], str]:
        while True:
            try:
                return self._gateway.history(watched.channel.slack_id, oldest, cursor)
            except RateLimited as limit:
                if self._clock() + timedelta(seconds=limit.seconds) > self._until:
                    if cursor:
                        services.scan_failed(watched, str(limit))
                    raise
                self._pause(limit.seconds)

    def _keep(self, watched: WatchedChannel, messages: list[dict[str, Any]], us: Ourselves) -> bool:
        """Whether each of the messages is stored or none of our business; one that fails does not stop the others."""
        complete = True
        channel = watched.channel.slack_id
        seen = set(
            SlackMessage.objects.filter(
                channel=channel, ts__in=[word(message.get("ts")) for message in messages]
            ).values_list("ts", flat=True)
        )
        # Oldest first, as they were posted.
        for message in reversed(messages):
            if message.get("ts") in seen:
                continue
            try:
                kept = ticket_messages.keep_found(watched, storable(message), us, now=self._clock())
                self.kept += kept is not None
            except Exception as error:
                logger.exception("Message %s in %s could not be kept", message.get("ts"), watched)
                services.scan_failed(watched, f"Message {message.get('ts')}: {type(error).__name__}: {error}")
                complete = False
        return complete

    def _ourselves(self) -> Ourselves:
        if self._us is None:
            me = self._gateway.who_am_i()
            users, bots = word(me.get("user_id")), word(me.get("bot_id"))
            self._us = Ourselves(frozenset({users} - {""}), frozenset({bots} - {""}), word(me.get("app_id")))
            self._bot = word(me.get("user"))
        return self._us

    def _time_is_over(self) -> bool:
        return self._clock() >= self._until

    def _in_words(self, refusal: Refused) -> str:
        bot = f"@{self._bot or 'SupportOps'}"
        match refusal.error:
            case "not_in_channel":
                return f"The bot is not in this channel. Invite it there: /invite {bot}"
            case "channel_not_found":
                return (
                    "Slack knows no channel of this id, or it is private and the bot is not in it. "
                    f"Check the id, or invite the bot there: /invite {bot}"
                )
            case "is_archived":
                return "This channel is archived."
            case "missing_scope":
                return "The app lacks a scope: compare it with slack/manifest.yaml and install it again."
            case _:
                return str(refusal)
