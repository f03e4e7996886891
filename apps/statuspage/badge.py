"""A badge for other pages: how everything is, in a picture of a line. Pure."""

from __future__ import annotations

from html import escape

from apps.statuspage.banner import DEGRADED, MAINTENANCE, OPERATIONAL, OUTAGE, UNKNOWN, banner
from apps.statuspage.documents import Document
from apps.statuspage.snapshot import Snapshot

# Dark enough for white letters (WCAG AA), and the words say the same.
COLOURS = {
    OPERATIONAL: "#1a7f37",
    DEGRADED: "#8a5a00",
    OUTAGE: "#b3261e",
    MAINTENANCE: "#0b5cad",
    UNKNOWN: "#5c5f66",
}
LABEL = "status"
# Verdana's letters at 11 px are about this wide; `textLength` makes the rest true.
LETTER = 6.6
PADDING = 10
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {words}">
<title>{label}: {words}</title>
<rect width="{width}" height="20" rx="3" fill="#3a3d42"/>
<path d="M{left} 0h{rest}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{rest}z" fill="{colour}"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_at}" y="14" textLength="{label_long}">{label}</text>
<text x="{words_at}" y="14" textLength="{words_long}">{words}</text>
</g>
</svg>
"""


def _svg(snapshot: Snapshot, current: bool) -> bytes:
    found = banner(snapshot, current=current)
    label_long, words_long = round(len(LABEL) * LETTER), round(len(found.words) * LETTER)
    left, right = label_long + 2 * PADDING, words_long + 2 * PADDING
    return SVG.format(
        width=left + right,
        left=left,
        rest=right - 3,
        colour=COLOURS[found.kind],
        label=LABEL,
        words=escape(found.words),
        label_at=left / 2,
        label_long=label_long,
        words_at=left + right / 2,
        words_long=words_long,
    ).encode()


DOCUMENTS = (Document("/badge/status.svg", "image/svg+xml", _svg),)
