"""Who moves what has clocks keeps nobody from pointing at it: the sweep's commit would wait, and be waited for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from apps.pages import services as pages
from apps.rfhs import services as rfhs
from apps.tickets import services as tickets
from tests import make
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)


def points_at(row: Any) -> None:
    """As a foreign key is checked. Raises OperationalError where that would wait."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {row._meta.db_table} WHERE id = %s FOR KEY SHARE NOWAIT", [row.pk])


def test_a_clock_can_point_at_what_somebody_moves(now: datetime) -> None:
    ticket, rfh, page = make.ticket(), make.filed_rfh(), make.page(now=now)

    with transaction.atomic():
        tickets.move(ticket, "solved", now=now)
        rfhs.change(rfh, {"summary": "How does one move it?"}, by=make.acting(), now=now)
        pages.acknowledge(page, by=make.acting(), now=now)
        tries = [in_a_thread(lambda row=row: points_at(row)) for row in (ticket, rfh, page)]
        for thread, _ in tries:
            thread.join()

    assert [found for _, found in tries] == [[None]] * 3
