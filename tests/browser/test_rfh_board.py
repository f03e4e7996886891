"""The board of requests in a real browser: cards carried by keyboard and mouse, and one that somebody else moved."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser


def make_item(page: Page, portal: str, summary: str) -> None:
    page.goto(f"{portal}/rfhs/board/new/?back=set%3D1")
    page.get_by_label("What it is about").fill(summary)
    page.get_by_role("button", name="Make the item").click()
    expect(page.get_by_text(re.compile("who is primary on shift for"))).to_be_visible()


def card(page: Page, summary: str) -> Locator:
    return page.locator(".rfh-card", has_text=summary)


def column(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{title}"))


def drag(page: Page, summary: str, title: str) -> None:
    """As a hand does: the browser begins to drag only once the mouse has moved a little."""
    expect(page.locator("#rfh-board[aria-busy]")).to_have_count(0)
    start, end = card(page, summary).locator(".rfh-top").bounding_box(), column(page, title).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 80, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 90, start["y"] + 16, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 24, steps=8)
    page.mouse.up()


def test_a_card_goes_from_column_to_column_by_keyboard_and_mouse(page: Page, portal: str) -> None:
    # Wide enough for every column: a drag then needs no scrolling.
    page.set_viewport_size({"width": 1900, "height": 1000})
    sign_in(page, portal, "lead@demo.example")
    make_item(page, portal, "Tried by hand")

    # By keyboard: picked up, taken to the next column that takes it, put down; each is said.
    card(page, "Tried by hand").get_by_role("button", name=re.compile("^Move RFH-")).focus()
    page.keyboard.press("Enter")
    said = page.locator(".portal-notice[role=status]").first
    expect(said).to_contain_text("is picked up: Filed")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Acknowledged, 1 of")
    page.keyboard.press("Enter")
    expect(column(page, "Acknowledged").locator(".rfh-card", has_text="Tried by hand")).to_be_visible()
    expect(said).to_contain_text("is in “Acknowledged” now.")

    # By mouse, to a column that needs words: they are asked for, and the card is where it was until they are given.
    drag(page, "Tried by hand", "Answered")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Answer: RFH-")
    dialog.get_by_role("button", name="Answer").click()
    expect(dialog.get_by_role("alert")).to_contain_text("required")
    dialog.get_by_label("The answer").fill("Raise the limit.")

    # Somebody else is quicker: what was typed stays, and the second time it goes through.
    other = page.context.new_page()
    other.goto(f"{portal}/rfhs/board/?set=1&view=columns")
    menu = card(other, "Tried by hand").locator(".rfh-menu")
    menu.locator("summary").click()
    menu.get_by_role("button", name="Start").click()
    expect(column(other, "In progress").locator(".rfh-card", has_text="Tried by hand")).to_be_visible()
    other.close()
    dialog.get_by_role("button", name="Answer").click()
    expect(dialog.get_by_role("alert").first).to_contain_text("works on RFH-")
    expect(dialog.get_by_label("The answer")).to_have_value("Raise the limit.")
    dialog.get_by_role("button", name="Answer").click()
    expect(column(page, "Answered").locator(".rfh-card", has_text="Tried by hand")).to_be_visible()

    # Where it cannot go, it says from where it would be possible.
    drag(page, "Tried by hand", "In progress")
    expect(said).to_contain_text("only from filed, acknowledged, handed over")
    # What is said stays in sight, however far down the card is.
    page.set_viewport_size({"width": 1900, "height": 400})
    page.mouse.wheel(0, 5000)
    expect(said).to_be_in_viewport()

    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0


def test_what_was_typed_into_a_step_outlives_the_session(page: Page, portal: str) -> None:
    sign_in(page, portal, "lead@demo.example")
    make_item(page, portal, "Answered after a break")
    card(page, "Answered after a break").locator(".rfh-menu summary").click()
    card(page, "Answered after a break").get_by_role("button", name="Answer").click()
    dialog = page.locator("#rfh-dialog")
    dialog.get_by_label("The answer").fill("It was the proxy.")
    page.context.clear_cookies()

    dialog.get_by_role("button", name="Answer").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Sign in in another tab")
    other = page.context.new_page()
    sign_in(other, portal, "lead@demo.example")
    dialog.get_by_role("button", name="Answer").click()

    expect(dialog).to_be_hidden()
    expect(column(page, "Answered").locator(".rfh-card", has_text="Answered after a break")).to_be_visible()
