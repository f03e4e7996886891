"""Work that follows from an event, done by a worker after the commit."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task


def enqueue(job: str, *args: Any) -> None:
    """Have a worker call `job` (a dotted name) once this transaction is committed, in this context.

    With the database as broker the task is a row of this very transaction: an outbox. Any other
    broker would hear of it before the commit, so it is told afterwards.
    """
    send = partial(async_task, job, *args, save=False)
    if "orm" in settings.Q_CLUSTER:
        send()
    else:
        # At the commit the block that named the cause has ended.
        transaction.on_commit(partial(copy_context().run, send))
