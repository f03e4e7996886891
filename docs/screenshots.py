"""Remakes the README's pictures: `make screenshots`. Starts a demo portal of its own and looks at it with Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
IMAGES = PROJECT / "docs" / "images"
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """`docs/images` shows the portal as it is now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tempfile.mkdtemp(prefix="so-", dir="/tmp")
    given = {"DEBUG": "1", "DEMO": "1", "PORT": str(port), "SUPPORTOPS_HOME": home}
    run = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=PROJECT,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert run.stdout is not None
        for line in run.stdout:
            if "Ctrl-C stops it." in line:
                break
        else:
            sys.exit("The portal did not start.")
        take(f"http://127.0.0.1:{port}")
    finally:
        run.send_signal(signal.SIGINT)
        run.wait()
        shutil.rmtree(home, ignore_errors=True)


def take(url: str) -> None:
    """The pictures of the portal at `url`."""
    IMAGES.mkdir(exist_ok=True)
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, timezone_id="Europe/London")
        sign_in(page, url)
        picture(page, f"{url}/admin/", "home")
        picture(page, f"{url}/preview/", "slack-preview")
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
