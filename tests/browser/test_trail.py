"""From "what happened to ticket 4705?" to the pasted link of one event, and a trail that reads on as one scrolls."""

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


def test_what_happened_to_a_ticket_ends_in_a_link_that_somebody_else_opens(
    page: Page, portal: str, browser: Browser
) -> None:
    sign_in(page, portal, "manager@demo.example")

    # The question, asked of the palette with the keyboard alone.
    page.keyboard.press("Control+k")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type(NUMBER)
    answer = page.locator("#command-results-list").get_by_text(f"What happened to ticket {NUMBER}")
    expect(answer).to_be_visible()
    answer.click()

    # Its story, as a list whose address says what was asked.
    page.wait_for_url(f"{portal}/trail/?q={NUMBER}")
    expect(page.get_by_role("list", name="Narrowed by")).to_contain_text(f"Ticket {NUMBER}")
    page.get_by_role("link", name=re.compile(f"Ticket {NUMBER} .* was opened from Slack")).click()

    # One event: what it says, and what it led to.
    expect(page.get_by_role("heading", name=re.compile(f"Ticket {NUMBER} .* was opened from Slack"))).to_be_visible()
    tree = page.get_by_role("region", name="Why, and what it led to")
    expect(tree.locator("[aria-current]")).to_contain_text("was opened from Slack")
    expect(tree).to_contain_text(f"promises a first response to ticket {NUMBER}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#portal-voice")).to_have_text("The link was copied.")
    address = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{portal}/trail/\d+/", address)

    # Pasted to a colleague, who signs in on the way.
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    theirs = context.new_page()
    theirs.goto(address)
    theirs.get_by_label("Email").fill("agent@demo.example")
    theirs.get_by_label("Password").fill("demo")
    theirs.get_by_role("button", name="Log in").click()
    theirs.wait_for_url(address)
    expect(theirs.get_by_role("heading", name=re.compile(f"Ticket {NUMBER} .* was opened from Slack"))).to_be_visible()
    expect(theirs.get_by_text(re.compile(r"\d\d:\d\d (CET|CEST)")).first).to_be_visible()
    context.close()


def test_the_trail_reads_on_as_one_scrolls_and_gives_each_event_once(page: Page, portal: str) -> None:
    sign_in(page, portal, "manager@demo.example")
    # More than a page, and not all that the demo did.
    page.goto(f"{portal}/trail/?customer=acme")
    entries = page.locator("[data-trail-events] > li")
    expect(entries).not_to_have_count(0)

    for _ in range(40):
        if page.get_by_text("That is all of it.").count():
            break
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(100)

    expect(page.get_by_text("That is all of it.").first).to_be_visible()
    ids = entries.evaluate_all("found => found.map(each => each.id)")
    assert len(ids) > 50
    assert len(set(ids)) == len(ids)
    # What came later has its buttons as well.
    expect(entries.last.get_by_role("button")).to_be_visible()


def test_when_the_next_events_cannot_be_fetched_the_link_stays_and_nobody_is_asked_again(
    page: Page, portal: str
) -> None:
    sign_in(page, portal, "manager@demo.example")
    asked: list[str] = []
    page.route("**/trail/more/**", lambda route: (asked.append(route.request.url), route.abort()))
    page.goto(f"{portal}/trail/")

    page.mouse.wheel(0, 20_000)
    expect(page.locator("[data-trail-said]")).to_have_text(re.compile("could not be fetched"))
    page.wait_for_timeout(500)

    assert len(asked) == 1
    page.get_by_role("link", name="Older", exact=True).click()
    page.wait_for_url(re.compile(r"/trail/\?before="))
    expect(page.get_by_role("heading", name="Older events")).to_be_visible()


def test_filters_stay_in_the_address_and_are_taken_away_one_by_one(page: Page, portal: str) -> None:
    sign_in(page, portal, "agent@demo.example")
    page.goto(f"{portal}/trail/")

    page.get_by_text("Narrow it by customer, person, type and time").click()
    page.get_by_role("combobox", name="Customer").fill("acme")
    page.get_by_label("Type").select_option(label="Ticket opened")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(f"{portal}/trail/?customer=acme&type=TicketOpened")
    entries = page.locator("[data-trail-events] > li")
    expect(entries.first).to_contain_text("was opened")
    opened = entries.count()

    page.reload()
    expect(entries).to_have_count(opened)
    page.get_by_role("link", name="Take away: Type: Ticket opened").press("Enter")
    page.wait_for_url(f"{portal}/trail/?customer=acme")
    expect(page.get_by_role("list", name="Narrowed by")).to_contain_text("Customer: Acme Robotics")

    page.get_by_role("searchbox", name="Search").fill("nothing like this")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


@pytest.mark.parametrize("path", ["/trail/", "/trail/?q=4705&within=30d&customer=acme", "/trail/1/", "/trail/?q=x"])
def test_the_trail_fits_a_phone(page: Page, portal: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, portal, "manager@demo.example")

    page.goto(f"{portal}{path}")

    assert overflow(page) <= 0
