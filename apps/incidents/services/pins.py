"""What was pinned in Slack where an incident is spoken of: entries of its timeline."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from apps.incidents.events import MessagePinned, MessageUnpinned
from apps.incidents.models import Incident, Pin
from apps.incidents.services.texts import LONGEST_TEXT
from apps.incidents.services.writing import held, record, told
from apps.people.acting import LONGEST_NAME, Acting

LONGEST_URL = 500
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@transaction.atomic
def keep_pin(
    incident: Incident,
    *,
    channel: str,
    ts: str,
    author: str,
    text: str,
    url: str,
    said_at: datetime,
    pinned_by: str,
    now: datetime,
) -> Pin:
    """The message is an entry of the incident's timeline; told twice, it is one.

    Who tells it is Slack, so nothing is refused: what is too long is cut.
    """
    row = held(incident.pk)
    said = {
        "author": _cut(author, LONGEST_NAME),
        "text": _cut(text, LONGEST_TEXT),
        "url": url if url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL else "",
        "said_at": said_at,
    }
    known = Pin.objects.filter(incident=row, channel=channel, ts=ts).first()
    if known is not None and known.removed_at is None and known.text == said["text"]:
        return known
    who = Acting(None, _cut(pinned_by, LONGEST_NAME))
    values = {**said, "pinned_by": who.name, "removed_at": None}
    pin, _ = Pin.objects.update_or_create(incident=row, channel=channel, ts=ts, defaults=values)
    event = MessagePinned(
        **told(row, who),
        channel=channel,
        ts=ts,
        author=pin.author,
        text=pin.text,
        url=pin.url,
        said_at=said_at,
    )
    record(row, event, now=now)
    return pin


@transaction.atomic
def remove_pin(incident: Incident, *, channel: str, ts: str, now: datetime, removed_by: str = "") -> bool:
    """The message is no entry of the timeline any more; whether it was one. The trail keeps what it said."""
    row = held(incident.pk)
    pin = Pin.objects.filter(incident=row, channel=channel, ts=ts, removed_at=None).first()
    if pin is None:
        return False
    pin.removed_at = now
    pin.save(update_fields=["removed_at"])
    who = Acting(None, _cut(removed_by, LONGEST_NAME))
    record(row, MessageUnpinned(**told(row, who), channel=channel, ts=ts, text=pin.text), now=now)
    return True


def _cut(text: str, longest: int) -> str:
    kept = _UNSTORABLE.sub("", text).strip()
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"
