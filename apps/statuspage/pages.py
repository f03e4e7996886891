"""The pages people read."""

from __future__ import annotations

from django.template.loader import render_to_string

from apps.statuspage.documents import Document
from apps.statuspage.snapshot import Snapshot

HTML = "text/html; charset=utf-8"


def front(shot: Snapshot, current: bool) -> bytes:
    """The status page itself."""
    return render_to_string("statuspage/page.html", {"shot": shot, "current": current}).encode()


DOCUMENTS = (Document("/status/", HTML, front),)
