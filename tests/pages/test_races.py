"""Two who act on one page at the same moment, each with a connection of their own."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from apps.pages import services
from apps.pages.errors import AlreadyAcknowledged
from tests import make
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_that_was_nobodys_is_not_handed_over_from_who_takes_it_just_now(now: datetime) -> None:
    farid, greta = make.agent("Farid"), make.agent("Greta")
    page = make.page(to=make.team("set", farid), now=now)

    with transaction.atomic():
        services.hand_over(page, to=farid, by=make.acting(), now=now)
        thread, found = in_a_thread(lambda: services.hand_over(page, to=greta, by=make.acting(), was="", now=now))
        make.until_somebody_waits()
    thread.join()

    page.refresh_from_db()
    assert page.owner == farid
    [refusal] = found
    assert isinstance(refusal, AlreadyAcknowledged)
