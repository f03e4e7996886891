"""A swap in a real browser: asked for from the board, taken by the other, and there on the board."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser

LOCAL = "%Y-%m-%dT%H:%M"


def test_a_day_is_asked_about_on_the_board_and_taken(page: Page, browser: Browser, portal: str) -> None:
    board = f"{portal}/rotations/sustained-engineering/"
    sign_in(page, portal, "manager@demo.example")
    page.goto(board)
    # The last that is shown has not begun.
    page.get_by_role("button", name=re.compile("^primary: ")).last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Swap with…").click()
    begins = datetime.strptime(page.get_by_label("From", exact=True).input_value(), LOCAL)
    page.get_by_label("Until", exact=True).fill((begins + timedelta(days=1)).strftime(LOCAL))
    page.get_by_label("Who is asked").select_option(label="Lena Okafor")
    page.get_by_label("Message").fill("A day at the dentist's")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("It is asked.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0

    # No script runs for who is asked.
    plain = browser.new_context(java_script_enabled=False, viewport={"width": 1400, "height": 900})
    theirs = plain.new_page()
    sign_in(theirs, portal, "lead@demo.example")
    theirs.get_by_role("link", name=re.compile("Swaps")).click()
    theirs.get_by_role("region", name="Asked of me").get_by_role("link", name=re.compile("primary in")).click()
    expect(theirs.get_by_text("Lena Okafor is primary and lead at once")).to_be_visible()
    theirs.get_by_role("button", name="Take it").click()
    expect(theirs.get_by_text("You have taken it.")).to_be_visible()
    plain.close()

    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(board)
    expect(page.get_by_role("button", name=re.compile("^primary: Lena Okafor"))).to_be_visible()
