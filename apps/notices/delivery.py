"""Delivering the outbox: threads talk to Slack, the job's own thread alone talks to the database."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.integrations.slack.gateway import Gateway, Unsure
from apps.notices import claiming, lanes, outcomes
from apps.notices.calls import Call, Doing, Outcome, perform

logger = logging.getLogger(__name__)

PARALLEL = 8
# How often the outbox is looked at while nothing happens, and how long a step waits for a call at most.
LOOK = timedelta(milliseconds=200)
GLANCE = 0.1
RESCUE_EVERY = timedelta(seconds=1)
# The socket's timeout is for each read; an answer that drips in may outlast it, and nobody waits for that.
OVERDUE = timedelta(seconds=10)
# The worker is killed ten seconds after it was asked to end.
FAREWELL = timedelta(seconds=8)


@dataclass
class Delivery:
    """Sends what is owed, call by call; `step` never waits long, so a channel that stalls delays no other.

    A call under way is held between steps, its lane leased and its notice claimed under `token`.
    """

    gateway: Gateway
    clock: Callable[[], datetime]
    parallel: int = PARALLEL
    overdue: timedelta = OVERDUE
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    sent: int = 0
    _calls: dict[Future[Outcome], tuple[Call, datetime]] = field(default_factory=dict)
    _given_up: dict[Future[Outcome], Call] = field(default_factory=dict)
    _wake_at: set[datetime] = field(default_factory=set)
    _rescue_at: datetime | None = None
    _pool: ThreadPoolExecutor | None = None

    def step(self) -> datetime:
        """Record what has ended, take what is due, call; when the next step is due."""
        now = self.clock()
        self._rescue(now)
        self._start(now)
        self._record(GLANCE)
        return self._next_step(self.clock())

    def finish(self, within: timedelta = FAREWELL) -> None:
        """Take nothing more, and record how the calls under way end, as long as `within`."""
        until = self.clock() + within
        while self._calls and self.clock() < until:
            self._record(GLANCE)
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    @property
    def under_way(self) -> int:
        """How many calls have not ended."""
        return len(self._calls)

    def _rescue(self, now: datetime) -> None:
        if self._rescue_at is None or now >= self._rescue_at:
            self._rescue_at = now + RESCUE_EVERY
            claiming.rescue(token=self.token, now=now)

    def _start(self, now: datetime) -> None:
        room = self.parallel - len(self._calls) - len(self._given_up)
        if room <= 0:
            return
        if lanes.paused() is not None:
            if lanes.take_probe(now=now):
                self._call(Call(doing=Doing.PROBE, channel=lanes.EVERYBODY), now)
            return
        busy = {call.channel for call, _ in self._calls.values()}
        for call in claiming.claim(token=self.token, room=room, busy=busy, now=now):
            self._call(call, now)

    def _call(self, call: Call, now: datetime) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.parallel, thread_name_prefix="slack")
        self._calls[self._pool.submit(perform, self.gateway, call, self.clock)] = (call, now)

    def _record(self, patience: float) -> None:
        if self._calls:
            wait({*self._calls, *self._given_up}, timeout=patience, return_when=FIRST_COMPLETED)
        for future in [future for future in self._calls if future.done()]:
            self._calls.pop(future)
            self._settle(future.result())
        for future in [future for future in self._given_up if future.done()]:
            self._given_up.pop(future)
            # A late answer is still an answer: it saves looking for the message.
            if future.result().error is None:
                self._settle(future.result())
        now = self.clock()
        for future, (call, since) in list(self._calls.items()):
            if now - since >= self.overdue:
                self._calls.pop(future)
                self._given_up[future] = call
                self._settle(Outcome(call, now, error=Unsure("no answer in time", timed_out=True)))

    def _settle(self, outcome: Outcome) -> None:
        try:
            self.sent += outcomes.settle(outcome, token=self.token)
        except Exception:
            # It stays “being sent”, so a rescue looks for it in Slack; the others go on.
            logger.exception("The end of the call for notice %s could not be recorded", outcome.call.notice)
        self._wake_at.add(outcome.at + lanes.PACE)

    def _next_step(self, now: datetime) -> datetime:
        if self._calls:
            return now
        self._wake_at = {at for at in self._wake_at if at > now}
        return min([now + LOOK, *self._wake_at])
