"""What a request's page, the board and other readers see of its promises."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.escalations.rfh_selectors import promises_of
from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.rfhs.selectors import RELATED
from supportops import roles, shipped
from tests import make
from tests.escalations.engine import sweep

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def rows() -> list[RFH]:
    return list(RFH.objects.select_related(*RELATED).order_by("pk"))


def test_each_request_has_its_promises_what_runs_first_and_who_hears_next(now: datetime) -> None:
    shipped.ship_requests(now)
    ben = make.agent("Ben")
    make.rotation(make.layer(ben), slug="set", team_of=make.team("set", ben))
    urgent = make.filed_rfh(now, team_of=make.team("set"), priority="p1")
    draft = make.rfh(now)
    services.acknowledge(urgent, by=make.acting(), now=now + HOUR / 4)
    sweep(now + 5 * HOUR)

    found = promises_of(rows(), now=now + 5 * HOUR, people=True)

    answer, update, acknowledgement = found[urgent.pk]
    assert (answer.name, answer.how_soon, answer.late, answer.next) == ("First answer", "within 4 h", True, None)
    assert (update.name, update.how_soon, update.late) == ("Update", "every 1 day", False)
    assert (acknowledgement.name, acknowledgement.clock.state) == ("Acknowledgement", "met")
    assert update.next is not None
    assert update.next.due_at == now + HOUR / 4 + 20 * HOUR
    assert found[draft.pk] == []


def test_many_cost_as_many_queries_as_one(now: datetime) -> None:
    shipped.ship_requests(now)

    def cost() -> int:
        requests = rows()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            promises_of(requests, now=now)
        return len(queries)

    make.filed_rfh(now)
    one = cost()
    for _ in range(5):
        make.filed_rfh(now)

    assert (one, cost()) == (2, 2)


@pytest.fixture
def manager(now: datetime) -> Client:
    roles.sync(now)
    who = make.agent("Mia")
    who.groups.set([Group.objects.get(name=roles.MANAGER)])
    client = Client()
    client.force_login(who)
    return client


def test_the_requests_page_and_its_card_say_what_is_due(manager: Client) -> None:
    now = timezone.now()
    shipped.ship_requests(now)
    late = make.filed_rfh(now - 2 * HOUR, priority="p1", by=make.acting(make.agent("Ana")))

    page = manager.get(f"/admin/rfhs/rfh/{late.pk}/change/").content.decode()
    board = manager.get("/rfhs/board/").content.decode()

    assert 'data-promise="acknowledgement"' in page
    assert "P1 requests for help: within 1 h" in page
    assert "<b>Ana</b>" in page
    assert "Acknowledgement overdue" in board
