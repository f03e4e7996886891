"""A page in the admin, in a real browser: sent, seen climbing, taken, and told as a story."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser


def test_a_manager_sends_a_page_takes_it_and_reads_its_story(page: Page, portal: str) -> None:
    sign_in(page, portal, "manager@demo.example")
    page.goto(f"{portal}/admin/pages/page/add/")
    page.locator("select[name=team]").select_option(index=1)
    page.get_by_label("Message").fill("Nobody can sign in since the deploy.")
    page.get_by_role("button", name="Send the page", exact=True).click()
    expect(page.get_by_text("is paged.")).to_be_visible()
    expect(page.locator("[data-steps]")).to_contain_text("Step 1: primary")

    # A dialog asks first; saying no changes nothing.
    page.locator("a:visible, button:visible").filter(has_text="Acknowledge").first.click()
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_text("is yours.")).to_be_visible()
    expect(page.locator("[data-story]")).to_contain_text(re.compile("acknowledged page"))

    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0
    page.goto(f"{portal}/admin/pages/page/")
    expect(page.get_by_text("Nobody can sign in since the deploy.")).to_be_visible()
    assert overflow(page) == 0
