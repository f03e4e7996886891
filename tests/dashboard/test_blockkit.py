"""Slack's blocks and markup as HTML."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apps.dashboard.blockkit import ICONS, Reader, attachment_pieces, mrkdwn, pieces

ROOT = Path(__file__).resolve().parents[2]
READER = Reader(
    zone=ZoneInfo("Europe/Paris"),
    now=datetime(2026, 3, 18, 9, 0, tzinfo=UTC),
    users={"UANA": "Ana"},
    channels={"C1": "support"},
    groups={"S1": "group-support"},
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _italic_ and ~gone~", "<b>bold</b> and <i>italic</i> and <s>gone</s>"),
        ("`a *b*`", "<code>a *b*</code>"),
        ("```\nx < y\n```".replace("<", "&lt;"), "<pre>x &lt; y</pre>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("<@UANA>", '<span class="slack-mention">@Ana</span>'),
        ("<@UNOBODY>", '<span class="slack-mention">@UNOBODY</span>'),
        ("<#C1>", '<span class="slack-mention">#support</span>'),
        ("<!subteam^S1>", '<span class="slack-mention">@group-support</span>'),
        ("<!here>", '<span class="slack-mention">@here</span>'),
        (
            "<https://a.example/?x=1&amp;y=2|Ticket>",
            '<a href="https://a.example/?x=1&amp;y=2" rel="noreferrer">Ticket</a>',
        ),
        ("&lt;b&gt; &amp; co", "&lt;b&gt; &amp; co"),
        (":no_such_emoji:", ":no_such_emoji:"),
    ],
)
def test_markup_becomes_html(text: str, html: str) -> None:
    assert mrkdwn(text, READER) == html


def test_a_quote_becomes_one_block() -> None:
    assert mrkdwn("&gt; one\n&gt; two", READER) == "<blockquote>one\ntwo</blockquote>"


def test_bold_reaches_over_a_mention() -> None:
    assert mrkdwn("*<@UANA>*", READER) == '<b><span class="slack-mention">@Ana</span></b>'


def test_a_date_is_in_the_readers_zone_with_its_name() -> None:
    stamp = int(datetime(2026, 3, 18, 9, 30, tzinfo=UTC).timestamp())

    assert mrkdwn(f"<!date^{stamp}^{{date_short_pretty}} at {{time}}|later>", READER) == "today at 10:30 CET"


def test_a_date_that_makes_no_sense_is_its_fallback() -> None:
    assert mrkdwn("<!date^soon^{time}|09:30 UTC>", READER) == "09:30 UTC"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<javascript:alert(1)|click>",
        '<https://a.example/" onclick="x|click>',
        "<@UANA><img src=x onerror=alert(1)>",
        "*<b>*",
        "<!date^1^<b>{time}|<i>>",
        "\ue0000\ue000 <https://a.example|<img>>",
    ],
)
def test_nothing_a_person_writes_becomes_html_of_their_own(text: str) -> None:
    html = mrkdwn(text, READER)

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'onclick="' not in html


def test_plain_text_has_no_markup() -> None:
    [header] = pieces([{"type": "header", "text": {"type": "plain_text", "text": "*<b>*"}}], READER)

    assert header.html == "*&lt;b&gt;*"


def test_buttons_are_pressed_or_followed() -> None:
    label = {"type": "plain_text", "text": "Go"}
    elements = [
        {"type": "button", "text": label, "action_id": "snooze_30", "value": "4711"},
        {"type": "button", "text": label, "action_id": "open_ticket", "url": "https://desk.example/1"},
        {"type": "button", "text": label, "action_id": "bad", "url": "javascript:alert(1)"},
    ]

    [actions] = pieces([{"type": "actions", "elements": elements}], READER)

    assert [(button.action_id, button.value, button.url) for button in actions.buttons] == [
        ("snooze_30", "4711", ""),
        ("open_ticket", "", "https://desk.example/1"),
        ("bad", "", ""),
    ]


def test_a_block_nobody_knows_is_shown_and_not_hidden() -> None:
    [unknown] = pieces([{"type": "video"}], READER)

    assert "video" in unknown.html


@pytest.mark.parametrize(
    "blocks", [None, "x", [None], [[]], [{"type": "section"}], [{"type": "actions", "elements": 3}]]
)
def test_malformed_blocks_break_nothing(blocks: object) -> None:
    assert all(piece.buttons == () for piece in pieces(blocks, READER))


def test_both_of_zendesks_forms_show_their_words() -> None:
    lines = attachment_pieces([{"text": "*Ticket ID*: 4711"}], READER)
    fields = attachment_pieces([{"fields": [{"title": "Ticket ID", "value": "4711"}]}], READER)

    assert lines[0].html == "<b>Ticket ID</b>: 4711"
    assert fields[0].fields == ("<b>Ticket ID</b>\n4711",)


def test_code_inside_a_links_label_is_shown() -> None:
    shown = mrkdwn("<https://example.com|see `<b>`>", READER)

    assert shown == '<a href="https://example.com" rel="noreferrer">see <code>&lt;b&gt;</code></a>'


def test_code_inside_a_links_address_stays_inside_the_attribute() -> None:
    shown = mrkdwn('<https://example.com/`" onclick=x`|see>', READER)

    assert shown.count('"') == 4
    assert "onclick=x" in shown.split('"')[1]


def test_every_emoji_the_portal_says_in_slack_has_an_icon_in_the_preview() -> None:
    said = {
        name
        for folder in ("apps/integrations/slack", "apps/notices")
        for path in (ROOT / folder).glob("*.py")
        for name in re.findall(r"(?<![\w:]):([a-z]{3}[a-z_]*):(?!\w)", path.read_text())
    }

    assert {"warning", "calendar", "rotating_light"} <= said
    assert said <= ICONS.keys()
