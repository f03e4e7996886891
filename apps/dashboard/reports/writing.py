"""The report as a table for other programs (RFC 4180), and durations for people. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import timedelta

from apps.dashboard.reports.figures import Report, Times
from apps.sla.durations import spell
from apps.trail.exporting.formats import MARK, safe

COLUMNS = ("figure", "of", "tickets", "needed_help", "share", "requests", "p50_seconds", "p90_seconds")


def as_csv(report: Report) -> bytes:
    """One line a figure: which, of what, and its numbers; a share is between 0 and 1, times are in seconds."""
    return written(COLUMNS, _rows(report))


def written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table for spreadsheets: none of its cells is taken for a formula."""
    text = io.StringIO()
    text.write(MARK)
    csv.writer(text).writerows([columns, *([safe(cell) for cell in row] for row in rows)])
    return text.getvalue().encode("utf-8", "replace")


def spelt(duration: timedelta | None) -> str:
    """As exact as anybody wants it: minutes within a day, else hours."""
    if duration is None:
        return "—"
    unit = timedelta(hours=1) if duration >= timedelta(days=1) else timedelta(minutes=1)
    return spell(unit * max(round(duration / unit), 1))


def seconds(duration: timedelta | None) -> int | None:
    """Whole seconds, as other programs read it."""
    return None if duration is None else round(duration.total_seconds())


def _rows(report: Report) -> Iterable[Sequence[object]]:
    for month in report.months:
        yield "month", f"{month.first:%Y-%m}", month.tickets, month.needed, _share(month.share), None, None, None
    yield "period", "", report.tickets, report.needed, _share(report.share), None, None, None
    for which, found in report.slices.items():
        for each in found:
            share = each.tickets / report.tickets if report.tickets else None
            yield which, each.key or each.name, None, each.tickets, _share(share), each.requests, None, None
    for kind, rows in (("priority", report.times), ("completeness", report.completeness)):
        for row in rows:
            yield from _times(kind, row)
    yield "asked teammates", "", None, None, None, report.asked_teammates, None, None
    yield "solved by teammates", "", None, None, None, report.solved_by_teammates, None, None


def _times(kind: str, row: Times) -> Iterable[Sequence[object]]:
    first, second = (row.acknowledge_p50, row.acknowledge_p90), (row.answer_p50, row.answer_p90)
    yield f"time to acknowledge by {kind}", row.name, None, None, None, row.acknowledged, *map(seconds, first)
    yield f"time to answer by {kind}", row.name, None, None, None, row.answered, *map(seconds, second)


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.4f}"
