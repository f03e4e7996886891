"""The app's Home tab: how to use the bot, what is broken, who is on shift, which tickets are next, one's requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.escalations.models import Clock
from apps.incidents import rights as incident_rights
from apps.integrations.slack import incident_lines, rfh_lines, selectors
from apps.integrations.slack.calls import Call, PublishHome
from apps.integrations.slack.incoming import word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import date, escape, link, mention
from apps.rfhs import rights
from apps.rotations.schedules import on_call
from apps.rotations.selectors import on_shift

MOST_SHIFTS, MOST_TICKETS = 20, 10
WHEN = "{date_short_pretty} {time}"

GUIDE = (
    "*When a ticket waits too long* I write into its thread: who is meant, what was promised, and who hears next.\n"
    "• *Reply in the ticket.* Only that stops the clock; a triage note that says what happens next will do.\n"
    "• *Need half an hour?* Mention me in the ticket's thread, or press *Snooze 30 min*. "
    "The next check moves, what was promised does not.\n"
    "• *Wondering why you?* Press *Why me?*; only you see the answer.\n"
    "• *Need another team?* `/rfh` shows what you asked for and asks for more, about a ticket with its number.\n"
    "• *Something is broken?* `/create-incident` says so, `/update-incident` says how it stands.\n"
    "• *Managers:* `/sla-setup` in a channel sets its promise, `/add-support-engineer` adds a colleague."
)


def on_opened(event: SlackEvent, now: datetime) -> Call | None:
    """Publish the Home tab of whoever opened it; the Messages tab of the app needs nothing."""
    opened = event.payload["event"]
    user = word(opened.get("user"))
    if not user or opened.get("tab", "home") != "home":
        return None
    return PublishHome(user, view(user, now=now))


def view(user: str, *, now: datetime) -> dict[str, Any]:
    """The tab. Who is no agent sees how it works, and nothing of tickets or shifts."""
    blocks = [_header("How this works"), _section(GUIDE)]
    agent = selectors.agent_of(user)
    if agent is None:
        who = escape(selectors.managers())
        blocks.append(_section(f"I do not know you as an agent yet. {who} can add you."))
        return {"type": "home", "blocks": blocks}
    if incident_rights.may_see(agent):
        blocks += [{"type": "divider"}, _header("Open incidents"), _section(incident_lines.open_lines())]
    blocks += [{"type": "divider"}, _header("On shift now"), _section(_on_shift(now))]
    blocks += [{"type": "divider"}, _header("Next"), _section(_waiting(now))]
    if rights.may_see(agent):
        mine = rfh_lines.open_requests(agent)
        blocks += [{"type": "divider"}, _header("Your requests for help"), _section(mine)]
    blocks.append(_section(link(selectors.portal("admin:index"), "Open the portal")))
    return {"type": "home", "blocks": blocks}


def _on_shift(now: datetime) -> str:
    lines = []
    # Who is embedded comes first.
    for shift in sorted(on_shift(now), key=lambda shift: not shift.embedded)[:MOST_SHIFTS]:
        agent = shift.agent
        name = mention(agent.slack_id) if agent.slack_id else escape(str(agent))
        lines.append(f"• {name}, {escape(shift.what)}, until {date(shift.ends_at, WHEN)}")
    for rotation, roles in on_call(now).items():
        for current in roles:
            names = ", ".join(
                mention(agent.slack_id) if agent.slack_id else escape(str(agent)) for agent in current.people
            )
            until = f", until {date(current.end, WHEN)}" if current.end else ""
            if names:
                lines.append(f"• {names}, {escape(current.role)} in {escape(rotation.name)}{until}")
    return "\n".join(lines[:MOST_SHIFTS]) or "Nobody is on shift."


def _waiting(now: datetime) -> str:
    clocks = (
        Clock.objects.filter(state=Clock.State.RUNNING, ticket__isnull=False, next_at__isnull=False)
        .select_related("ticket__customer")
        .order_by("next_at", "pk")
    )
    lines = []
    for clock in clocks[:MOST_TICKETS]:
        ticket = clock.ticket
        assert ticket is not None
        assert clock.next_at is not None
        shown = link(
            ticket.url or selectors.portal("admin:tickets_ticket_change", ticket.pk), f"Ticket {ticket.number}"
        )
        whose = f" of {escape(ticket.customer.name[:80])}" if ticket.customer else ""
        due = "was due" if clock.due_at <= now else "due"
        lines.append(f"• {shown}{whose}: next look {date(clock.next_at, WHEN)}, {due} {date(clock.due_at, WHEN)}")
    return "\n".join(lines) or "No ticket is waiting for a reply."


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3_000]}}
