"""The buttons under what Slack hears of an incident, and the forms two of them open."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.incidents import rights, services, states
from apps.incidents.errors import ChangedMeanwhile, IncidentError, NotYours, UnknownIncident
from apps.incidents.models import Incident
from apps.incidents.selectors import read_by_the_public
from apps.incidents.services.writing import held
from apps.incidents.states import Step
from apps.integrations.slack import incident_buttons
from apps.integrations.slack.answering import answer
from apps.integrations.slack.buttons import asked_by, pressed
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.incident_forms import chosen_incident, who_updates
from apps.integrations.slack.incident_updating import close_form, form
from apps.integrations.slack.incoming import word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import escape
from apps.people.acting import Acting
from apps.people.models import Agent

BUTTONS = incident_buttons.BUTTONS


def on_button(event: SlackEvent, now: datetime) -> Call | None:
    """Acknowledge, have a channel made, or open the form. What is amiss is said to whoever pressed alone."""
    button = pressed(event.payload)
    action = word(button.get("action_id"))
    asked = asked_by(event, incident_buttons.WORDS.get(action, "a button").rstrip("…"))
    trigger = word(event.payload.get("trigger_id"))
    try:
        agent = who_updates(asked.user)
        number, _, read = word(button.get("value")).partition(":")
        incident = chosen_incident(number)
        if incident is None:
            raise UnknownIncident("There is no such incident any more.")
        if action == incident_buttons.UPDATE:
            return OpenModal(asked, trigger, form(incident, agent))
        if action == incident_buttons.CLOSE:
            states.check(Step.CLOSE, incident.at)
            _may_close(agent)
            return OpenModal(asked, trigger, close_form(incident, agent))
        # In a savepoint: a refusal leaves the event itself workable.
        with transaction.atomic():
            _take(action, incident, read, by=Acting(agent), now=now)
    except IncidentError as refusal:
        answer(asked, escape(str(refusal)), now=now, private=True)
    return None


def _take(action: str, incident: Incident, read: str, *, by: Acting, now: datetime) -> None:
    """The step. Of what waits that is published which was read: what came since nobody has looked at."""
    if action == incident_buttons.ACKNOWLEDGE:
        services.acknowledge(incident, by=by, now=now)
    elif action == incident_buttons.PUBLISH:
        row = held(incident.pk)
        if read != read_by_the_public(row):
            raise ChangedMeanwhile(f"Somebody changed {row} since you were asked. Nothing was written: read it again.")
        services.publish(row, by=by, now=now)
    elif not services.open_channel(incident, by=by, now=now):
        raise IncidentError(f"{incident} has a channel of its own, or is about to get one.")


def _may_close(agent: Agent) -> None:
    """Raises NotYours before anything is typed."""
    if not rights.may_publish(Acting(agent)):
        raise NotYours("Only managers and leads may close an incident. Say in an update that it is over, and ask one.")
