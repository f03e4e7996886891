"""Incidents as their messages show them, and where each is spoken of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.incidents.models import Component, Incident, Update
from apps.incidents.selectors import RELATED, affected
from apps.integrations.slack import incident_buttons, incident_messages
from apps.integrations.slack import selectors as slack
from apps.integrations.slack.incident_messages import Shown
from apps.integrations.slack.text import escape, mention
from apps.notices.incident_routing import Message
from apps.notices.models import Notice
from apps.notices.places import Place
from apps.notices.routing import usable
from apps.people.models import Agent


@dataclass(frozen=True)
class Spoken:
    """An incident as its messages show it, and where it is spoken of. `crash`: the channel of all incidents."""

    incident: Incident
    shown: Shown
    crash: str

    @property
    def post(self) -> Message:
        """The message that shows it as it is now, with what can be done about it."""
        return incident_messages.post(self.shown, buttons=self.buttons)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """What can be done about it from its message."""
        incident = self.incident
        return incident_buttons.rows(
            incident.pk,
            over=incident.is_over,
            acknowledged=incident.acknowledged_at is not None,
            channel=bool(incident.slack_channel or incident.channel_asked_at),
        )

    @property
    def next_word(self) -> list[dict[str, Any]]:
        """What can be done about it from a word in its thread, while it is open."""
        key = self.incident.pk
        return [] if self.incident.is_over else incident_buttons.rows(key, over=False, acknowledged=True, channel=True)

    @property
    def thread(self) -> Place:
        """Its thread in the channel of all incidents, once Slack has taken its message there."""
        here = self.incident.thread_channel == self.crash
        return Place(self.crash, self.incident.thread_ts if here else "")


def spoken_of(numbers: Iterable[int]) -> dict[int, Spoken]:
    """The incidents of these keys, by key; what is none is left out."""
    wanted = set(numbers)
    if not wanted:
        return {}
    crash = crash_channel()
    rows = Incident.objects.select_related(*RELATED).in_bulk(wanted)
    return {key: one_of(row, crash) for key, row in rows.items()}


def one_of(incident: Incident, crash: str) -> Spoken:
    """The incident, where `crash` is the channel of all."""
    return Spoken(incident=incident, shown=shown(incident), crash=crash)


def crash_channel() -> str:
    """The channel of all incidents, else the default one; empty where neither can be an id."""
    return usable(slack.incidents_channel()) or usable(settings.SLACK_DEFAULT_CHANNEL)


def shown(incident: Incident) -> Shown:
    """The incident as its messages show it now."""
    well = Component.Status.OPERATIONAL
    touched = affected(incident).items()
    updates = Update.objects.filter(incident=incident)
    public = updates.filter(published_at__isnull=False).exclude(public_text="").order_by("-position").first()
    note = updates.exclude(internal_note="").order_by("-position").first()
    tickets = [(f"ticket {each.number}", page_address("tickets_ticket", each.pk)) for each in incident.tickets.all()]
    rfhs = [(str(each), page_address("rfhs_rfh", each.pk)) for each in incident.rfhs.all()]
    return Shown(
        number=incident.number,
        key=incident.pk,
        title=incident.title,
        severity=incident.severity,
        level=incident.level,
        status=incident.status,
        status_name=incident.get_status_display(),
        reported_at=incident.reported_at,
        over=incident.is_over,
        closed_at=incident.closed_at,
        acknowledged_by=incident.acknowledged_by if incident.acknowledged_at else "",
        description=incident.description,
        point=_markup(incident.point),
        contact=_markup(incident.contact),
        lead=_markup(incident.lead),
        components=tuple(
            (each.name, change.get_status_display())
            for each, change in touched
            if incident.is_over or change.status != well
        ),
        about=(*tickets, *rfhs),
        public=incident.is_public,
        waits=incident.awaiting_since is not None,
        public_text=public.public_text if public else "",
        note=note.internal_note if note else "",
        url=page_address("incidents_incident", incident.pk),
        rca=incident.rca_url,
        channel=incident.slack_channel,
    )


def number_of(notice: Notice) -> int:
    """The key of the incident a message is about."""
    return int(notice.about.removeprefix("incident:"))


def page_address(model: str, key: int) -> str:
    """The page's whole address; empty where the portal does not know its own."""
    return f"{settings.BASE_URL}{reverse(f'admin:{model}_change', args=[key])}" if settings.BASE_URL else ""


def _markup(agent: Agent | None) -> str:
    if agent is None:
        return ""
    return mention(agent.slack_id) if agent.slack_id else escape(str(agent))
