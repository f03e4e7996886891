"""A whole portal of its own (web, worker, database, demo), and a browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import chromium

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="package")
def portal() -> Iterator[str]:
    """The address of a demo portal started as `make run` starts it: one for all, so a test minds only its own rows."""
    home = tempfile.mkdtemp(prefix="supportops-browser-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    log = Path(home, "run.log")
    env = {**os.environ, "DEBUG": "1", "DEMO": "1", "HOST": "127.0.0.1", "PORT": str(port), "BASE_URL": base}
    # Its own database, also when the tests use yours.
    env["DATABASE_URL"] = "embedded"
    env["SUPPORTOPS_HOME"] = str(Path(home, "home"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_ready(base, process, log)
        yield base
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"The portal did not become ready:\n{log.read_text()[-3000:]}")


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
