"""The public pages in a real browser: nothing that was written in them runs, and everybody can read them."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright

from apps.statuspage.memory import memory
from apps.statuspage.models import Rendering
from tests import chromium
from tests.statuspage.reading import rendered
from tests.statuspage.world import build, dangerous, fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Any:
    memory.forget()
    yield
    memory.forget()


def watched(page: Page, home: str) -> list[str]:
    """What the page did that it must not."""
    found: list[str] = []
    page.on("dialog", lambda dialog: (found.append(f"{page.url} said {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on("console", lambda line: found.append(f"{page.url}: {line.text}") if line.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(home) else found.append(f"asked {asked.url}"))
    return found


def test_nothing_written_runs_and_everybody_can_read_it(live_server: Any) -> None:
    fill(build(timezone.now()), dangerous)
    rendered()
    rows = Rendering.objects.filter(content_type__regex="html|xml|svg")
    paths = sorted(rows.values_list("path", flat=True))

    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
        page = context.new_page()
        wrong = watched(page, live_server.url)
        for path in paths:
            answer = page.goto(f"{live_server.url}{path}")
            assert answer is not None
            assert answer.status == 200, path
        assert not wrong
        assert context.cookies() == []

        page.goto(f"{live_server.url}/status/")
        page.wait_for_function("document.querySelector('time').textContent.includes('UTC)')")
        bars = page.locator(".bars summary").first
        bars.focus()
        page.keyboard.press("ArrowLeft")
        assert ": " in page.locator("#tip").inner_text()
        context.close()

        # One page of each kind.
        kinds = {path.split("/")[2]: path for path in paths if path.startswith("/status/")}
        for scheme, some in (("light", kinds.values()), ("dark", ["/status/"])):
            context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
            page = context.new_page()
            for path in some:
                page.goto(f"{live_server.url}{path}")
                found = Axe().run(page)
                assert not found.violations_count, found.generate_report()
                assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            context.close()

        plain = browser.new_context(java_script_enabled=False)
        page = plain.new_page()
        page.goto(f"{live_server.url}/status/")
        assert page.locator("h1").inner_text()
        assert "UTC" in page.locator("time").first.inner_text()
        browser.close()
