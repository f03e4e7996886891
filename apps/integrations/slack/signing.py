"""Whether a request is Slack's. Pure.

Slack's documentation, "Verifying requests from Slack". slack_sdk's own verifier decodes the body before it
looks, so bytes that are no UTF-8 and a timestamp that is no number raise there; this one looks at raw bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

TIMESTAMP = "X-Slack-Request-Timestamp"
SIGNATURE = "X-Slack-Signature"
OLDEST = timedelta(minutes=5)

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def is_genuine(raw: bytes, headers: Mapping[str, str], *, secret: str, now: datetime) -> bool:
    """Whether who knows `secret` signed these bytes, at most five minutes from `now`."""
    stamp = headers.get(TIMESTAMP) or ""
    if not secret or not _SECONDS.fullmatch(stamp):
        return False
    if abs(now.timestamp() - int(stamp)) > OLDEST.total_seconds():
        return False
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    # As bytes: compare_digest refuses text that is not ASCII, and a header may hold anything.
    return hmac.compare_digest(f"v0={digest}".encode(), (headers.get(SIGNATURE) or "").encode(errors="replace"))
