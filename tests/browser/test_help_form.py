"""The guided form in a real browser: what is typed is kept without the network, and beside what others typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser


def test_what_is_typed_into_a_request_is_never_lost(page: Page, browser: Browser, portal: str) -> None:
    sign_in(page, portal, "agent@demo.example")
    page.goto(f"{portal}/rfhs/new/")
    saved = page.locator("[data-saved]")
    page.locator("#summary").fill("Why does indexing stop at midnight?")
    expect(page).to_have_url(re.compile(r"/rfhs/\d+/form/context/"))
    expect(saved).to_have_text("Saved.")
    draft = page.url

    # The network goes while somebody types, and comes back.
    page.context.set_offline(True)
    page.get_by_label("Urgency").fill("Their audit is on Friday")
    expect(saved).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    expect(saved).to_have_text("Saved.")
    expect(page.locator("[data-completeness]")).to_contain_text("1 of 6 known")

    # Somebody signs out in another tab, and in again.
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_label("Customer's environment").fill("9.2 on Kubernetes")
    expect(saved).to_contain_text("sign in in another tab")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    expect(saved).to_have_text("Saved.")

    # A manager writes in the same place; no script runs there.
    plain = browser.new_context(java_script_enabled=False)
    theirs = plain.new_page()
    sign_in(theirs, portal, "manager@demo.example")
    theirs.goto(draft)
    theirs.get_by_label("Steps to reproduce").fill("Wait until midnight.")
    theirs.get_by_label("What they changed lately").fill("A new proxy.")
    theirs.get_by_label("Add files").set_input_files({"name": "a.log", "mimeType": "text/html", "buffer": b"refused"})
    theirs.get_by_role("button", name="Attach", exact=True).click()
    expect(theirs.get_by_role("link", name="a.log")).to_be_visible()
    page.get_by_label("Steps to reproduce").fill("Start the indexer.")
    steps = page.locator("[data-field='detail-steps_to_reproduce']")
    expect(steps).to_contain_text("Wait until midnight.")
    expect(page.get_by_label("Steps to reproduce")).to_have_value("Start the indexer.")
    expect(page.get_by_label("What they changed lately")).to_have_value("A new proxy.")
    steps.get_by_role("button", name="Keep mine").click()
    expect(saved).to_have_text("Saved.")
    # What is too long stays where it is typed, and is said to be wrong to those who do not see it, too.
    page.get_by_label("Urgency").fill("x" * 20_001)
    expect(page.get_by_label("Urgency")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Urgency").fill("Their audit is on Friday")
    expect(page.get_by_label("Urgency")).not_to_have_attribute("aria-invalid", "true")
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0
    theirs.reload()
    expect(theirs.get_by_label("Steps to reproduce")).to_have_value("Start the indexer.")
    plain.close()
