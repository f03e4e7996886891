"""What the portal does around django-q2's jobs: the one place that listens to its signals.

django-q2 has no other way in, so these four are the exception to "no signals".
"""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import uuid_utils.compat as uuids
from django.utils import timezone
from django_q.signals import post_execute_in_worker, post_spawn, pre_enqueue, pre_execute

from apps.escalations.holding import beat, stopping
from apps.trail.console.looking import refuse_if_only_looking
from apps.trail.context import Actor, Context, current, restore
from apps.trail.later import enqueue

# Jobs that hold; a worker that spawns starts them anew, since its predecessor may have died holding.
HOLDING = ("apps.escalations.jobs.sweep", "apps.notices.jobs.deliver", "apps.trail.jobs.follow")
_last_beat = 0.0


def connect() -> None:
    """Listen to django-q2."""
    pre_enqueue.connect(_pack, dispatch_uid="supportops.pack")
    pre_execute.connect(_unpack, dispatch_uid="supportops.unpack")
    post_execute_in_worker.connect(_done, dispatch_uid="supportops.done")
    post_spawn.connect(_spawned, dispatch_uid="supportops.spawned")


def _pack(task: dict[str, Any], **_: Any) -> None:
    # With a queue elsewhere the database could not refuse it.
    refuse_if_only_looking()
    # Before the task is signed, so the context travels inside it.
    task["context"] = current().packed()


def _unpack(task: dict[str, Any], **_: Any) -> None:
    # Overwrites what the last task of this process left behind. A scheduled job begins a chain of its own.
    packed = task.get("context")
    context = Context.unpacked(packed) if packed else Context()
    if context.correlation is None:
        job = str(task.get("func", ""))
        context = Context(actor=Actor(kind="job", id=job, label=job.rsplit(".", 1)[-1]), correlation=uuids.uuid7())
    restore(context)
    _call_process(str(task.get("func", "")).rsplit(".", 1)[-1])
    global _last_beat
    if time.monotonic() - _last_beat > 1:
        _last_beat = time.monotonic()
        beat("worker", now=timezone.now())


def _done(**_: Any) -> None:
    _call_process("idle")


def _spawned(**_: Any) -> None:
    # Workers inherit SIGINT ignored; a hold must hear that the worker is ending.
    signal.signal(signal.SIGINT, _end_soon)
    for job in HOLDING:
        enqueue(job)
    _call_process("idle")


def _end_soon(*_: Any) -> None:
    # Once is enough, and a second one could come while the first holds the event's lock.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopping.set()


def _call_process(name: str) -> None:
    # What `top` and `ps -o comm` show, where the system lets a process say it.
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"job: {name}"[:15])
