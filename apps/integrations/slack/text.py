"""Slack's own markup, written safely. Pure.

Source: Slack's documentation, "Formatting text for app surfaces".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

_ID = re.compile(r"[A-Z0-9]+")
_DAY_STYLE = re.compile(r"\{date")


def escape(text: str) -> str:
    """`text` shown by Slack as it is: what a person wrote cannot mention, link or format a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mention(slack_id: str) -> str:
    """A mention that notifies the user with this id; anything that is no id is shown as text."""
    return f"<@{slack_id}>" if _ID.fullmatch(slack_id) else escape(slack_id)


def channel_link(slack_id: str) -> str:
    """The channel's name with a link to it; anything that is no id is shown as text."""
    return f"<#{slack_id}>" if _ID.fullmatch(slack_id) else escape(slack_id)


def user_group_mention(slack_id: str) -> str:
    """A mention that notifies everybody in the user group; anything that is no id is shown as text."""
    return f"<!subteam^{slack_id}>" if _ID.fullmatch(slack_id) else escape(slack_id)


def date(instant: datetime, style: str = "{time}", zone: tzinfo = UTC) -> str:
    """`instant` in each reader's own zone; in `zone`, with its name, where Slack cannot tell it.

    `style` is Slack's format: tokens such as "{time}", "{date_short_pretty}", "{date} at {time}". Raises
    ValueError for an instant without a zone.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    local = instant.astimezone(zone)
    plain = f"{local:%-d %b %Y %H:%M %Z}" if _DAY_STYLE.search(style) else f"{local:%H:%M %Z}"
    return f"<!date^{int(instant.timestamp())}^{style}|{plain}>"


def link(url: str, label: str) -> str:
    """`label` linking to `url`; the label alone when `url` is no web address."""
    shown = escape(" ".join(label.split()))
    if not url.startswith(("https://", "http://")) or any(ch.isspace() for ch in url):
        return shown
    # A bar or a bracket in the address would end it early.
    address = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{address}|{shown}>" if shown else f"<{address}>"


def plain(marked: str) -> str:
    """What somebody reads where Slack shows `marked`, for places that do not know its markup."""

    def shown(found: re.Match[str]) -> str:
        what, _, label = found[1].partition("|")
        if label:
            return label
        return f"@{what.lstrip('@!').removeprefix('subteam^')}" if what.startswith(("@", "!")) else what

    bare = re.sub(r"[*`]", "", re.sub(r"<([^<>]+)>", shown, marked))
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
