"""Channels of single incidents: made when somebody asks for one, and whoever is concerned is invited.

Claimed, asked of Slack outside any transaction, kept. What Slack may have done unseen is looked for, not done again.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.incidents import services as incidents
from apps.incidents.models import Incident
from apps.incidents.selectors import RELATED, open_incidents
from apps.integrations.slack.events import InvitedToChannel
from apps.integrations.slack.gateway import Gateway, GatewayError, RateLimited, Refused
from apps.integrations.slack.membership import coming
from apps.integrations.slack.models import IncidentRoom, Invitation
from apps.people import services as people
from apps.people.acting import Acting
from apps.people.models import Agent, Channel
from apps.trail import services as trail

logger = logging.getLogger(__name__)

LOOK_AFTER = "apps.integrations.slack.jobs.look_after_incident_channels"
CLAIM = timedelta(minutes=1)
LONGEST = timedelta(seconds=12)
TRY_AGAIN = timedelta(hours=1)
# Slack's longest name of a channel, and how much of it an incident's title gets.
LONGEST_NAME, LONGEST_TITLE = 80, 50
TAKEN = "name_taken"
# Names tried before somebody must help: `inc-7-login`, `inc-7-login-2` …
MOST_NAMES = 4
# So often in a row Slack may leave open what it did, a minute apart, before somebody must help.
MOST_ATTEMPTS = 30
ALREADY = frozenset({"already_in_channel", "cant_invite_self"})
ADVICE = {
    "missing_scope": "The app lacks the scope channels:manage. Install it again from slack/manifest.yaml.",
    "restricted_action": "The workspace does not let the bot make channels: ask its administrators.",
    "user_is_restricted": "The workspace does not let the bot make channels: ask its administrators.",
}


@dataclass(frozen=True)
class Guest:
    """Somebody who is to be in a channel, and why."""

    agent: Agent
    because: str


class Round:
    """One look at every channel that is wanted, and at whoever is to be in one. Two at once call Slack once."""

    def __init__(self, gateway: Gateway, *, clock: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._clock = clock
        self._until = clock() + LONGEST
        self.opened = 0
        self.invited = 0

    def everything(self) -> None:
        """What is asked for is made; then whoever is concerned is invited. Ends early where Slack is away."""
        try:
            for room in _due(self._clock()):
                if self._clock() < self._until and _claim(room, self._clock()):
                    self._open(room)
            for channel, guests in _wanted(now=self._clock()).items():
                if self._clock() < self._until:
                    self._invite(channel, guests)
        except GatewayError as error:
            logger.warning("Incidents' channels wait: %s", error)

    def _open(self, room: IncidentRoom) -> None:
        incident = Incident.objects.select_related(*RELATED).get(pk=room.incident_id)
        by = Acting(Agent.objects.filter(email=room.asked_agent).first() if room.asked_agent else None, room.asked_by)
        try:
            channel, name = self._make(incident, again=room.attempts > 1)
        except RateLimited as limit:
            _release(room, self._clock() + timedelta(seconds=limit.seconds))
            raise
        except Refused as refused:
            if refused.locked_out or not refused.permanent:
                _release(room, self._clock() + CLAIM)
                raise
            self._give_up(room, incident, _advice(refused), by)
        except GatewayError as error:
            if room.attempts >= MOST_ATTEMPTS:
                self._give_up(room, incident, str(error), by)
            _release(room, self._clock() + CLAIM)
            raise
        else:
            now = self._clock()
            with transaction.atomic():
                people.channel(channel, name, now=now)
                incidents.note_channel(incident, channel=channel, name=name, by=by, now=now)
                room.delete()
            self.opened += 1

    def _make(self, incident: Incident, *, again: bool) -> tuple[str, str]:
        """The new channel, with its name; `again`: it may be there by an attempt that nobody saw end."""
        first = name_of(incident.number, incident.title)
        for attempt in range(1, MOST_NAMES + 1):
            name = first if attempt == 1 else f"{first[: LONGEST_NAME - 2]}-{attempt}"
            try:
                return self._gateway.create_channel(name), name
            except Refused as refused:
                if refused.error != TAKEN:
                    raise
            if again and (known := self._gateway.own_channel(name)):
                return known, name
        raise Refused(TAKEN, permanent=True)

    def _give_up(self, room: IncidentRoom, incident: Incident, reason: str, by: Acting) -> None:
        with transaction.atomic():
            incidents.refuse_channel(incident, because=reason, by=by, now=self._clock())
            IncidentRoom.objects.filter(pk=room.pk).delete()

    def _invite(self, channel: str, guests: Mapping[str, Guest]) -> None:
        """Each once for each reason; whom Slack does not take is tried again in an hour. Asked twice, it takes both."""
        now = self._clock()
        rows = Invitation.objects.filter(channel=channel)
        known = set(
            rows.filter(Q(note="") | Q(at__gt=now - TRY_AGAIN)).values_list("slack_id", "because").order_by("pk")
        )
        fresh = {key: guest for key, guest in guests.items() if (key, guest.because) not in known}
        if not fresh:
            return
        notes = self._ask(channel, list(fresh))
        joined: list[str] = []
        left_out: list[str] = []
        with transaction.atomic():
            for slack_id, guest in fresh.items():
                note = notes.get(slack_id, "")[:200]
                row, new = rows.select_for_update().get_or_create(
                    slack_id=slack_id, because=guest.because, defaults={"channel": channel, "at": now, "note": note}
                )
                if new or row.note != note:
                    (left_out if note else joined).append(f"{guest.agent} ({note})" if note else str(guest.agent))
                rows.filter(pk=row.pk).update(at=now, note=note)
            if joined or left_out:
                name = str(Channel.objects.filter(slack_id=channel).first() or channel)
                event = InvitedToChannel(channel=channel, name=name, people=joined, left_out=left_out)
                trail.record(event, about=_about(channel), now=now)
        self.invited += len(joined)

    def _ask(self, channel: str, users: list[str]) -> dict[str, str]:
        """Why Slack did not take some of them, by id. It refuses the whole list for one."""
        try:
            self._gateway.invite(channel, users)
            return {}
        except Refused as refused:
            if refused.locked_out:
                raise
            if len(users) == 1:
                return {} if refused.error in ALREADY else {users[0]: refused.error}
        notes: dict[str, str] = {}
        for user in users:
            notes |= self._ask(channel, [user])
        return notes


def name_of(number: str, title: str) -> str:
    """What a channel is called: `inc-7-login-is-down`. Slack takes small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", f"{number} {title[:LONGEST_TITLE]}").encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_NAME]


def _wanted(*, now: datetime) -> dict[str, dict[str, Guest]]:
    """By channel, who is to be in it: those with a role in its incident, and the team that comes on duty."""
    found: dict[str, dict[str, Guest]] = {}
    spoken: set[str] = set()
    for incident in open_incidents():
        spoken |= {incident.slack_channel, incident.thread_channel} - {""}
        if not incident.slack_channel:
            continue
        guests = found.setdefault(incident.slack_channel, {})
        for agent in (incident.point, incident.contact, incident.lead):
            if agent is not None and agent.is_active and agent.slack_id:
                guests.setdefault(agent.slack_id, Guest(agent, "role"))
    for handover, agents in coming(spoken, now=now):
        for channel, agent in agents:
            if agent.slack_id:
                found.setdefault(channel, {}).setdefault(agent.slack_id, Guest(agent, f"handover:{handover}"))
    return found


def _about(channel: str) -> list[str]:
    own = Incident.objects.filter(slack_channel=channel).values_list("pk", flat=True)
    return [f"incident:{key}" for key in own] or [f"channel:{channel}"]


def _due(now: datetime) -> list[IncidentRoom]:
    ready = Q(next_at=None) | Q(next_at__lte=now)
    return list(IncidentRoom.objects.filter(ready).order_by("pk"))


def _claim(room: IncidentRoom, now: datetime) -> bool:
    free = IncidentRoom.objects.filter(pk=room.pk).filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
    taken = free.update(claimed_until=now + CLAIM, attempts=room.attempts + 1)
    room.attempts += 1
    return bool(taken)


def _release(room: IncidentRoom, next_at: datetime) -> None:
    IncidentRoom.objects.filter(pk=room.pk).update(claimed_until=None, next_at=next_at)


def _advice(refused: Refused) -> str:
    return ADVICE.get(refused.error, str(refused))
