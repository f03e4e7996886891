"""A causation tree as rows: how deep each is, which led here, and what somebody may not read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client

from apps.trail import services as trail
from apps.trail.browser.branches import BESIDE, DEEPEST, LED_HERE, LED_TO, THIS, rows_of
from apps.trail.causation import chain
from apps.trail.models import StoredEvent
from tests.trail.test_pages import signed_in

pytestmark = pytest.mark.django_db


def bell(now: datetime, cause: UUID | None = None, about: str = "bell:1") -> StoredEvent:
    rung = trail.publish("BellRung", about=[about], cause=cause, now=now)
    return StoredEvent.objects.get(position=rung.position)


def test_each_event_stands_below_what_led_to_it(now: datetime) -> None:
    root = bell(now)
    first, second = bell(now, root.event_id), bell(now, root.event_id)
    below = bell(now, first.event_id)

    rows = rows_of(chain(first), first, lambda event: True)

    assert [(row.event, row.level, row.relation) for row in rows] == [
        (root, 0, LED_HERE),
        (first, 1, THIS),
        (below, 2, LED_TO),
        (second, 1, BESIDE),
    ]


def test_what_may_not_be_read_keeps_its_place(now: datetime) -> None:
    root = bell(now, about="secret:1")
    below = bell(now, root.event_id)

    rows = rows_of(chain(below), below, lambda event: "bell:1" in event.about)

    assert [(row.event, row.relation) for row in rows] == [(None, LED_HERE), (below, THIS)]


def test_a_long_chain_is_indented_only_so_far(now: datetime) -> None:
    event = bell(now)
    for _ in range(DEEPEST + 3):
        event = bell(now, event.event_id)

    rows = rows_of(chain(event), event, lambda event: True)

    assert [row.level for row in rows] == list(range(DEEPEST + 4))
    assert max(row.indent for row in rows) == DEEPEST


def test_the_page_marks_its_own_event_and_links_every_other(now: datetime) -> None:
    root = bell(now)
    below = bell(now, root.event_id)
    reader = signed_in("trail.view_storedevent")

    page = reader.get(f"/trail/{below.position}/").content.decode()

    tree = page[page.index('class="trail-tree"') : page.index("</ol>", page.index('class="trail-tree"'))]
    assert f'href="/trail/{root.position}/"' in tree
    assert f'href="/trail/{below.position}/"' not in tree
    assert tree.index("Led here") < tree.index("This event")


def test_the_page_says_that_an_event_may_not_be_read_and_does_not_say_which(now: datetime) -> None:
    root = bell(now, about="secret:1")
    below = bell(now, root.event_id, about="ticket:1")
    reader: Client = signed_in("tickets.view_ticket")

    page = reader.get(f"/trail/{below.position}/").content.decode()

    assert "An event you may not read" in page
    assert f"/trail/{root.position}/" not in page
    assert "secret:1" not in page


def test_the_page_leads_along_each_of_its_streams(now: datetime) -> None:
    before = bell(now, about="ticket:1")
    here = StoredEvent.objects.get(position=trail.publish("BellRung", about=["ticket:1", "secret:1"], now=now).position)
    after = bell(now, about="secret:1")

    def beside(*rights: str) -> list[tuple[int | None, int | None]]:
        streams = signed_in(*rights).get(f"/trail/{here.position}/").context["streams"]
        return [(stream["earlier"], stream["later"]) for stream in streams]

    assert beside("trail.view_storedevent") == [(before.position, None), (None, after.position)]


def test_a_neighbour_that_may_not_be_read_is_not_linked(now: datetime) -> None:
    here = StoredEvent.objects.get(position=trail.publish("BellRung", about=["ticket:1", "secret:1"], now=now).position)
    bell(now, about="secret:1")

    streams = signed_in("tickets.view_ticket").get(f"/trail/{here.position}/").context["streams"]

    assert [stream["later"] for stream in streams] == [None, None]
