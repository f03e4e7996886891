"""Everything the public can read, one line each."""

from __future__ import annotations

from apps.statuspage import pages
from apps.statuspage.documents import Document, Family

DOCUMENTS: tuple[Document, ...] = (*pages.DOCUMENTS,)
FAMILIES: tuple[Family, ...] = ()
