"""An incident's whole path in a real browser: declared in Slack, told to the public, closed, explained and counted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser
TITLE = "Sign-in by code fails"


def test_declared_in_slack_it_is_on_the_page_until_it_is_explained_and_counted(page: Page, portal: str) -> None:
    sign_in(page, portal, "lead@demo.example")

    def command(text: str, button: str) -> None:
        page.goto(f"{portal}/preview/")
        forms = page.locator('a[href^="/preview/modal/"]')
        before = forms.last.get_attribute("href") if forms.count() else ""
        page.get_by_label("What is broken").fill(text)
        page.get_by_role("button", name=button).click()
        expect(forms.last).not_to_have_attribute("href", before or "")
        forms.last.click()

    def public(*words: str) -> None:
        """An update is to be read within five seconds; the worker of a busy machine gets a few more."""
        for word in words:
            for _ in range(12):
                page.goto(f"{portal}/status/")
                if page.get_by_text(word).first.is_visible():
                    break
                page.wait_for_timeout(500)
            expect(page.get_by_text(word).first).to_be_visible()

    command(TITLE, "Type /create-incident")
    page.locator("[name=severity]").select_option("sev-2")
    page.locator("[name=public_text]").fill("Codes do **not** arrive.")
    page.get_by_label("Publish it").check()
    page.get_by_label("Sign-in: partial outage").check()
    page.get_by_role("button", name="Declare").click()
    public(TITLE, "Codes do not arrive.", "Partial outage")
    page.get_by_role("link", name=TITLE).first.click()
    address = page.url

    command("", "Type /update-incident")
    page.locator("select").select_option(page.locator("option", has_text=TITLE).get_attribute("value"))
    page.get_by_role("button", name="Next").click()
    page.locator("[name=status]").select_option("monitoring")
    page.locator("[name=public_text]").fill("They arrive again; we watch.")
    page.get_by_label("Publish it").check()
    page.get_by_role("button", name="Save").click()
    public("They arrive again; we watch.")

    page.goto(f"{portal}/admin/incidents/incident/")
    page.get_by_role("link", name=TITLE).first.click()
    page.locator("a:visible", has_text="Close").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, it is over").click()
    expect(page.locator("[data-incident-state]")).to_have_text("Resolved")
    page.get_by_role("link", name="The RCA", exact=True).click()
    page.get_by_role("button", name="Begin the RCA").click()
    expect(page.get_by_role("textbox", name="Timeline")).to_have_value(re.compile("They arrive again"))
    page.get_by_role("textbox", name="Causes").fill("The gateway for text messages was full.")
    page.get_by_role("button", name="Save, finish and link as the RCA").click()
    expect(page.get_by_text("Finished", exact=True)).to_be_visible()

    page.goto(address)
    for _ in range(12):
        if page.get_by_text("This incident has been resolved.").is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("main")).to_contain_text("They arrive again; we watch.")
    expect(page.locator("main")).not_to_contain_text("gateway")

    page.goto(f"{portal}/reports/incidents/")
    # The demo has one of this component, and this is another.
    row = page.locator("tr").filter(has=page.get_by_role("rowheader", name="Sign-in"))
    assert int(row.get_by_role("cell").first.inner_text()) >= 2
