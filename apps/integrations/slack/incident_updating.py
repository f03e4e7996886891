"""/update-incident: choosing one of all incidents, and saying how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.incidents import rights, services, states
from apps.incidents.errors import BadIncident, IncidentError, UnknownIncident
from apps.incidents.models import Incident, Update
from apps.incidents.selectors import affected, find
from apps.incidents.states import OPEN, State, Step
from apps.integrations.slack import incident_modals, inputs
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.asking import place
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.incident_forms import (
    Said,
    at_blocks,
    chosen_incident,
    severities,
    statuses,
    who_updates,
)
from apps.integrations.slack.incident_lines import WHEN, address, line
from apps.integrations.slack.incident_modals import COMPONENTS, INCIDENT, LONGEST_DESCRIPTION, LONGEST_TITLE, Known
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.inputs import NextView
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.setup import Errors
from apps.integrations.slack.suggesting import CODES, component_choice
from apps.integrations.slack.text import date, escape, link
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket

COMMAND = "/update-incident"
_FIELDS = ("title", "description", "severity")
_PEOPLE = ("point", "contact", "lead")
_BLOCKS = frozenset(
    {*_FIELDS, *_PEOPLE, "status", "public_text", "internal_note", COMPONENTS, "reported_at", "closed_at", "rca_url"}
    | {"about"}
)
_CLOSING = frozenset({"public_text", "internal_note", "closed_at", "rca_url"})
# Of a description that is longer than the form takes.
ELSEWHERE = "The description is longer than this form takes: change it in the portal."


def on_command(event: SlackEvent, now: datetime) -> Call | None:
    """With INC-7, or in that incident's own channel: its form. Else the picker."""
    payload = event.payload
    channel = word(payload.get("channel_id"))
    asked = Asked(COMMAND, user=user_of(payload), channel=place(channel))
    said = " ".join(word(payload.get("text")).split())
    trigger = word(payload.get("trigger_id"))
    try:
        agent = who_updates(asked.user)
        if not Incident.objects.exists():
            raise UnknownIncident("There is no incident yet: /create-incident declares one.")
    except IncidentError as refusal:
        answer(asked, escape(str(refusal)), now=now, private=True)
        return None
    if not said:
        here = Incident.objects.filter(slack_channel=channel).order_by("-pk").first() if channel else None
        return OpenModal(asked, trigger, form(here, agent) if here else incident_modals.choose())
    try:
        return OpenModal(asked, trigger, form(find(said), agent))
    except UnknownIncident as refusal:
        return OpenModal(asked, trigger, incident_modals.choose(remarks=[escape(str(refusal))]))


def submit_choice(payload: Mapping[str, Any], *, now: datetime) -> Errors | NextView:
    """The picker turns into the form of what was chosen."""
    said = Said.of(payload)
    try:
        agent = who_updates(user_of(payload))
    except IncidentError as refusal:
        return {INCIDENT: str(refusal)}
    incident = chosen_incident(said.text(INCIDENT))
    if incident is None:
        return {INCIDENT: "Choose an incident: type its number, or words of its title."}
    return NextView(form(incident, agent))


def form(incident: Incident, agent: Agent) -> inputs.View:
    """The form of an incident as it is now, as this agent fills it in."""
    incident = Incident.objects.select_related(*_PEOPLE).get(pk=incident.pk)
    chosen = [
        component_choice(component, change.status)
        for component, change in affected(incident).items()
        if change.status in CODES
    ][: inputs.MOST_OPTIONS]
    people = {name: _slack_id(getattr(incident, name)) for name in _PEOPLE}
    long = len(incident.description) > LONGEST_DESCRIPTION
    known = Known(
        severity=incident.severity,
        reported_at=incident.reported_at,
        title=incident.title,
        description="" if long else incident.description,
        status=incident.status,
        components=chosen,
        closed_at=incident.closed_at,
        rca_url=incident.rca_url,
        remarks=_remarks(incident, long=long),
        longest_title=max(LONGEST_TITLE, len(incident.title)),
        described_elsewhere=long,
        **people,
    )
    return incident_modals.update(
        str(incident),
        known,
        severities(),
        statuses(),
        publishes=rights.may_publish(Acting(agent)),
        metadata={INCIDENT: str(incident.pk), COMPONENTS: ",".join(choice.value for choice in chosen)},
    )


def submit(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """What was touched is said and changed, all of it or nothing; else what is wrong, by block."""
    return _submitted(payload, _BLOCKS, "status", now=now)


def submit_close(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """It is closed; else what is wrong, by block."""
    return _submitted(payload, _CLOSING, "public_text", now=now, closes=True)


def _submitted(
    payload: Mapping[str, Any], blocks: frozenset[str], otherwise: str, *, now: datetime, closes: bool = False
) -> Errors:
    said = Said.of(payload)
    try:
        agent = who_updates(user_of(payload))
        incident = chosen_incident(word(said.opened.get(INCIDENT)))
        if incident is None:
            raise UnknownIncident("I lost track of the incident; please open the form again.")
        if said.key and Update.objects.filter(incident=incident, key=said.key).exists():
            # Sent twice, it is said once.
            return {}
        wanted = _wanted(said, incident, closes=closes)
        if said.errors:
            return said.errors
        with transaction.atomic():
            _carry_out(wanted, incident, by=Acting(agent), now=now)
    except IncidentError as refusal:
        return at_blocks(refusal, blocks, otherwise)
    return {}


def close_form(incident: Incident, agent: Agent) -> inputs.View:
    """The form of the button that closes."""
    known = Known(rca_url=incident.rca_url, remarks=_remarks(incident, long=False))
    publishes = rights.may_publish(Acting(agent))
    return incident_modals.close(str(incident), known, publishes=publishes, metadata={INCIDENT: str(incident.pk)})


@dataclass(frozen=True)
class Wanted:
    """What a form wants of an incident; what nobody touched is empty or None."""

    status: State | None
    changes: Mapping[str, Any]
    public_text: str
    note: str
    components: Sequence[Mapping[str, str]]
    closed_at: datetime | None
    rca_url: str | None
    tickets: Sequence[Ticket]
    rfhs: Sequence[RFH]
    published: bool | None
    key: str

    @property
    def says(self) -> dict[str, str]:
        """What it says beside changing fields, by block."""
        components = "components" if self.components else ""
        said = {"public_text": self.public_text, "internal_note": self.note, COMPONENTS: components}
        return {name: text for name, text in said.items() if text}


def _wanted(said: Said, incident: Incident, *, closes: bool = False) -> Wanted:
    changes: dict[str, Any] = {name: said.text(name) for name in _FIELDS if said.touched(name)}
    changes |= said.people(*_PEOPLE)
    if said.touched("reported_at"):
        changes["reported_at"] = said.moment("reported_at") or incident.reported_at
    if "title" in changes:
        said.at_most("title", max(LONGEST_TITLE, len(incident.title)))
    said.at_most("description", LONGEST_DESCRIPTION)
    status = State.RESOLVED if closes else None
    if said.touched("status"):
        if said.text("status") in states.NAMES:
            status = State(said.text("status"))
        else:
            said.errors["status"] = "Choose a status."
    tickets, rfhs = said.about()
    return Wanted(
        status=status,
        changes=changes,
        public_text=said.text("public_text"),
        note=said.text("internal_note"),
        components=said.components(),
        closed_at=said.moment("closed_at") if said.touched("closed_at") else None,
        rca_url=said.text("rca_url") if said.touched("rca_url") else None,
        tickets=tickets,
        rfhs=rfhs,
        published=said.published,
        key=said.key,
    )


def _carry_out(wanted: Wanted, incident: Incident, *, by: Acting, now: datetime) -> None:
    at = incident.at
    to = wanted.status or at
    others = wanted.rca_url is not None or wanted.tickets or wanted.rfhs
    if to == State.INVALID != at:
        _mark_invalid(wanted, incident, by=by, now=now)
    elif at in OPEN:
        if wanted.says or wanted.changes or wanted.closed_at or to != at or not others:
            _say(wanted, incident, by=by, now=now)
    elif to in OPEN:
        _reopen(wanted, incident, to, by=by, now=now)
    else:
        _change_what_is_over(wanted, incident, to, by=by, now=now)
    if wanted.rca_url is not None:
        services.link_rca(incident, url=wanted.rca_url, public=incident.rca_public, by=by, now=now)
    services.link(incident, tickets=wanted.tickets, rfhs=wanted.rfhs, by=by, now=now)


def _say(wanted: Wanted, incident: Incident, *, by: Acting, now: datetime) -> None:
    services.post_update(
        incident,
        by=by,
        now=now,
        status=wanted.status or "",
        public_text=wanted.public_text,
        internal_note=wanted.note,
        components=wanted.components,
        changes=wanted.changes,
        closed_at=wanted.closed_at,
        published=wanted.published,
        key=wanted.key,
    )


def _mark_invalid(wanted: Wanted, incident: Incident, *, by: Acting, now: datetime) -> None:
    for name in wanted.says.keys() - {"internal_note"}:
        raise BadIncident(name, "The public page forgets what was no incident: leave this as it was.")
    services.mark_invalid(incident, because=wanted.note, by=by, now=now)
    services.change(incident, wanted.changes, by=by, now=now)


def _reopen(wanted: Wanted, incident: Incident, to: State, *, by: Acting, now: datetime) -> None:
    kept_back = wanted.published is False
    services.reopen(incident, because=wanted.note, public_text="" if kept_back else wanted.public_text, by=by, now=now)
    moved = to if to != incident.at else None
    rest = replace(wanted, status=moved, note="", public_text=wanted.public_text if kept_back else "")
    if rest.says or rest.changes or rest.closed_at or moved:
        _say(rest, incident, by=by, now=now)


def _change_what_is_over(wanted: Wanted, incident: Incident, to: State, *, by: Acting, now: datetime) -> None:
    if to != incident.at:
        states.check(Step.CLOSE, incident.at)
    for name in wanted.says:
        raise BadIncident(name, f"{incident} is {incident.at}. To say this, choose an open status: that reopens it.")
    changes = {**wanted.changes, **({"closed_at": wanted.closed_at} if wanted.closed_at else {})}
    services.change(incident, changes, by=by, now=now)


def _remarks(incident: Incident, *, long: bool) -> list[str]:
    found = [line(incident)]
    if incident.closed_at is not None:
        found[0] += f", ended {date(incident.closed_at, WHEN)}"
    if incident.awaiting_since is not None:
        found.append(f"Decide on what waits for approval {link(address(incident), 'in the portal')}.")
    if long:
        found.append(f"{ELSEWHERE} {link(address(incident), 'Open it')}.")
    hidden = [
        f"{name} {escape(str(agent))}"
        for name in _PEOPLE
        if (agent := getattr(incident, name)) is not None and not agent.slack_id
    ]
    if hidden:
        found.append(f"Not known in Slack: {', '.join(hidden)}. Empty fields keep them.")
    return found


def _slack_id(agent: Agent | None) -> str:
    return agent.slack_id or "" if agent else ""
