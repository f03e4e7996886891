"""What is said about a request elsewhere, kept with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.people.acting import Acting
from apps.rfhs.events import RFHReplied
from apps.rfhs.models import RFH, Note
from apps.rfhs.services.texts import LONGEST_TEXT
from apps.rfhs.services.writing import locked, record, told


@transaction.atomic
def hear(
    rfh: RFH, *, text: str, by: Acting, among: str, at: datetime, url: str, key: str, now: datetime
) -> Note | None:
    """A word that fell among teammates, or in the team's thread, is a note, once by its `key`.

    None when it was heard before, or the request is over. It moves nothing: a request that is talked about can be
    stuck all the same.
    """
    row = locked(rfh)
    text = text.replace("\x00", "").strip()[:LONGEST_TEXT]
    if row.is_over or not text:
        return None
    fields = {
        "rfh": row,
        "kind": Note.Kind.TEAMMATE,
        "text": text,
        "by": by.label,
        "agent": by.agent,
        "at": at,
        "url": url[:500],
    }
    note, fresh = Note.objects.get_or_create(key=key[:200], defaults=fields)
    if not fresh:
        return None
    record(row, RFHReplied(**told(row, by), among=among, text=text), now=now)
    return note
