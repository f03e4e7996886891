"""What happened to a request since somebody looked at it: for whoever was second."""

from __future__ import annotations

from apps.rfhs.events import OfRFH
from apps.rfhs.models import RFH
from apps.rfhs.states import NAMES
from apps.trail.models import StoredEvent

TYPES = sorted(each.__name__ for each in OfRFH.__subclasses__())


def last(rfh: RFH) -> str:
    """What was done to it last and where it is now, in sentences; the request is read anew."""
    rfh.refresh_from_db()
    event = StoredEvent.objects.filter(about__contains=[rfh.stream], type__in=TYPES).order_by("-position").first()
    did = f"{event.sentence}. " if event else ""
    return f"{did}{rfh} is in “{NAMES[rfh.at]}” now."
