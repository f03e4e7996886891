"""An event as a line of a file. Pure.

A table's program takes a cell that begins with one of DANGER for a formula and may run it, so in CSV an apostrophe
stands before such a cell (OWASP, CSV injection). JSON Lines hold everything exactly.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

CSV, JSONL = "csv", "jsonl"
NAMES = {JSONL: "events.jsonl", CSV: "events.csv"}
DANGER = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    "position",
    "id",
    "occurred_at",
    "recorded_at",
    "type",
    "version",
    "sentence",
    "actor",
    "actor_kind",
    "actor_id",
    "streams",
    "correlation_id",
    "causation_id",
    "payload",
    "metadata",
)
# By it a table's program knows the file for UTF-8.
MARK = "\ufeff"


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")


def header() -> bytes:
    """The line of CSV that names the columns."""
    return (MARK + _written([COLUMNS])).encode()


def cells(rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as CSV (RFC 4180)."""
    return _written([[safe(row[name]) for name in COLUMNS] for row in rows]).encode("utf-8", "replace")


def safe(value: Any) -> str:
    """The value as a cell that no program takes for a formula."""
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(DANGER) else text


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


# By format: what a file begins with, and how its rows are written.
HEADERS: Mapping[str, bytes] = {JSONL: b"", CSV: header()}
WRITERS: Mapping[str, Callable[[Sequence[dict[str, Any]]], bytes]] = {JSONL: lines, CSV: cells}
