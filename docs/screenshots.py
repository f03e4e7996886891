"""Remakes the README's pictures: `make screenshots`. Starts a demo portal of its own and looks at it with Chromium."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.portal import Portal

IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    """`docs/images` shows the portal as it is now."""
    portal = Portal()
    try:
        portal.running()
        take(portal.base)
    finally:
        portal.clear()


def take(url: str) -> None:
    """The pictures of the portal at `url`."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, timezone_id="Europe/London")
        sign_in(page, url)
        picture(page, f"{url}/admin/", "home")
        picture(page, f"{url}/preview/", "slack-preview")
        picture(page, f"{url}/status/", "status-page")
        page.set_viewport_size({"width": 1440, "height": 760})
        picture(page, f"{url}/rfhs/board/", "rfh-board")
        page.set_viewport_size({"width": 1280, "height": 560})
        picture(page, f"{url}/rotations/", "board")
        browser.close()


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/login/")
    page.fill("input[name=username]", "manager@demo.example")
    page.fill("input[name=password]", "demo")
    page.click("button[type=submit]")
    page.wait_for_url(f"{url}/admin/")


def picture(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
