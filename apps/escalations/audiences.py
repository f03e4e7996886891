"""Who an audience is at an instant, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from apps.people.models import Agent, NamedGroup, Team, UserGroup
from apps.rfhs.selectors import sustained_engineering
from apps.rotations.models import Rotation
from apps.rotations.on_duty import roles_in
from apps.rotations.schedules import Current, on_call
from apps.rotations.selectors import OnShift, on_shift
from apps.sla.audiences import KINDS, Audience

GROUP_ID = re.compile(r"^S[A-Z0-9]{5,}$")


@dataclass(frozen=True)
class Person:
    """Somebody who is told, with the reason; `until` is when the reason ends, as a shift does."""

    name: str
    email: str
    slack_id: str
    because: str
    until: datetime | None = None
    agent: int | None = None

    def as_json(self) -> dict[str, Any]:
        shown = {"name": self.name, "email": self.email, "slack_id": self.slack_id, "because": self.because}
        # Apart from the words: each reader has a zone of their own.
        return {**shown, "until": self.until.isoformat()} if self.until else shown


@dataclass(frozen=True)
class Told:
    """Whom a tier tells. `mentions` are user groups (Slack ids or handles); `notes` say why others hear too."""

    people: tuple[Person, ...]
    mentions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nobody(self) -> bool:
        return not (self.people or self.mentions or self.channels)

    @property
    def unheard(self) -> bool:
        """Whether nobody would be notified: neither a person without a Slack id nor a handle whose id is not known."""
        people = any(person.slack_id for person in self.people)
        return not (people or self.channels or any(GROUP_ID.match(name) for name in self.mentions))


@dataclass
class Directory:
    """Looks audiences up at one instant; what it read once it keeps, so a batch costs a few queries."""

    at: datetime
    # Agents that the caller has read already, by email.
    known: Mapping[str, Agent] = field(default_factory=dict)
    _told: dict[Audience, Told] = field(default_factory=dict)

    @cached_property
    def _shifts(self) -> list[OnShift]:
        return on_shift(self.at)

    @cached_property
    def _groups(self) -> dict[str, NamedGroup]:
        return {group.slug: group for group in NamedGroup.objects.prefetch_related("members")}

    @cached_property
    def _user_groups(self) -> dict[str, UserGroup]:
        found = {}
        for group in UserGroup.objects.all():
            found[group.slack_id] = group
            found[group.handle.lower()] = group
        return found

    @cached_property
    def _on_duty(self) -> dict[Rotation, list[Current]]:
        return on_call(self.at, Rotation.objects.filter(archived_at=None).select_related("team"))

    @cached_property
    def sustained_engineering(self) -> Team | None:
        """The team whose lead stands in where an incident names none."""
        return sustained_engineering()

    def resolve(self, audience: Audience) -> Told:
        """Whom this audience is now, with reasons."""
        if audience not in self._told:
            self._told[audience] = self._resolve(audience)
        return self._told[audience]

    def tell(self, audience: Audience, higher: Sequence[Audience]) -> Told:
        """Whom to tell: where an audience is empty the next one up hears as well, and the notes say why."""
        told = self.resolve(audience)
        notes: list[str] = []
        # Who cannot be notified stays named: the message says who that is.
        people = {person.email: person for person in told.people}
        handles = told.mentions
        missing = audience
        # The tier above may be for the same people, only later.
        for other in dict.fromkeys(each for each in higher if each != audience):
            if not told.unheard:
                break
            notes.append(f"{why_unheard(missing, told)}, so “{other.label}” hears as well.")
            told, missing = self.resolve(other), other
            for person in told.people:
                # Somebody can be of both audiences.
                people.setdefault(person.email, person)
            handles += told.mentions
        if told.unheard:
            notes.append(f"{why_unheard(missing, told)}, and there is nobody above.")
        return Told(tuple(people.values()), handles, told.channels, tuple(notes))

    def _resolve(self, audience: Audience) -> Told:
        match audience.kind:
            case KINDS.not_embedded:
                return Told(self._on_shift(embedded=False))
            case KINDS.on_shift:
                return Told(self._on_shift(embedded=True))
            case KINDS.group:
                group = self._groups.get(audience.group)
                members = group.members.all() if group else ()
                return Told(_people(members, f"is a member of “{audience.label}”"))
            case KINDS.agents:
                agents = Agent.objects.filter(email__in=audience.agents)
                return Told(_people(agents, "is named in the tier"))
            case KINDS.owner:
                return Told(_people(self._named(audience.agents), "owns the request"))
            case KINDS.accountable:
                return Told(_people(self._named(audience.agents), "answers to the customer for it"))
            case KINDS.contact:
                because = "works on it, and it has no contact" if audience.role else "is its contact"
                return Told(_people(self._named(audience.agents), because))
            case KINDS.lead:
                return Told(_people(self._named(audience.agents), "leads it"))
            case KINDS.channel:
                return Told((), channels=(audience.channel,))
            case KINDS.user_group:
                return self._user_group(audience.user_group)
            case KINDS.rotation:
                return Told(self._in_a_rotation(audience))
            case other:
                raise ValueError(f"{other!r} is no kind of audience.")

    def _named(self, emails: Sequence[str]) -> list[Agent]:
        known = [self.known[email] for email in emails if email in self.known]
        missing = [email for email in emails if email not in self.known]
        return [*known, *(Agent.objects.filter(email__in=missing) if missing else ())]

    def _on_shift(self, *, embedded: bool) -> tuple[Person, ...]:
        elsewhere = {shift.agent.pk for shift in self._shifts if shift.embedded}
        people: dict[int, Person] = {}
        for shift in self._shifts:
            # Somebody with both kinds of shift right now is embedded.
            if shift.agent.pk in people or (not embedded and shift.agent.pk in elsewhere):
                continue
            people[shift.agent.pk] = _person(shift.agent, f"is on shift ({shift.says})", until=shift.ends_at)
        # Whoever is on duty in a rotation of a support team is there as well.
        for rotation, roles in self._on_duty.items():
            for current in roles if rotation.team.kind == Team.Kind.SUPPORT else ():
                for agent in current.people:
                    if agent.pk in people or (not embedded and agent.pk in elsewhere):
                        continue
                    because = f"is on shift ({current.role} in {rotation})"
                    people[agent.pk] = _person(agent, because, until=current.end)
        return tuple(people.values())

    def _in_a_rotation(self, audience: Audience) -> tuple[Person, ...]:
        people: dict[int, Person] = {}
        for rotation, roles in self._on_duty.items():
            meant = audience.rotation or audience.team
            if meant != (rotation.slug if audience.rotation else rotation.team.slug):
                continue
            for current in roles_in(roles, audience.role):
                because = f"is {current.role} of {rotation}: {current.because}"
                for agent in current.people:
                    if agent.is_active:
                        people.setdefault(agent.pk, _person(agent, because, until=current.end))
        return tuple(people.values())

    def _user_group(self, named: str) -> Told:
        known = self._user_groups.get(named) or self._user_groups.get(named.lstrip("@").lower())
        if known and known.synced_at and not known.member_ids:
            # Slack takes the mention and notifies nobody.
            return Told(())
        mention = known.slack_id if known else named if GROUP_ID.match(named) else f"@{named.lstrip('@')}"
        handle = f"@{known.handle}" if known else named
        agents = Agent.objects.filter(slack_id__in=known.member_ids) if known else ()
        return Told(_people(agents, f"is a member of {handle} in Slack"), mentions=(mention,))


def why_unheard(audience: Audience, told: Told) -> str:
    """Why nobody of the audience would be notified."""
    if told.nobody:
        return f"Nobody is “{audience.label}” now"
    if told.people:
        return f"Nobody of “{audience.label}” has a Slack id"
    return f"“{audience.label}” notifies nobody"


def _people(agents: Iterable[Agent], because: str) -> tuple[Person, ...]:
    return tuple(_person(agent, because) for agent in agents if agent.is_active)


def _person(agent: Agent, because: str, *, until: datetime | None = None) -> Person:
    return Person(str(agent), agent.email, agent.slack_id or "", because, until, agent.pk)
