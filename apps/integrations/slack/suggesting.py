"""What a field finds as somebody types: Slack asks us, so there is no limit of 100 to choose from.

Answered at once and from the database alone, to agents who may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.incidents import rights
from apps.incidents.models import Component, Incident
from apps.incidents.searching import search
from apps.incidents.selectors import in_order
from apps.incidents.states import OPEN, State
from apps.integrations.slack import inputs, selectors
from apps.integrations.slack.incident_lines import option
from apps.integrations.slack.incident_modals import COMPONENTS, INCIDENT
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.inputs import MOST_OPTIONS, Choice
from apps.people.models import Agent

Found = Sequence[tuple[str, Sequence[Choice]]]
LONGEST_QUERY = 100
# Slack takes three seconds at most, and shows a hundred at most.
STATES = {"d": Component.Status.DEGRADED, "p": Component.Status.PARTIAL, "m": Component.Status.MAJOR}
CODES = {str(status): code for code, status in STATES.items()}


def options(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the field in the payload shows, under headings; nothing to strangers and those who may not see it."""
    find = SUGGESTIONS.get(word(payload.get("block_id")))
    agent = selectors.agent_of(user_of(payload))
    if find is None or agent is None:
        return []
    return inputs.groups(find(agent, word(payload.get("value")).strip()[:LONGEST_QUERY]))


def incidents(agent: Agent, query: str) -> Found:
    """The incidents that fit, in Crashbot's order: open by severity, closed by date, then those that were none."""
    if not rights.may_see(agent):
        return []
    rows: QuerySet[Incident] = in_order()
    # Somebody who has come as far as INC- has said nothing yet.
    if query.upper().rstrip("-") != settings.INCIDENT_PREFIX.upper():
        rows = search(rows, query)
    found = list(rows[:MOST_OPTIONS])
    headings = {
        "Open": [each for each in found if each.at in OPEN],
        "Resolved": [each for each in found if each.at == State.RESOLVED],
        "Invalid": [each for each in found if each.at == State.INVALID],
    }
    return [(name, [Choice(str(each.pk), option(each)) for each in rows]) for name, rows in headings.items()]


def components(agent: Agent, query: str) -> Found:
    """The components that fit, each with the states an incident can leave it in."""
    if not rights.may_see(agent):
        return []
    words = query.lower().split()
    found = []
    for component in Component.objects.filter(archived_at=None).select_related("group"):
        heading = f"{component.name}, {component.group.name}" if component.group else component.name
        choices = [component_choice(component, status) for status in STATES.values()]
        fitting = [each for each in choices if all(word in f"{heading} {each.label}".lower() for word in words)]
        found.append((heading, fitting))
    return found


def component_choice(component: Component, status: str) -> Choice:
    """A component in a state, as one choice."""
    return Choice(f"{component.pk}:{CODES[status]}", f"{component.name}: {Component.Status(status).label.lower()}")


SUGGESTIONS: dict[str, Callable[[Agent, str], Found]] = {INCIDENT: incidents, COMPONENTS: components}
