"""What all public pages share: their frame, their style and script, and what a browser lets them do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

HTML = "text/html; charset=utf-8"
FOLDER = Path(settings.BASE_DIR) / "templates" / "statuspage"
# Within the page: one answer is all of it, wherever it is kept and however old it is.
STYLE = (FOLDER / "style.css").read_text().strip()
SCRIPT = (FOLDER / "script.js").read_text().strip()


def hashed(text: str) -> str:
    """What a policy says of a style or script that is within the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src {hashed(STYLE)}",
        f"script-src {hashed(SCRIPT)}",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# Pages that are kept until they become others become others with these.
MADE_WITH = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted([*FOLDER.iterdir(), *Path(__file__).parent.glob("*.py")]))
).hexdigest()


def made_of(*parts: object) -> str:
    """A digest of what a page is made of: these, and the code that makes it."""
    return hashlib.sha256(repr((MADE_WITH, settings.STATUS_PAGE_NAME, *parts)).encode()).hexdigest()


def page(template: str, context: Mapping[str, Any]) -> bytes:
    """A public page, whole."""
    # Both were written here, and neither holds anything of anybody.
    shared = {"site": settings.STATUS_PAGE_NAME, "style": mark_safe(STYLE), "script": mark_safe(SCRIPT)}  # noqa: S308
    return render_to_string(f"statuspage/{template}", {**shared, **context}).encode()
