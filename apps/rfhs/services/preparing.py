"""What is decided of a filing while the request is still a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.people.acting import Acting
from apps.rfhs.draft_events import FilingPrepared
from apps.rfhs.errors import BadRFH
from apps.rfhs.models import RFH
from apps.rfhs.services.texts import LONGEST_LINE
from apps.rfhs.services.writing import locked, record, refresh, told, write
from apps.rfhs.states import WITH_SUPPORT

# Slugs of the team, of its area and of the area the table proposed; why teammates are passed over; and of the issue
# its tracker, what it says instead of the template, and the one that is linked instead.
LONGEST = {
    "team": 100,
    "area": 100,
    "sub_team": 100,
    "proposed": 100,
    "because": LONGEST_LINE,
    "tracker": 10,
    "title": 256,
    "body": 60_000,
    "issue": 500,
}


@transaction.atomic
def prepare(
    rfh: RFH, decided: Mapping[str, str], *, by: Acting, now: datetime, version: int | None = None
) -> list[str]:
    """The draft holds these decisions; the names of those that are new. Raises BadRFH, ChangedMeanwhile."""
    row = locked(rfh, version)
    if row.at not in WITH_SUPPORT:
        raise BadRFH("team", f"{row} is filed already.")
    # PostgreSQL has no text with a null character in it.
    decided = {name: text.replace("\x00", "") for name, text in decided.items()}
    for name, text in decided.items():
        if len(text) > LONGEST[name]:
            raise BadRFH(name, f"At most {LONGEST[name]:,} characters; these are {len(text):,}.")
    changes = {
        name: [row.filing.get(name, ""), text] for name, text in decided.items() if row.filing.get(name, "") != text
    }
    if not changes:
        return []
    write(row, {"filing": {**row.filing, **decided}})
    record(row, FilingPrepared(**told(row, by), changes=changes), now=now)
    refresh(rfh, row)
    return list(changes)
