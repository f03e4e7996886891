"""What comes with a request: files, and events of the trail that are to be explained."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from apps.people.acting import Acting
from apps.rfhs.draft_events import ExplanationAsked, ExplanationDropped, FileAttached, FileRemoved
from apps.rfhs.errors import BadRFH, IllegalStep
from apps.rfhs.files import clean_name, type_of
from apps.rfhs.models import RFH, AttachedEvent, Attachment
from apps.rfhs.services.writing import locked, record, told
from apps.rfhs.states import NAMES, OVER, WITH_SUPPORT, State
from apps.trail.models import StoredEvent

MEGABYTE = 1024 * 1024
# Of one file, and of all that come in one go; a log of more is better cut to the time in question.
LARGEST, LARGEST_AT_ONCE = 10 * MEGABYTE, 25 * MEGABYTE
MOST_FILES, MOST_EVENTS = 50, 50
LONGEST_QUESTION = 300


@transaction.atomic
def attach(rfh: RFH, *, name: str, content: bytes, by: Acting, now: datetime) -> tuple[Attachment, bool]:
    """The file belongs to the request, and whether it is new: the same once more is the one there is.

    What it is comes from its content. Raises BadRFH, and IllegalStep when the request is over.
    """
    name = clean_name(name)
    if not content:
        raise BadRFH("files", f"{name} is empty.")
    if len(content) > LARGEST:
        raise BadRFH("files", too_large(name))
    row = _open(locked(rfh), "Attach a file")
    seal = sha256(content).hexdigest()
    known = row.attachments.defer("content").filter(sha256=seal, name=name).first()
    if known is not None:
        return known, False
    if row.attachments.count() >= MOST_FILES:
        raise BadRFH("files", f"A request has at most {MOST_FILES} files. Put what belongs together into one archive.")
    made = Attachment.objects.create(
        rfh=row,
        name=name,
        content_type=type_of(content),
        size=len(content),
        sha256=seal,
        content=content,
        by=by.label,
        at=now,
    )
    event = FileAttached(**told(row, by), name=name, size=made.size, sha256=seal, content_type=made.content_type)
    record(row, event, now=now)
    return made, True


@transaction.atomic
def remove_file(rfh: RFH, *, attachment: int, by: Acting, now: datetime) -> str | None:
    """The file is gone; its name, or None when somebody removed it before.

    Raises IllegalStep once a team was asked: it may have read it.
    """
    row = _with_support(locked(rfh), "Remove a file")
    found = row.attachments.defer("content").filter(pk=attachment).first()
    if found is None:
        return None
    event = FileRemoved(**told(row, by), name=found.name, size=found.size, sha256=found.sha256)
    found.delete()
    record(row, event, now=now)
    return found.name


@transaction.atomic
def attach_event(
    rfh: RFH, *, event: StoredEvent, question: str = "", by: Acting, now: datetime
) -> tuple[AttachedEvent, bool]:
    """The request asks to explain the event, and whether it did not before. Raises BadRFH, IllegalStep."""
    row = _open(locked(rfh), "Attach an event")
    if row.attached_events.count() >= MOST_EVENTS:
        raise BadRFH("event", f"A request has at most {MOST_EVENTS} events: name the one where it went wrong.")
    question = " ".join(question.split())[:LONGEST_QUESTION]
    made, fresh = AttachedEvent.objects.get_or_create(
        rfh=row, event=event.event_id, defaults={"question": question, "by": by.label, "at": now}
    )
    if fresh:
        record(row, ExplanationAsked(**told(row, by), event=str(event.event_id), question=question), now=now)
    return made, fresh


@transaction.atomic
def detach_event(rfh: RFH, *, event: UUID, by: Acting, now: datetime) -> bool:
    """The event need not be explained; False when somebody took it off before. Raises IllegalStep."""
    row = _with_support(locked(rfh), "Take an event off")
    found = row.attached_events.filter(event=event).first()
    if found is None:
        return False
    found.delete()
    record(row, ExplanationDropped(**told(row, by), event=str(event)), now=now)
    return True


def too_large(name: str) -> str:
    """What to say of a file that is too large, whoever measured it."""
    return (
        f"{name} is larger than {LARGEST // MEGABYTE} MB and was not kept. Cut a log to the minutes around the fault, "
        "or compress it."
    )


def _open(row: RFH, words: str) -> RFH:
    return _in(row, words, frozenset(State) - OVER)


def _with_support(row: RFH, words: str) -> RFH:
    return _in(row, words, WITH_SUPPORT)


def _in(row: RFH, words: str, states: frozenset[State]) -> RFH:
    if row.at not in states:
        step = words.lower().replace(" ", "_")
        raise IllegalStep(step, NAMES[row.at], [str(each) for each in State if each in states], words)
    return row
