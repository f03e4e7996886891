"""What is said in Slack of a request for help: to teammates, to the team, and to those who wait or work. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.integrations.slack.messages import SECTION, SUMMARY, Block, section, shorten
from apps.integrations.slack.text import channel_link, escape, link, mention

LONGEST_QUOTE = 1_500
ICONS = {
    "draft": ":pencil2:",
    "asked_teammates": ":raising_hand:",
    "filed": ":sos:",
    "acknowledged": ":eyes:",
    "in_progress": ":wrench:",
    "handed_over": ":handshake:",
    "answered": ":bulb:",
    "resolved": ":white_check_mark:",
    "withdrawn": ":leftwards_arrow_with_hook:",
}


@dataclass(frozen=True)
class Shown:
    """A request as it is now. Addresses are complete, or empty where there is none.

    issues: what each issue is called, with its address. issue_note: why there is none yet. missing: the labels of what
    the context lacks. area_note: whom else the area's questions concern. account_manager: markup that notifies them.
    """

    number: int
    summary: str
    description: str
    kind: str
    priority: str
    state: str
    state_name: str
    team: str = ""
    ticket: str = ""
    ticket_url: str = ""
    customer: str = ""
    level: str = ""
    accountable: str = ""
    owner: str = ""
    timeline: str = ""
    answer: str = ""
    learned: str = ""
    communicator: str = ""
    issues: Sequence[tuple[str, str]] = ()
    issue_note: str = ""
    missing: Sequence[str] = ()
    url: str = ""
    area_note: str = ""
    account_manager: str = ""

    @property
    def name(self) -> str:
        return f"RFH-{self.number}"


def teammates(shown: Shown, *, buttons: Iterable[Block] = ()) -> tuple[str, list[Block]]:
    """The question to support's own people, and the same again with its answer."""
    head = f"{ICONS['asked_teammates']} *{escape(shown.accountable or 'Support')} asks teammates* · {_link(shown)}"
    lines = [f"*{escape(shown.summary)}*", *_about(shown)]
    if shown.state != "asked_teammates":
        lines.append(_state(shown))
    blocks = [section(shorten(head, SECTION)), section(shorten("\n".join(lines), SECTION)), *_quoted(shown.description)]
    if shown.answer:
        blocks += _quoted(shown.answer)
    if shown.state == "asked_teammates":
        blocks.extend(buttons)
        blocks.append(_context("Answer in the thread. If nobody knows, the request goes to engineering."))
    return shorten("\n".join([head, *lines]), SECTION), blocks


def team_post(
    shown: Shown, *, whom: str = "", note: str = "", incident_channel: str = "", buttons: Iterable[Block] = ()
) -> tuple[str, list[Block]]:
    """What a team hears: the need in brief, the issue and the timeline (Sourcegraph, Engaging other teams, step 5).

    whom: markup that notifies the team's support handle. note: what comes with a hand-over.
    """
    icon = ICONS.get(shown.state, ":sos:")
    what = f"*{escape(shown.kind)} ({escape(shown.priority.upper())})*"
    head = " ".join(part for part in (icon, whom, what, "·", _link(shown)) if part)
    lines = [f"*{escape(shown.summary)}*", *_about(shown)]
    if shown.level:
        lines.append(f"*Level:* {escape(shown.level)}")
    issue = " · ".join(link(url, label) for label, url in shown.issues) or escape(shown.issue_note)
    if issue:
        lines.append(f"*Issue:* {issue}")
    lines.append(f"*Timeline:* {escape(shown.timeline) if shown.timeline else 'none given'}")
    if shown.accountable:
        lines.append(f"*Accountable to the customer:* {escape(shown.accountable)}")
    if shown.area_note:
        manager = f" Account manager: {shown.account_manager}." if shown.account_manager else ""
        lines.append(f"*Concerns also:* {escape(shown.area_note)}.{manager}")
    if shown.communicator:
        lines.append(f"{escape(shown.communicator)} goes on telling everybody how it goes.")
    if incident_channel:
        lines.append(f"Please join {channel_link(incident_channel)}, where the incident is handled.")
    lines.append(_state(shown))
    blocks = [section(shorten(head, SECTION)), section(shorten("\n".join(lines), SECTION))]
    blocks += _quoted(note or shown.description)
    if shown.missing:
        blocks.append(_context(f"Not known yet: {escape(', '.join(shown.missing))}."))
    blocks.extend(buttons)
    return shorten("\n".join([head, *lines]), SECTION), blocks


def word(shown: Shown, text: str, *, quote: str = "", buttons: Iterable[Block] = ()) -> tuple[str, list[Block]]:
    """Something that happened, in a sentence of ours (markup), with what somebody wrote below it."""
    said = f"{text}\n{_link(shown)}: {escape(shown.summary)}"
    blocks = [section(shorten(said, SECTION)), *_quoted(quote), *buttons]
    return shorten(f"{said}\n{escape(quote)}" if quote else said, SECTION), blocks


def join_customer(*, engineer: str, name: str) -> tuple[str, list[Block]]:
    """In the customer's own thread: somebody joins. No word of what is asked inside."""
    whom = mention(engineer) if engineer else escape(name)
    text = f":wave: {whom} joins us here and helps with this one."
    return text, [section(text)]


def summary(shown: Shown, what: str) -> str:
    """The same in one plain line, for lists."""
    line = " ".join(f"{shown.name}, {what}: {shown.summary}".split())
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def _link(shown: Shown) -> str:
    return link(shown.url, shown.name)


def _about(shown: Shown) -> list[str]:
    parts = []
    if shown.ticket:
        parts.append(f"*Ticket:* {link(shown.ticket_url, shown.ticket)}")
    if shown.customer:
        parts.append(f"*Customer:* {escape(shown.customer)}")
    return [" · ".join(parts)] if parts else []


def _state(shown: Shown) -> str:
    """The state in words: an icon alone tells not everybody."""
    who = f", {escape(shown.owner)} has it" if shown.owner and shown.state not in ("resolved", "withdrawn") else ""
    return f"*{escape(shown.state_name)}*{who}."


def _quoted(text: str) -> list[Block]:
    said = text.strip()
    if not said:
        return []
    short = said if len(said) <= LONGEST_QUOTE else f"{said[: LONGEST_QUOTE - 1]}…"
    # What quotes already would show its own mark.
    lines = (escape(line.removeprefix("> ")) for line in short.splitlines())
    return [section(shorten("\n".join(f"> {line}" for line in lines), SECTION))]


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": shorten(text, SECTION), "verbatim": True}]}
