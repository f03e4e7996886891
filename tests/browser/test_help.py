"""Help from engineering in a real browser: from the ticket to what was learned, found by the next who asks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser
SUMMARY = "Uploads above 50 MB are cut off behind their proxy"
TICKET = "4705"
TEAM = "Sustained Engineering Team"


def become(page: Page, portal: str, email: str) -> None:
    page.context.clear_cookies()
    sign_in(page, portal, email)


def ask_in_five_steps(page: Page) -> None:
    """From the ticket's page through the form until it is filed."""
    page.get_by_role("link", name="Ask for help", exact=True).click()
    page.locator("#summary").fill(SUMMARY)
    page.locator("#description").fill("> It worked before the upgrade.\n\nThe container's limit seems ignored.")
    page.get_by_label("Customer's environment", exact=True).fill("9.2 on Kubernetes")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Post it to teammates").click()
    expect(page.get_by_role("heading", name="Your teammates are asked")).to_be_visible()
    page.locator("#reason-1").check()
    page.get_by_role("button", name="Go on to the team").click()
    page.locator("#choice-other").check()
    page.locator("select[name=other]").select_option(label=TEAM)
    page.get_by_role("button", name="Choose and go on").click()
    expect(page.locator("#title")).to_have_value(re.compile(SUMMARY))
    page.get_by_role("button", name="Save and go on").click()
    page.locator("#timeline").fill("Tomorrow is fine")
    page.get_by_role("button", name=f"File it with {TEAM}").click()


def press(page: Page, button: str, submit: str, **typed: str) -> None:
    """A step by its dialog."""
    page.get_by_role("link", name=re.compile(f"{button}$")).locator("visible=true").first.click()
    dialog = page.get_by_role("dialog")
    for label, text in typed.items():
        dialog.get_by_label(re.compile(label.replace("_", " "), re.IGNORECASE)).fill(text)
    dialog.get_by_role("button", name=submit).click()


def test_help_is_asked_for_given_and_found_again(page: Page, portal: str) -> None:
    sign_in(page, portal, "agent@demo.example")
    page.goto(f"{portal}/admin/tickets/ticket/?q={TICKET}")
    page.get_by_role("link", name=re.compile(TICKET)).first.click()
    ask_in_five_steps(page)
    state = page.locator("[data-rfh-state]")
    expect(state).to_have_text("Filed")
    request = page.url

    # The engineer finds it at Home, takes it, and answers.
    become(page, portal, "farid@demo.example")
    page.get_by_role("link", name=re.compile(SUMMARY)).first.click()
    press(page, "Acknowledge", "Yes, it is mine")
    expect(state).to_have_text("Acknowledged")
    expect(page.locator("[data-owner]")).to_have_text("Farid Haddad")
    press(page, "Post an update", "Post it", How_it_stands="The chart's upgrade reset the limit.")
    expect(page.locator("[data-notes]")).to_contain_text("reset the limit")
    press(page, "Answer", "Give the answer", The_answer="Set the body size in the chart's values.")
    expect(state).to_have_text("Answered")

    # Support brings it to its end, and the next who asks finds it.
    become(page, portal, "agent@demo.example")
    page.goto(request)
    press(page, "Resolve", "Resolve", What_we_learned="Upgrades of the chart reset the zebra limit.")
    expect(state).to_have_text("Resolved")
    expect(page.locator("[data-story]")).to_contain_text("resolved")
    page.goto(f"{portal}/rfhs/answers/")
    page.locator("#q").fill("zebra limits")
    page.get_by_role("button", name="Search", exact=True).click()
    found = page.locator("[data-answers] > li")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(SUMMARY)
    expect(found.locator("mark").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0
    page.goto(request)
    assert overflow(page) == 0
