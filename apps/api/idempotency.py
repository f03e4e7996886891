"""POST twice, done once: the Idempotency-Key header."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import services
from apps.api.models import ApiKey, IdempotentRequest
from apps.api.problems import CONTENT_TYPE, Conflict, Unprocessable

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255


class Replay(Exception):
    """The request was answered before; carries that answer instead of doing the work again."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


def claim(request: Request, api_key: ApiKey, body: bytes, *, now: datetime) -> IdempotentRequest | None:
    """The row under which this POST is to be worked; None when it carries no key.

    Raises Replay when it was answered before, Unprocessable when the key was used for another request,
    Conflict while the first one is being worked, ParseError for a key of no use.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return None
    if not key.strip() or len(key) > LONGEST or not key.isprintable():
        raise ParseError(f"{HEADER} must have 1 to {LONGEST} printable characters.")
    claimed = services.claim_request(api_key, key, _fingerprint(request, body), now=now)
    row = claimed.row
    if claimed.mine:
        return row
    if row.fingerprint != _fingerprint(request, body):
        raise Unprocessable(f"This {HEADER} was used for another request; use a new one for each.")
    if row.status is None:
        raise Conflict("The first request under this key is still being worked; ask again in a moment.")
    raise Replay(_replay(row.status, json.loads(str(row.body))))


def settle(row: IdempotentRequest, response: Response) -> bool:
    """The answer is kept, unless the failure was ours: then the request may be tried again. Whether it is kept now."""
    if response.status_code >= 500:
        services.drop_request(row)
        return False
    return services.answer_request(row, status=response.status_code, body=_text(response.data))


def _fingerprint(request: Request, body: bytes) -> str:
    return hashlib.sha256(b"\n".join([request.get_full_path().encode(), body])).hexdigest()


def _text(data: Any) -> str:
    # As text, for jsonb would give the fields back in another order than the first answer had.
    return (JSONRenderer().render(data) or b"null").decode()


def _replay(status: int, body: Any) -> Response:
    content_type = CONTENT_TYPE if status >= 400 else None
    return Response(body, status=status, headers={REPLAYED: "true"}, content_type=content_type)
