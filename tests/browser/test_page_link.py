"""A person's own link in a real browser: looked at it changes nothing, its button acknowledges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.pages import links
from apps.pages.models import Page as Call
from tests import make
from tests.browser.test_main_job import overflow

# Playwright's own loop is no reason for Django not to ask its database.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True, scope="module")
def may_ask() -> Iterator[None]:
    """For the module: the database is emptied after each test, while Playwright's loop still runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def test_the_button_of_a_link_acknowledges_and_looking_does_not(page: Page, live_server: Any) -> None:
    ana = make.agent("Ana")
    call = make.page(to=make.team("set", ana), now=timezone.now())
    call.paged.create(agent=ana, step=1, at=timezone.now())
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"{live_server.url}{links.path(call.pk, ana.pk)}")
    page.reload()
    before = Call.objects.get().state
    fits = overflow(page)
    page.get_by_role("button", name="Acknowledge, as Ana").press("Enter")

    expect(page.get_by_role("status")).to_contain_text("is yours")
    assert (before, Call.objects.get().owner, fits) == ("open", ana, 0)
