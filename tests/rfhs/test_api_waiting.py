"""Filing waits a moment for the issue that a worker makes."""

from __future__ import annotations

from datetime import datetime
from threading import Timer
from typing import Any

import pytest
from django.db import connection

from apps.rfhs.api.waiting import is_being_made
from apps.rfhs.models import RFH, Issue
from tests import make

pytestmark = pytest.mark.django_db


def wanted(rfh: RFH, **fields: Any) -> Issue:
    issue, _ = Issue.objects.get_or_create(rfh=rfh, tracker="private", defaults={"title": "Help", "body": "Help"})
    Issue.objects.filter(pk=issue.pk).update(**fields or {"url": ""})
    return issue


def made_by_a_worker(issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk).update(making="made", number=7, url="https://github.com/acme/help/issues/7")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_address_is_told_as_soon_as_the_worker_has_it(now: datetime, settings: Any) -> None:
    settings.RFH_PRIVATE_TRACKER = "acme/help"
    rfh = make.filed_rfh(now)
    issue = wanted(rfh)
    worker = Timer(0.3, made_by_a_worker, [issue])

    worker.start()
    still = is_being_made(rfh, seconds=10)
    worker.join()

    assert not still


@pytest.mark.parametrize("why", ["no time", "told to take longer", "no tracker"])
def test_nobody_waits_for_what_does_not_come(now: datetime, settings: Any, why: str) -> None:
    settings.RFH_PRIVATE_TRACKER = "" if why == "no tracker" else "acme/help"
    rfh = make.filed_rfh(now)
    wanted(rfh, **({"delayed_at": now} if why == "told to take longer" else {}))

    assert is_being_made(rfh, seconds=0 if why == "no time" else 60)
