"""The on-call board in a real browser: a rotation made, a week overridden by keyboard, and a day swapped."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_main_job import overflow

pytestmark = pytest.mark.browser

WEEK = timedelta(weeks=1)
TURNS = "agent@demo.example\nlead@demo.example\nfarid@demo.example"


def make_rotation(page: Page, portal: str) -> None:
    """The three take turns from last week's Monday on: this week it is Lena's, next week Farid's."""
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday()) - WEEK
    page.goto(f"{portal}/admin/rotations/rotation/add/")
    page.locator("input[name=name]").press_sequentially("Tried in a browser")
    expect(page.locator("input[name=slug]")).to_have_value("tried-in-a-browser")
    page.locator("input[name=roles-0-name]").fill("primary")
    page.locator("input[name=layers-0-role_name]").fill("primary")
    page.locator("textarea[name=layers-0-people]").fill(TURNS)
    page.locator("input[name=layers-0-start_date]").fill(monday.isoformat())
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save these changes").click()
    expect(page.get_by_text(re.compile("was added successfully"))).to_be_visible()


def segment(page: Page, name: str) -> Locator:
    """Of the final schedule, by what a screen reader says."""
    return page.get_by_role("button", name=re.compile(name))


def save(page: Page) -> None:
    page.get_by_label("Reason").fill("Tried in a browser")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    page.get_by_role("button", name="Save these changes").click()


def test_a_lead_makes_a_rotation_overrides_a_week_and_swaps_a_day_on_the_board(page: Page, portal: str) -> None:
    sign_in(page, portal, "lead@demo.example")
    make_rotation(page, portal)
    board = f"{portal}/rotations/tried-in-a-browser/"

    # A week, by keyboard alone: Enter opens the segment's dialog, and its first link is the override.
    page.goto(board)
    segment(page, "^primary: Farid Haddad").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="primary: Farid Haddad")
    expect(dialog).to_contain_text("turn 3 of")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Who is on").select_option(label="Ana Torres")
    save(page)
    expect(page.get_by_text("The override is saved.")).to_be_visible()
    assert page.url == board
    expect(segment(page, "^primary: Ana Torres.*by an override")).to_have_class(re.compile("board-override"))

    # Dragged on to somebody else: the form is filled in, and nothing is saved by the drop.
    page.goto(f"{board}?show=people")
    mine = segment(page, "^Lena Okafor: primary").first
    there, row = mine.bounding_box(), page.locator(".ec-row-head", has_text="Farid Haddad").bounding_box()
    assert there
    assert row
    page.mouse.move(there["x"] + 60, there["y"] + 8)
    page.mouse.down()
    page.mouse.move(there["x"] + 62, there["y"] + 14, steps=3)
    page.mouse.move(there["x"] + 62, row["y"] + row["height"] / 2, steps=6)
    page.mouse.up()
    page.wait_for_url(re.compile("/override/"))
    expect(page.get_by_label("Who is on")).to_have_value(re.compile(r"\d"))
    expect(page.locator("[name=add] option:checked")).to_have_text("Farid Haddad")
    page.get_by_role("link", name="Back to the board").click()
    expect(page).to_have_url(f"{board}?show=people")
    expect(segment(page, "^Lena Okafor: primary").first).to_be_visible()

    # A day of one's own shift, asked of Ana, who takes it.
    page.goto(f"{board}?from={datetime.now(UTC).date() + 2 * WEEK}")
    segment(page, "^primary: Lena Okafor").first.click()
    page.get_by_role("dialog").get_by_role("link", name="Swap with…").click()
    day = datetime.fromisoformat(page.get_by_label("From").first.input_value())
    page.get_by_label("Until").first.fill(f"{day + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Who is asked").select_option(label="Ana Torres")
    page.get_by_role("button", name="Ask", exact=True).click()
    asked = page.url
    page.context.clear_cookies()
    sign_in(page, portal, "agent@demo.example")
    page.goto(asked)
    page.get_by_role("button", name="Take it").click()
    page.goto(f"{board}?from={day.date()}&weeks=2")
    expect(segment(page, "^primary: Ana Torres.*by an override").first).to_be_visible()

    # On a phone nothing is wider than the page; the table below says the same.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{portal}/rotations/?weeks=8")
    assert overflow(page) == 0
    page.goto(board)
    page.get_by_text("The schedule as a table").click()
    expect(page.get_by_role("row", name=re.compile("Ana Torres")).first).to_be_visible()
    assert overflow(page) == 0
