"""Slack's markup as people read it elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.integrations.slack.text import date, escape, link, plain


@pytest.mark.parametrize(
    ("marked", "read"),
    [
        (f"at {date(datetime(2026, 3, 18, 9, 0, tzinfo=UTC))}", "at 09:00 UTC"),
        (link("https://example.com/a", "Ticket 5"), "Ticket 5"),
        ("<https://example.com>", "https://example.com"),
        ("<@UANA> <!here> <!subteam^S1>", "@UANA @here @S1"),
        ("*bold* and `code`", "bold and code"),
        (escape("a < b & c > d"), "a < b & c > d"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_markup_is_read_as_slack_shows_it(marked: str, read: str) -> None:
    assert plain(marked) == read
