"""The main job in a real browser: from a manager's edit to a ticket, a tier, a snooze, a reply, and the story of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window, once its fonts are there: an icon is a word before."""
    return int(
        page.evaluate(
            "document.fonts.ready.then(() =>"
            " document.documentElement.scrollWidth - document.documentElement.clientWidth)"
        )
    )


def post_ticket(page: Page, portal: str, number: str) -> None:
    page.goto(f"{portal}/preview/")
    page.get_by_label("Number", exact=True).fill(number)
    page.get_by_label("Priority").select_option(label="Urgent")
    page.get_by_role("button", name=re.compile("^Post it in #support-enterprise")).click()
    expect(page.locator(f"[data-ticket='{number}']")).to_be_visible()


def edit_first_tier(page: Page, portal: str, after: str) -> None:
    """Type another time into the Enterprise policy's first tier, and save as far as the effect page."""
    page.goto(f"{portal}/admin/sla/policy/")
    page.get_by_role("link", name="Enterprise", exact=True).click()
    page.locator("input[name$='-0-after']").fill(after)
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_manager_sees_the_effect_first_and_a_ticket_is_told_of_snoozed_and_answered(page: Page, portal: str) -> None:
    sign_in(page, portal, "manager@demo.example")

    # An open ticket whose first tier has not spoken makes the effect visible before it is saved; the demo's own may
    # have spoken by now.
    post_ticket(page, portal, "99000")
    edit_first_tier(page, portal, "3 s")
    expect(page.get_by_role("button", name="Save these changes")).to_be_visible()
    page.get_by_role("button", name="Save these changes").click()
    expect(page.get_by_text(re.compile("was changed successfully"))).to_be_visible()

    # A ticket message; the first tier falls due three seconds after it.
    post_ticket(page, portal, "99001")
    thread = page.locator("[data-ticket='99001']")
    told = thread.locator("[data-message='bot']").first
    expect(told).to_contain_text("has waited")
    expect(told).to_contain_text("Tier 1")
    expect(told).to_contain_text("Everybody on shift")

    # Snoozed by its button.
    told.get_by_role("button", name="Snooze 30 min").click()
    expect(thread.locator("[data-message='bot']").nth(1)).to_contain_text(re.compile("reply", re.IGNORECASE))

    # Answered in the help desk.
    thread.get_by_role("button", name=re.compile("^Answer in the help desk")).click()
    expect(page.locator("#slack-said")).to_have_text("Ticket 99001 was answered in the help desk.")
    thread.get_by_role("link", name="Story of 99001").click()
    story = page.locator("[data-story]")
    for sentence in (
        "was opened from Slack",
        "Enterprise promises a first response to ticket 99001",
        "Tier 1 was reached for ticket 99001",
        "was snoozed for 30 min",
        "An agent first replied in ticket 99001",
        "The first response to ticket 99001 came in time",
    ):
        expect(story).to_contain_text(sentence)
    expect(page.locator("[data-ticket-promise]")).to_contain_text("Kept")
    expect(page.get_by_role("region", name="What happens next")).to_contain_text("Nothing")

    # Every entry has an address of its own that can be pasted.
    page.get_by_role("button", name=re.compile("^Copy the link to: Tier 1 was reached")).click()
    link = story.locator("[data-event='EscalationReached'] a[href^='/trail/']").first.get_attribute("href")
    page.goto(f"{portal}{link}")
    expect(page.get_by_role("heading", name=re.compile("Tier 1 was reached for ticket 99001"))).to_be_visible()


def test_a_mistake_in_a_tier_loses_nothing_that_was_typed(page: Page, portal: str) -> None:
    sign_in(page, portal, "manager@demo.example")

    edit_first_tier(page, portal, "ten minutes or so")

    expect(page.locator("input[name$='-0-after']")).to_have_value("ten minutes or so")
    expect(page.get_by_text(re.compile("10 min, 1 h 30 min")).first).to_be_visible()


def test_an_agent_cannot_change_a_policy(page: Page, portal: str) -> None:
    sign_in(page, portal, "agent@demo.example")

    page.goto(f"{portal}/admin/sla/policy/")
    page.get_by_role("link", name="Enterprise", exact=True).click()

    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)


@pytest.mark.parametrize("path", ["/admin/", "/admin/tickets/ticket/", "/preview/", "/admin/sla/policy/", "/profile/"])
def test_a_page_fits_a_phone(page: Page, portal: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, portal, "manager@demo.example")

    page.goto(f"{portal}{path}")

    assert overflow(page) <= 0


def test_on_a_phone_a_ticket_is_a_short_card_that_says_first_when_it_is_due(page: Page, portal: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, portal, "manager@demo.example")

    page.goto(f"{portal}/admin/tickets/ticket/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Tickets")
    card = page.locator("#result_list .data-row").first
    boxes = [card.bounding_box(), *(card.locator(f".field-{name}").bounding_box() for name in ("due", "customer"))]
    whole, due, customer = (box for box in boxes if box)
    assert whole["height"] < 300
    assert due["y"] < customer["y"]


def test_a_message_as_slack_sent_it_fits_a_phone(page: Page, portal: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, portal, "manager@demo.example")

    page.goto(f"{portal}/admin/slack/slackmessage/")
    page.locator("#result_list a[href*='/change/']").first.click()
    page.get_by_text("As Slack sent it").wait_for()

    assert overflow(page) <= 0


def test_times_are_shown_in_the_viewers_zone_with_its_name(page: Page, portal: str) -> None:
    sign_in(page, portal, "manager@demo.example")

    page.goto(f"{portal}/admin/")

    expect(page.get_by_text(re.compile(r"\d\d:\d\d (GMT|BST)")).first).to_be_visible()


def test_a_keyboard_alone_signs_in_skips_the_menu_and_finds_a_ticket_by_its_number(page: Page, portal: str) -> None:
    page.goto(f"{portal}/admin/login/")
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type("agent@demo.example")
    page.keyboard.press("Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{portal}/admin/")

    page.goto(f"{portal}/admin/tickets/ticket/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Search", exact=True)).to_be_focused()

    # Enter at once, before anything was found.
    page.get_by_role("button", name="Find a ticket or a page").press("Enter")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("4705")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ticket 4705")

    page.wait_for_load_state()
    page.get_by_role("button", name="Find a ticket or a page").press("Enter")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("nothing like this")
    expect(page.get_by_text("Nothing was found for “nothing like this”.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    # And what was chosen with the arrows rather than the first.
    page.get_by_role("button", name="Find a ticket or a page").press("Enter")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("acme")
    expect(page.locator("#command-results-list li")).not_to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#command-results-list li a").nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{portal}{second}")
