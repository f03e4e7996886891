"""Everything the public can read, one line each."""

from __future__ import annotations

from apps.statuspage import badge, crashbot, feed, pages
from apps.statuspage.documents import Document, Family
from apps.statuspage.v2 import bodies

DOCUMENTS: tuple[Document, ...] = (
    *pages.DOCUMENTS,
    *bodies.DOCUMENTS,
    *crashbot.DOCUMENTS,
    *badge.DOCUMENTS,
    *feed.DOCUMENTS,
)
FAMILIES: tuple[Family, ...] = (*pages.FAMILIES,)
