"""A hand-over in a real browser: two leads pass a page on and confirm it, and it is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser

SET = "sustained-engineering"
WHAT = "The nightly export of every board hangs."
HOUR = timedelta(hours=1)


def next_change() -> datetime:
    """The demo's people change on Mondays at nine in Lisbon."""
    now = datetime.now(ZoneInfo("Europe/Lisbon"))
    monday = now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=-now.weekday())
    return monday if monday > now else monday + timedelta(days=7)


def test_two_leads_hand_over_a_page(page: Page, browser: Browser, portal: str) -> None:
    sign_in(page, portal, "manager@demo.example")
    page.goto(f"{portal}/admin/pages/page/add/")
    page.locator("select[name=team]").select_option(label="Sustained Engineering Team")
    page.get_by_label("Message").fill(WHAT)
    page.get_by_role("button", name="Send the page", exact=True).click()
    expect(page.get_by_text("is paged.")).to_be_visible()

    # The manager leads from the change on, and from the one after it: that is the next one's hand-over in a cycle of
    # two weeks that has begun, which a job sees to a minute or two after the portal is there.
    for change in (next_change(), next_change() + timedelta(days=7)):
        said = {
            "role": "lead",
            "remove": "lead@demo.example",
            "add": "manager@demo.example",
            "start": change.astimezone(UTC).isoformat(),
            "end": (change.astimezone(UTC) + HOUR).isoformat(),
        }
        page.goto(f"{portal}/rotations/{SET}/override/?{urlencode(said)}")
        page.get_by_label("Reason").fill("Lena is away")
        page.get_by_role("button", name="Show what it does").click()
        page.get_by_role("button", name="Save these changes").click()
        expect(page.get_by_text("The override is saved.")).to_be_visible()

    page.goto(f"{portal}/rotations/handovers/")
    page.get_by_label("Rotation", exact=True).select_option(value=SET)
    page.get_by_role("button", name="Open the hand-over").click()
    mine = page.locator(".handover-item").filter(has_text=WHAT)
    expect(mine).to_contain_text("Nobody took it yet")
    mine.get_by_label("What they should know").fill("The customer waits until Tuesday.")
    page.get_by_role("button", name="Pass on all as chosen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Incoming team")).to_contain_text("The customer waits until Tuesday.")
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("It is confirmed for you.")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0

    # No script runs for the other lead.
    plain = browser.new_context(java_script_enabled=False)
    theirs = plain.new_page()
    sign_in(theirs, portal, "lead@demo.example")
    theirs.goto(page.url)
    theirs.get_by_role("button", name="Confirm", exact=True).click()
    expect(theirs.get_by_text("Everybody has: it is closed.")).to_be_visible()
    plain.close()
