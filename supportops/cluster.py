"""django-q2's cluster with what it lacks: it ends as a whole when a part of it was killed.

An idle worker killed with -9 may take the queue's lock with it, and its successors then wait for ever; a killed
sentinel leaves workers that nobody minds. Both ends here are the same: the group ends and `supportops.guard`
forks another. A worker killed while it worked held no lock, so django-q2 replaces it alone.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from multiprocessing import Value
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from django_q.cluster import Cluster as DjangoQCluster
from django_q.cluster import Sentinel as DjangoQSentinel
from django_q.cluster import get_mp_context

from supportops.parents import die_with_parent

logger = logging.getLogger(__name__)

LOOK = 0.2
# A sentinel looks after its workers twice a second; one that does not for so long waits for a lock of the dead.
LONGEST_SILENCE = 20.0


class Sentinel(DjangoQSentinel):  # type: ignore[misc]
    """Minds the workers; says that it lives, and ends the group rather than trust a lock whose holder was killed."""

    def __init__(self, pulse: Any, *args: Any) -> None:
        self.pulse = pulse
        super().__init__(*args)

    def status(self) -> str:
        # Asked for in every round of the guard loop, and there is no other hook in it.
        self.pulse.value = time.monotonic()
        return str(super().status())

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace one that ended, unless it was killed where it may have held a queue's lock."""
        killed = process.exitcode is not None and process.exitcode < 0
        timer = getattr(process, "timer", None)
        at_work = timer is not None and timer.value >= 0
        if killed and not at_work:
            what = "an idle worker" if timer is not None else "the pusher or the monitor"
            logger.warning("Signal %s ended %s: starting all anew.", -(process.exitcode or 0), what)
            end_group()
        super().reincarnate(process)


class Cluster(DjangoQCluster):  # type: ignore[misc]
    """The main process of the group."""

    def __init__(self) -> None:
        super().__init__()
        self.pulse = Value("d", time.monotonic(), lock=False)
        self.told_to_stop = False
        # django-q2's own handler joins inside the handler, and must not be called twice; the guard tells us often.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def run(self) -> int:
        """Work until told to stop (0), or until a part is gone that only a new start replaces (1)."""
        self._start()
        while not self.told_to_stop:
            if not self.sentinel.is_alive():
                logger.warning("The sentinel is gone: starting all anew.")
                return 1
            if time.monotonic() - self.pulse.value > LONGEST_SILENCE:
                logger.warning("The sentinel hangs: starting all anew.")
                return 1
            time.sleep(LOOK)
        self.stop_event.set()
        self.sentinel.join()
        return 0

    def _start(self) -> None:
        context = get_mp_context()
        self.stop_event, self.start_event = context.Event(), context.Event()
        self.sentinel = context.Process(
            target=Sentinel,
            args=(self.pulse, self.stop_event, self.start_event, self.cluster_id, None, None),
        )
        self.sentinel.start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.told_to_stop = True


def serve(guard: int) -> None:
    """Be the group's main process, for as long as the process `guard` lives; never returns."""
    die_with_parent(guard)
    # Every fork of this process and of its forks: a part that lost its parent would work on unminded.
    os.register_at_fork(after_in_child=die_with_parent)
    code = Cluster().run()
    # Not sys.exit: multiprocessing would wait for children that may be stuck; the guard kills what is left.
    sys.stdout.flush()
    os._exit(code)


def end_group() -> None:
    """Kill every process of this group, this one included."""
    os.killpg(os.getpgid(0), signal.SIGKILL)
