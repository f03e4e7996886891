"""The figures of incidents as a table for other programs (RFC 4180)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.dashboard.reports.incidents.figures import Report, Row, Time
from apps.dashboard.reports.writing import seconds, written

TIMES = ("mtta", "mttr", "first_public_update")
PARTS = ("incidents", "mean_seconds", "p50_seconds", "p90_seconds")
COLUMNS = ("figure", "of", "incidents", "open", *(f"{time}_{part}" for time in TIMES for part in PARTS))


def as_csv(report: Report) -> bytes:
    """One line a figure: which, of what, how many incidents, and its times in seconds, each with how many it is of."""
    return written(COLUMNS, _rows(report))


def _rows(report: Report) -> Iterable[Sequence[object]]:
    yield _line("period", "", report.total)
    for _, row in report.months:
        yield _line("month", row.key, row)
    for row in report.severities:
        yield _line("severity", row.key, row)
    for row in report.components:
        yield _line("component", row.key or row.name, row)


def _line(figure: str, of: str, row: Row) -> Sequence[object]:
    times = (*_parts(row.acknowledge), *_parts(row.resolve), *_parts(row.tell))
    return (figure, of, row.incidents, row.open, *times)


def _parts(time: Time) -> tuple[object, ...]:
    return (time.incidents, seconds(time.mean), seconds(time.p50), seconds(time.p90))
