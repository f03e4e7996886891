"""The Chromium that tests look at pages with."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

# The shell first: it draws the same and needs half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# As root Chromium needs --no-sandbox; the others keep it from calling home at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


def launch(playwright: Playwright) -> Browser:
    """A browser without a window."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "Chromium is not installed; `make test` installs it on Debian."
    return playwright.chromium.launch(executable_path=program, args=FLAGS)
