"""What each of Statuspage v2's addresses answers, as bytes. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from apps.statuspage.documents import Document
from apps.statuspage.snapshot import PublicMaintenance, Snapshot
from apps.statuspage.v2 import shapes
from apps.statuspage.v2.shapes import RUNNING

JSON = "application/json"
# As many as Statuspage gives.
NEWEST = 50
Extra = Callable[[Snapshot, bool], dict[str, Any]]


def _summary(snapshot: Snapshot, current: bool) -> dict[str, Any]:
    return {
        "components": shapes.components(snapshot),
        "incidents": [shapes.incident(snapshot, each) for each in snapshot.open_incidents],
        "scheduled_maintenances": _maintenances(snapshot, lambda each: each.is_open),
        "status": shapes.status(snapshot, current),
    }


def _incidents(snapshot: Snapshot, current: bool) -> dict[str, Any]:
    return {"incidents": [shapes.incident(snapshot, each) for each in snapshot.incidents[:NEWEST]]}


def _unresolved(snapshot: Snapshot, current: bool) -> dict[str, Any]:
    return {"incidents": [shapes.incident(snapshot, each) for each in snapshot.open_incidents]}


def _of(wanted: Callable[[PublicMaintenance], bool]) -> Extra:
    return lambda snapshot, current: {"scheduled_maintenances": _maintenances(snapshot, wanted)[:NEWEST]}


def _maintenances(snapshot: Snapshot, wanted: Callable[[PublicMaintenance], bool]) -> list[dict[str, Any]]:
    return [shapes.maintenance(snapshot, each) for each in snapshot.maintenances if wanted(each)]


def body(extra: Extra, snapshot: Snapshot, current: bool) -> bytes:
    """The page, and what else the address answers."""
    said = {"page": shapes.page(snapshot, current), **extra(snapshot, current)}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _document(name: str, extra: Extra) -> Document:
    return Document(f"/api/v2/{name}", JSON, lambda snapshot, current: body(extra, snapshot, current))


DOCUMENTS = (
    _document("summary.json", _summary),
    _document("status.json", lambda snapshot, current: {"status": shapes.status(snapshot, current)}),
    _document("components.json", lambda snapshot, current: {"components": shapes.components(snapshot)}),
    _document("incidents.json", _incidents),
    _document("incidents/unresolved.json", _unresolved),
    _document("scheduled-maintenances.json", _of(lambda each: True)),
    _document("scheduled-maintenances/upcoming.json", _of(lambda each: each.status == "scheduled")),
    _document("scheduled-maintenances/active.json", _of(lambda each: each.status in RUNNING)),
)
