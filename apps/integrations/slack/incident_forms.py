"""What a submitted form of an incident says, as the domain wants it; what cannot be is kept by block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.incidents import rights
from apps.incidents.errors import BadIncident, IllegalStep, IncidentError, NotYours
from apps.incidents.models import Component, Incident, Severity
from apps.incidents.states import State, Step
from apps.integrations.slack import inputs, selectors
from apps.integrations.slack.incident_modals import COMPONENTS, PUBLISH, digest
from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.inputs import Choice
from apps.integrations.slack.setup import Errors, modals_view
from apps.integrations.slack.suggesting import STATES
from apps.people.models import Agent
from apps.rfhs.errors import UnknownRFH
from apps.rfhs.models import RFH
from apps.rfhs.selectors import find as find_rfh
from apps.tickets.errors import UnknownTicket
from apps.tickets.models import Ticket
from apps.tickets.services import find as find_ticket

# What the domain calls otherwise than the form.
FIELDS = {"because": "internal_note", "since": "reported_at", "level": "severity"}
_REQUEST = re.compile(r"rfh-?[0-9]{1,18}", re.IGNORECASE)
_COMPONENT = re.compile(r"([0-9]{1,18}):([dpm])")
MOST_ABOUT = 20


@dataclass
class Said:
    """A form as it was sent: what was typed, what it began with, and what is wrong so far."""

    typed: Mapping[str, str]
    opened: Mapping[str, Any]
    view_id: str = ""
    errors: Errors = field(default_factory=dict)

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Said:
        """The form in a submission."""
        view = modals_view(payload)
        return cls(inputs.values(view), inputs.metadata(view), word(view.get("id")))

    @property
    def key(self) -> str:
        """By this a form that is sent twice is known."""
        return f"slack:{self.view_id}" if self.view_id else ""

    def text(self, name: str) -> str:
        """What a field says; empty where it says nothing."""
        return self.typed.get(name, "")

    def touched(self, name: str) -> bool:
        """Whether the field is there, and says something else than it began with."""
        return name in self.typed and digest(self.typed[name]) != word(mapping(self.opened.get("was")).get(name))

    def moment(self, name: str) -> datetime | None:
        """The moment a field says."""
        return inputs.instant(self.text(name))

    def person(self, name: str) -> Agent | None:
        """The agent a field names; somebody in Slack who is none is an error."""
        chosen = self.text(name)
        agent = selectors.agent_of(chosen)
        if chosen and agent is None:
            self.errors[name] = f"They are no agent here. {selectors.managers()} can add them."
        return agent

    def people(self, *names: str) -> dict[str, Agent | None]:
        """Who the touched ones of these fields name."""
        return {name: self.person(name) for name in names if self.touched(name)}

    def components(self) -> list[dict[str, str]]:
        """The components that are another than the form began with; what was taken out has recovered."""
        before, after = self._states(word(self.opened.get(COMPONENTS))), self._states(self.text(COMPONENTS))
        wanted = {key: status for key, status in after.items() if before.get(key) != status}
        wanted |= {key: str(Component.Status.OPERATIONAL) for key in before if key not in after}
        slugs = dict(Component.objects.filter(pk__in=wanted).values_list("pk", "slug"))
        return [{"slug": slugs[key], "status": status} for key, status in wanted.items() if key in slugs]

    def about(self) -> tuple[list[Ticket], list[RFH]]:
        """The tickets and requests a field names; a number that is nobody's is an error."""
        tickets: dict[int, Ticket] = {}
        rfhs: dict[int, RFH] = {}
        numbers = self.text("about").replace(",", " ").replace(";", " ").split()
        if len(numbers) > MOST_ABOUT:
            self.errors["about"] = f"At most {MOST_ABOUT} here; link the others in the portal."
            return [], []
        for number in numbers:
            try:
                if _REQUEST.fullmatch(number):
                    rfh = find_rfh(number[3:].lstrip("-"))
                    rfhs[rfh.pk] = rfh
                else:
                    ticket = find_ticket(number[:64])
                    tickets[ticket.pk] = ticket
            except (UnknownRFH, UnknownTicket):
                self.errors["about"] = f"There is no ticket and no request {number[:40]} here."
        return list(tickets.values()), list(rfhs.values())

    def at_most(self, name: str, longest: int) -> None:
        """A field that says more than `longest` characters is an error; Slack itself lets nobody type them."""
        if len(self.text(name)) > longest:
            self.errors[name] = f"At most {longest:,} characters; these are {len(self.text(name)):,}."

    @property
    def published(self) -> bool | None:
        """Whether the public is to read it, where somebody could say so; None: as the domain decides."""
        if "publish" not in self.typed or PUBLISH.value in self.text("publish").split(","):
            return None
        return False

    def _states(self, chosen: str) -> dict[int, str]:
        found: dict[int, str] = {}
        for value in chosen.split(","):
            if match := _COMPONENT.fullmatch(value):
                key, status = int(match[1]), str(STATES[match[2]])
                if found.get(key, status) != status:
                    name = Component.objects.filter(pk=key).values_list("name", flat=True).first()
                    self.errors[COMPONENTS] = f"{name} is here twice: choose one of its states."
                found[key] = status
        return found


def agent_who(user: str, may: Callable[[Agent], bool], what: str) -> Agent:
    """The agent of a Slack id, who may do `what`. Raises NotYours."""
    agent = selectors.agent_of(user)
    if agent is None:
        raise NotYours(f"I do not know you, so nothing was done. {selectors.managers()} can add you as an agent.")
    if not may(agent):
        raise NotYours(f"Your role may not {what}. Ask {selectors.managers()}.")
    return agent


def who_declares(user: str) -> Agent:
    """The agent, who may declare. Raises NotYours."""
    return agent_who(user, rights.may_declare, "declare incidents")


def who_updates(user: str) -> Agent:
    """The agent, who may update. Raises NotYours."""
    return agent_who(user, rights.may_change, "update incidents")


def at_blocks(refusal: IncidentError, blocks: frozenset[str], otherwise: str) -> Errors:
    """Each reason beside the field it is about, where the form has it."""
    if isinstance(refusal, BadIncident):
        errors: Mapping[str, list[str]] = refusal.errors
    elif isinstance(refusal, IllegalStep) and refusal.step == Step.LINK_RCA:
        errors = {"rca_url": [str(refusal)]}
    else:
        errors = {"status" if isinstance(refusal, NotYours | IllegalStep) else otherwise: [str(refusal)]}
    found: Errors = {}
    for name, sentences in errors.items():
        block = FIELDS.get(name, name)
        block = block if block in blocks else otherwise
        found[block] = " ".join([found.get(block, ""), *sentences]).strip()
    return found


def severities() -> list[Choice]:
    """What can be chosen, with what the table says of each."""
    rows = Severity.objects.all()
    return [Choice(row.severity, f"{row.severity}, {row.level}: {row.meaning}") for row in rows]


def statuses() -> list[Choice]:
    """Statuspage's states, and in them Crashbot's open, closed and invalid."""
    words = {
        State.INVESTIGATING: "Investigating (open)",
        State.IDENTIFIED: "Identified (open)",
        State.MONITORING: "Monitoring (open)",
        State.RESOLVED: "Resolved (closed)",
        State.INVALID: "Invalid: it was no incident",
    }
    return [Choice(str(state), label) for state, label in words.items()]


def chosen_incident(number: str) -> Incident | None:
    """The incident of a key that a form or button holds."""
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    return Incident.objects.select_related("point", "contact", "lead").filter(pk=int(number)).first()
