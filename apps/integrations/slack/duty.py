"""What Slack is to show of who is on duty and of what is broken: channels' topics, and the members of user groups."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from apps.incidents.selectors import open_incidents
from apps.integrations.slack import topics
from apps.integrations.slack.models import Followed
from apps.integrations.slack.selectors import incidents_channel
from apps.integrations.slack.topics import BAR, Broken, Duty, Part
from apps.people.models import Agent, Channel, UserGroup
from apps.rotations.models import Role, Rotation
from apps.rotations.schedules import Current, on_call

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,19}")
_GROUP_ID = re.compile(r"S[A-Z0-9]{2,}")


@dataclass(frozen=True)
class Topic:
    """What a channel's topic says; several rotations may share a channel.

    broken: the open incidents, where it is the channel of all of them; then the whole topic is ours.
    """

    place: str
    called: str
    parts: tuple[Part, ...]
    about: tuple[str, ...]
    broken: tuple[Broken, ...] | None = None
    kind = Followed.Kind.TOPIC

    @property
    def value(self) -> str:
        if self.broken is not None:
            return topics.incidents(self.broken, self.parts)
        return BAR.join(part.text() for part in self.parts)


@dataclass(frozen=True)
class Group:
    """Who is in a user group: everybody on in a role that names it. `known`: as Slack told us of it last, if it did."""

    place: str
    called: str
    people: tuple[Agent, ...]
    about: tuple[str, ...]
    roles: tuple[str, ...] = ()
    known: UserGroup | None = None
    kind = Followed.Kind.GROUP

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(agent.slack_id for agent in self.people if agent.slack_id))

    @property
    def without_id(self) -> tuple[str, ...]:
        """Who is on and has no Slack id."""
        return tuple(str(agent) for agent in self.people if not agent.slack_id)

    @property
    def is_known(self) -> bool:
        """Whether Slack can be asked: there is an id to ask by."""
        return bool(_GROUP_ID.fullmatch(self.place))

    @property
    def value(self) -> str:
        return " ".join(self.ids)


Wanted = Topic | Group


def wanted(at: datetime) -> list[Wanted]:
    """What each place is to say at the instant; nothing of rotations that are archived."""
    named = Role.objects.filter(rotation=OuterRef("pk")).exclude(user_group="")
    rotations = Rotation.objects.filter(archived_at=None).filter(Q(channel__isnull=False) | Exists(named))
    on_duty = on_call(at, rotations) if rotations.exists() else {}
    found = sorted(on_duty.items(), key=lambda pair: (pair[0].name, pair[0].pk))
    return [*_with_incidents(_topics(found)), *_groups(found)]


def places_of(rotation: Rotation) -> dict[str, str]:
    """Where Slack shows who is on in this rotation, with what it is called: its channel, its roles' user groups."""
    found = {rotation.channel.slack_id: str(rotation.channel)} if rotation.channel else {}
    by_name = _known_groups()
    for role in rotation.roles.all():
        if role.user_group:
            place, known = _group(role.user_group, by_name)
            found[place] = str(known) if known else f"@{place.lstrip('@')}"
    return found


def called(row: Followed) -> str:
    """The place as people call it: #set, @set-primary."""
    if row.kind == Followed.Kind.TOPIC:
        return str(Channel.objects.filter(slack_id=row.place).first() or row.place)
    return str(UserGroup.objects.filter(slack_id=row.place).first() or row.place)


def _with_incidents(found: list[Topic]) -> list[Topic]:
    """With the channel of all incidents, which may be a rotation's as well."""
    place = incidents_channel()
    if not _CHANNEL_ID.fullmatch(place):
        return found
    broken = tuple(
        Broken(incident.severity, incident.number, incident.title, incident.description)
        for incident in open_incidents()
    )
    shared = next((topic for topic in found if topic.place == place), None)
    known = shared.called if shared else str(Channel.objects.filter(slack_id=place).first() or place)
    topic = Topic(
        place=place,
        called=known,
        parts=shared.parts if shared else (),
        about=(f"channel:{place}", *(shared.about if shared else ())),
        broken=broken,
    )
    return [*(each for each in found if each is not shared), topic]


def _topics(found: list[tuple[Rotation, list[Current]]]) -> list[Topic]:
    channels: dict[str, list[tuple[Rotation, list[Current]]]] = {}
    for rotation, roles in found:
        if rotation.channel and roles:
            channels.setdefault(rotation.channel.slack_id, []).append((rotation, roles))
    return [
        Topic(
            place=place,
            called=str(sharing[0][0].channel),
            parts=tuple(
                Part(
                    rotation.name,
                    tuple(Duty(role.role, role.names, tuple(agent.called for agent in role.people)) for role in roles),
                )
                for rotation, roles in sharing
            ),
            about=tuple(rotation.stream for rotation, _ in sharing),
        )
        for place, sharing in channels.items()
    ]


def _groups(found: list[tuple[Rotation, list[Current]]]) -> list[Group]:
    by_name = _known_groups()
    groups: dict[str, Group] = {}
    for rotation, roles in found:
        named = {role.name: role.user_group for role in rotation.roles.all() if role.user_group}
        for current in roles:
            if current.role not in named:
                continue
            place, known = _group(named[current.role], by_name)
            before = groups.get(place)
            people = [*(before.people if before else ()), *(agent for agent in current.people if agent.is_active)]
            groups[place] = Group(
                place=place,
                called=str(known) if known else f"@{place.lstrip('@')}",
                people=tuple({agent.pk: agent for agent in people}.values()),
                about=tuple(dict.fromkeys([*(before.about if before else ()), rotation.stream])),
                roles=(*(before.roles if before else ()), f"{current.role} of {rotation}"),
                known=known,
            )
    return list(groups.values())


def _known_groups() -> dict[str, UserGroup]:
    """By id and by handle, in lower case."""
    return {name.lower(): group for group in UserGroup.objects.all() for name in (group.handle, group.slack_id)}


def _group(written: str, by_name: dict[str, UserGroup]) -> tuple[str, UserGroup | None]:
    name = written.strip().lstrip("@")
    known = by_name.get(name.lower())
    if known:
        return known.slack_id, known
    return (name, None) if _GROUP_ID.fullmatch(name) else (f"@{name.lower()}", None)
