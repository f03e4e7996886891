"""An incident in a line of Slack's, in an option of a select, and all that are open in the Home tab."""

from __future__ import annotations

from apps.incidents.models import Incident
from apps.incidents.selectors import open_incidents
from apps.incidents.states import NAMES, OPEN, State
from apps.integrations.slack import selectors
from apps.integrations.slack.messages import SECTION, shorten
from apps.integrations.slack.text import date, escape, link, mention
from apps.people.models import Agent

WHEN = "{date_short_pretty} {time}"
MOST = 10
# Crashbot's picker marks what is open; a colour alone would tell nobody what it means.
OPEN_MARK, CLOSED_MARK, INVALID_MARK = "🚨", "✅", "🚫"


def address(incident: Incident) -> str:
    """Its page in the portal."""
    return selectors.portal("incidents:story", incident.pk)


def linked(incident: Incident) -> str:
    """Its number, linked to its page."""
    return link(address(incident), str(incident))


def option(incident: Incident) -> str:
    """How a select shows it, as Crashbot did; what is longer than Slack takes is cut there."""
    mark = OPEN_MARK if incident.at in OPEN else CLOSED_MARK if incident.at == State.RESOLVED else INVALID_MARK
    return f"{mark} {incident} {incident.title}"


def called(agent: Agent | None) -> str:
    """Somebody named in a line, without being told of it each time."""
    if agent is None:
        return ""
    return mention(agent.slack_id) if agent.slack_id else escape(str(agent))


def line(incident: Incident) -> str:
    """How it stands, since when, and who has it."""
    parts = [f"*{incident.severity}* {linked(incident)} {escape(incident.title)}: {NAMES[incident.at].lower()}"]
    parts.append(f"since {date(incident.reported_at, WHEN)}")
    roles = (("point", incident.point), ("contact", incident.contact))
    parts += [f"{role} {called(agent)}" for role, agent in roles if agent is not None]
    if incident.acknowledged_at is None:
        parts.append("_nobody has acknowledged it_")
    if incident.awaiting_since is not None:
        parts.append("_something waits for approval_")
    return ", ".join(parts)


def open_lines() -> str:
    """The open incidents, the worst first."""
    incidents = list(open_incidents()[: MOST + 1])
    lines = [f"• {line(incident)}" for incident in incidents[:MOST]]
    if len(incidents) > MOST:
        lines.append(f"and more: {link(selectors.portal('incidents:list'), 'see all of them')}")
    return shorten("\n".join(lines) or "No incident is open.", SECTION)
