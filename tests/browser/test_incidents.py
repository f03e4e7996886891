"""An incident in a real browser: an agent declares it from a ticket, a manager publishes, updates and closes it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser
TITLE = "Previews of files are empty"


def test_an_incident_from_a_ticket_to_its_end(page: Page, browser: Browser, portal: str) -> None:
    sign_in(page, portal, "agent@demo.example")
    page.goto(f"{portal}/admin/tickets/ticket/?q=marketplace")
    page.get_by_role("link", name="Plugin marketplace shows no versions").first.click()
    page.get_by_role("link", name="Declare an incident").click()
    page.get_by_label("What is broken").fill(TITLE)
    page.get_by_role("radio", name=re.compile("sev-3")).check()
    page.get_by_label("To the public").fill("Previews are empty. *Files themselves* are there.")
    page.get_by_label("Among ourselves").fill("The converter is out of memory.")
    page.get_by_label("Find a component").fill("file st")
    expect(page.get_by_label("Web application")).to_be_hidden()
    page.get_by_label("File storage").select_option("As its severity says")
    page.get_by_role("button", name="Declare the incident").click()
    expect(page.locator("[data-awaits]")).to_contain_text("A manager or lead publishes it")
    expect(page.locator("[data-component=files]")).to_contain_text("Degraded performance")
    expect(page.locator("#do-publish")).to_have_count(0)

    # A manager finds it on the home page, on a phone.
    phone = browser.new_context(viewport={"width": 390, "height": 844}, timezone_id="Europe/London")
    theirs = phone.new_page()
    sign_in(theirs, portal, "manager@demo.example")
    theirs.locator("[aria-labelledby=home-incidents] li", has_text=TITLE).get_by_role("link").click()
    assert not overflow(theirs)
    theirs.locator("#do-publish").click()
    dialog = theirs.get_by_role("dialog")
    expect(dialog).to_contain_text("Previews are empty.")
    dialog.get_by_role("button", name="Publish it").click()
    expect(theirs.locator("[data-incident-audience]")).to_have_text("Public")
    theirs.locator("#do-post_update").click()
    dialog.get_by_label("How it stands").select_option("Monitoring")
    dialog.get_by_label("To the public").fill("Previews come back.")
    # Enter in the box that narrows the list sends nothing.
    dialog.get_by_label("Find a component").press("Enter")
    dialog.get_by_role("button", name="Post it").click()
    expect(theirs.locator("[data-incident-state]")).to_have_text("Monitoring")
    theirs.locator("#do-close").click()
    dialog.get_by_role("button", name="Yes, it is over").click()
    expect(theirs.locator("[data-incident-state]")).to_have_text("Resolved")
    expect(theirs.locator("[data-component=files]")).to_contain_text("Operational")
    assert not overflow(theirs)
    phone.close()
