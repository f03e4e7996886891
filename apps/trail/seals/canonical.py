"""The bytes of an event that its leaf is the hash of. Pure.

One JSON array of the columns in COLUMNS: instants as microseconds since 1970, payload and metadata as PostgreSQL
writes jsonb (keys by length, then by bytes; numbers with the digits they were stored with, never an exponent).
PostgreSQL makes the same bytes with json_build_array (leaves.py), which makes verifying quick; this is the second
opinion.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

# Another list, another order or another way to write a value is another FORM: old seals keep theirs.
FORM = 1
COLUMNS = (
    "epoch",
    "transaction",
    "position",
    "id",
    "type",
    "version",
    "about",
    "actor_kind",
    "actor_id",
    "actor_label",
    "correlation_id",
    "causation_id",
    "occurred_at",
    "recorded_at",
    "payload",
    "metadata",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def document(row: Mapping[str, Any]) -> bytes:
    """An event's columns as the bytes that are hashed; `payload` and `metadata` as `read` gives them."""
    return f"[{', '.join(_column(row[name]) for name in COLUMNS)}]".encode()


def read(text: str) -> Any:
    """What jsonb's text says, with every digit: 1.0 stays apart from 1, and no number is rounded."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def microseconds(at: datetime) -> int:
    """Since 1970, exactly."""
    return (at - EPOCH) // MICROSECOND


def _column(value: Any) -> str:
    if isinstance(value, datetime):
        return str(microseconds(value))
    if isinstance(value, UUID):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        # As array_to_json writes the streams: without spaces.
        return f"[{','.join(map(jsonb, value))}]"
    return jsonb(value)


def jsonb(value: Any) -> str:
    """The value as PostgreSQL writes jsonb."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: (len(member[0].encode()), member[0].encode()))
        return f"{{{', '.join(f'{_text(key)}: {jsonb(held)}' for key, held in members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(jsonb, value))}]"
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
