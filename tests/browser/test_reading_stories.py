"""From "the customer says it broke at five" to the customer's answer: compare, note, check, copy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser
NUMBER = "4705"


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window, once its fonts are there: an icon is a word before."""
    return int(
        page.evaluate(
            "document.fonts.ready.then(() =>"
            " document.documentElement.scrollWidth - document.documentElement.clientWidth)"
        )
    )


def test_a_case_is_compared_noted_checked_and_told(portal: str, page: Page) -> None:
    sign_in(page, portal, "manager@demo.example")

    # Side by side: the ticket, and its customer beside it with a click.
    page.goto(f"{portal}/trail/compare/")
    page.get_by_label("Story 1").fill(NUMBER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile(r"events? from .* GMT|events? from .* BST"))).to_be_visible()
    page.get_by_role("link", name="customer:acme", exact=True).click()
    expect(page.get_by_role("columnheader", name="customer:acme")).to_be_visible()
    expect(page.locator(".compare-gap").first).to_contain_text("Gap: nothing for")

    # A finding, about the event that shows it, with the keyboard alone.
    opened = page.get_by_role("checkbox", name=re.compile(f"The finding is about: Ticket {NUMBER} .* was opened")).first
    opened.focus()
    page.keyboard.press("Space")
    page.get_by_label("What you found").fill("It was opened while the sync ran.")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_text(f"Your finding is noted on ticket:{NUMBER}.")).to_be_visible()
    finding = page.locator("[data-finding]", has_text="It was opened while the sync ran.")
    expect(finding.get_by_role("link", name=re.compile("^event "))).to_be_visible()

    # The link that is shared leads somebody else to the same window.
    shared = page.get_by_role("button", name="Copy link").get_attribute("data-copy")
    page.goto(f"{portal}{shared}")
    expect(page.get_by_label("Story 2")).to_have_value("customer:acme")

    # A pattern is saved, and refused while it cannot be.
    page.goto(f"{portal}/admin/trail/pattern/add/")
    page.get_by_label("Name").fill("Opened during the sync")
    page.get_by_label("Advice").fill("Ask the customer to try again.")
    page.locator("#id_required").fill("TicketOpend")
    page.locator("input[name=required]").nth(1).fill("FindingNoted")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Did you mean TicketOpened?")).to_be_visible()
    page.locator("#id_required").fill("TicketOpened")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    # Checked with a click.
    page.get_by_role("link", name="Check a case").click()
    page.get_by_label("A ticket's number, or any story").fill(NUMBER)
    page.get_by_role("button", name="Check").click()
    pattern = page.locator("[data-pattern]", has_text="Opened during the sync")
    expect(pattern.locator(".trail-state[data-found]")).to_contain_text("Found")
    expect(pattern.get_by_role("link", name=re.compile("Finding: It was opened while the sync ran."))).to_be_visible()
    expect(pattern.get_by_text("Ask the customer to try again.")).to_be_visible()

    # Told to the customer: what is internal cannot be chosen.
    page.get_by_role("link", name="Copy for the customer").click()
    expect(page.get_by_role("checkbox", name=re.compile("Finding"))).to_have_count(0)
    page.get_by_role("checkbox", name=re.compile(f"We received your request {NUMBER}")).check()
    page.get_by_label("Times in the zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Make the text").click()
    text = page.get_by_label("The text for the customer")
    expect(text).to_have_value(re.compile(rf"\d{{4}}, \d\d:\d\d JST: We received your request {NUMBER}: “.+”\.$"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text.input_value()

    # All of it is in the story.
    page.goto(f"{portal}/trail/compare/?stream={NUMBER}")
    for said in ("Finding: It was opened while the sync ran.", "An entry was copied for the customer"):
        expect(page.get_by_role("link", name=re.compile(said)).first).to_be_visible()


def test_the_pages_fit_a_phone(portal: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, portal, "agent@demo.example")

    for address in (
        f"/trail/compare/?stream={NUMBER}&stream=customer:acme&stream=customer:globex&stream=policy:1",
        f"/trail/patterns/?stream={NUMBER}",
        f"/trail/customer-copy/?stream={NUMBER}",
    ):
        page.goto(f"{portal}{address}")
        assert overflow(page) == 0, address
    context.close()


def test_an_agent_may_read_and_an_unknown_story_is_said_to_be_so(portal: str, page: Page) -> None:
    sign_in(page, portal, "agent@demo.example")

    page.goto(f"{portal}/trail/compare/?stream=999999")

    expect(page.get_by_text("Nothing happened there in this window.")).to_be_visible()
