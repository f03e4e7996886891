"""A request for help in a line of Slack's markup."""

from __future__ import annotations

from collections.abc import Sequence

from apps.integrations.slack import selectors
from apps.integrations.slack.messages import SECTION, shorten
from apps.integrations.slack.text import escape, link
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.rfhs.selectors import open_of
from apps.rfhs.states import NAMES

LONGEST_SUMMARY, MOST = 100, 15
NONE = "You have no open request for help."


def all_of_them() -> str:
    """The page of all requests in the portal."""
    return selectors.portal("admin:rfhs_rfh_changelist")


def address(rfh: RFH) -> str:
    """Its page in the portal."""
    return selectors.portal("admin:rfhs_rfh_change", rfh.pk)


def linked(rfh: RFH) -> str:
    """Its number, linked to its page."""
    return link(address(rfh), str(rfh))


def line(rfh: RFH, reader: Agent) -> str:
    """Where it stands, with whom, and what the reader is to it."""
    summary = rfh.summary if len(rfh.summary) <= LONGEST_SUMMARY else f"{rfh.summary[: LONGEST_SUMMARY - 1]}…"
    parts = [f"*{NAMES[rfh.at]}*{f' with {escape(rfh.team.name)}' if rfh.team else ''}", rfh.get_priority_display()]
    if rfh.ticket:
        parts.append(f"ticket {escape(rfh.ticket.number)}")
    roles = [
        word
        for word, is_so in (("yours to work on", rfh.owner_id == reader.pk), ("yours", rfh.accountable_id == reader.pk))
        if is_so
    ]
    if not roles and rfh.owner:
        roles = [f"worked on by {escape(str(rfh.owner))}"]
    return f"{linked(rfh)} {escape(summary) or '_no summary yet_'}: {', '.join([*parts, *roles[:1]])}"


def open_requests(reader: Agent) -> str:
    """The reader's open requests, those that moved last first."""
    rfhs: Sequence[RFH] = open_of(reader, most=MOST + 1)
    lines = [f"• {line(rfh, reader)}" for rfh in rfhs[:MOST]]
    if len(rfhs) > MOST:
        lines.append(f"and more: {link(all_of_them(), 'see all of them')}")
    return shorten("\n".join(lines) or NONE, SECTION)
