"""Work at the command line as a part of the story: what it changes has its beginning as cause. Part of a door."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from types import FrameType

import uuid_utils.compat as uuids
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.trail import services as trail
from apps.trail.console import who
from apps.trail.console.connecting import telling
from apps.trail.console.events import ConsoleClosed, ConsoleOpened
from apps.trail.console.issues import STREAM
from apps.trail.console.who import Identity
from apps.trail.context import Actor, Context, acting_everywhere, current
from apps.trail.managed import stream_of
from apps.trail.models import StoredEvent
from apps.trail.reacting import Recorded

ALL = "console"
# What the database is told of who works in a session; it says so of a change that no event told of.
CONTEXT = "trail.context"
# Of a longer script the beginning.
LONGEST_CODE = 20_000


def is_open() -> bool:
    """Whether this runs within such work."""
    return current().actor.kind == "console" and current().cause is not None


@contextmanager
def session(command: str, identity: Identity | None, *, code: str = "") -> Iterator[Recorded[ConsoleOpened]]:
    """Everything the block changes, in whichever thread, was done by this person, for this issue, because of this.

    Without an identity it was the account of the machine. A closed terminal ends the block as an exit does.
    """
    person = str(identity.person) if identity else ""
    issue = identity.issue if identity else ""
    account = who.os_user()
    actor = (
        Actor(kind="console", id=str(identity.person.pk), label=person)
        if identity
        else Actor(kind="console", id=account, label=account)
    )
    outside = Context(actor=actor, correlation=uuids.uuid7(), metadata={"issue": issue} if issue else {})
    about = [ALL, *([stream_of(identity.person), STREAM + issue] if identity else [])]
    with acting_everywhere(outside):
        opened = trail.record(
            ConsoleOpened(
                command=command,
                person=person,
                agent=identity.person.pk if identity else None,
                issue=issue,
                host=who.host(),
                os_user=account,
                code=_storable(code),
            ),
            about=about,
            now=_now(),
        )
    inside = replace(outside, cause=opened.id)
    with acting_everywhere(inside):
        error = ""
        try:
            with _telling_database(command, identity, inside), _ending_by_signal():
                yield opened
        except SystemExit as end:
            error = "" if end.code in (None, 0) else "SystemExit"
            raise
        except BaseException as end:
            error = type(end).__name__
            raise
        finally:
            _close(opened, error)


def _close(opened: Recorded[ConsoleOpened], error: str) -> None:
    if not connection.in_atomic_block:
        # Whatever was begun there and not committed is over, as it is when a process ends.
        connection.close()
    now = _now()
    try:
        trail.record(
            ConsoleClosed(
                command=opened.event.command,
                person=opened.event.person,
                issue=opened.event.issue,
                lasted=now - opened.occurred_at,
                events=StoredEvent.objects.filter(causation_id=opened.id).count(),
                error=error,
            ),
            about=opened.about,
            now=now,
        )
    except DatabaseError as unreachable:
        print(f"That this ended is not on the trail: {str(unreachable).strip()}", file=sys.stderr)


def _telling_database(command: str, identity: Identity | None, context: Context) -> AbstractContextManager[None]:
    """Every connection meanwhile says whose it is: what is changed by SQL alone is part of this as well.

    PostgreSQL's list of connections shows `supportops shell ana@example.com`.
    """
    if connection.in_atomic_block:
        return nullcontext()
    name = f"supportops {command} {identity.person.get_username()}" if identity else ""
    return telling(CONTEXT, json.dumps(context.packed()), application=name)


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What nohup has had ignored stays so.
    ours = [number for number in (signal.SIGHUP, signal.SIGTERM) if signal.getsignal(number) is signal.SIG_DFL]
    before = {number: signal.signal(number, _end) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _storable(code: str) -> str:
    """As PostgreSQL can hold it: bytes that are no text are shown as question marks."""
    return code[:LONGEST_CODE].encode(errors="replace").decode().replace("\x00", "?")


def _now() -> datetime:
    return timezone.now()  # noqa: TID251
