"""A whole portal, and a browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import chromium
from tests.portal import Portal


@pytest.fixture(scope="package")
def portal(demo_portal: Portal) -> str:
    """The address of the demo portal: one for all, so a test minds only its own rows."""
    demo_portal.running()
    return demo_portal.base


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. For these alone, as Playwright's loop keeps Django from the database in this process."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        running = chromium.launch(playwright)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser window whose person lives in London; an error of a script fails the test."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, timezone_id="Europe/London", locale="en-GB")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert not errors, errors


def sign_in(page: Page, portal: str, email: str) -> None:
    """Sign in as one of the demo's people."""
    page.goto(f"{portal}/admin/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{portal}/admin/")
