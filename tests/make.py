"""Builders with plain defaults, and the fixed cast of every test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from apps.incidents import services as incidents
from apps.incidents.models import Component, Incident
from apps.notices.models import Notice
from apps.pages import services as pages
from apps.pages.models import Page
from apps.people.acting import Acting
from apps.people.models import Agent, Channel, Customer, NamedGroup, Plan, Team
from apps.rfhs import services as rfhs
from apps.rfhs.models import RFH
from apps.rotations import services as rotations
from apps.rotations.models import Cycle, Rotation, Shift
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.sla.models import Policy, Promise, Tier
from apps.tickets import services as tickets
from apps.tickets.models import Ticket

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def agent(name: str = "Ana", **fields: Any) -> Agent:
    """Ana is U-ANA in Slack, Ben is U-BEN."""
    defaults = {"first_name": name, "last_name": "", "slack_id": f"U{name.upper()}"}
    return Agent.objects.create_user(f"{name.lower()}@example.com", **{**defaults, **fields})


def plan(slug: str = "enterprise") -> Plan:
    return Plan.objects.get_or_create(slug=slug, defaults={"name": slug.capitalize()})[0]


def customer(slug: str = "acme", **fields: Any) -> Customer:
    defaults = {"name": slug.capitalize(), "plan": plan()}
    return Customer.objects.create(slug=slug, **{**defaults, **fields})


def channel(slack_id: str = "C100", name: str = "support-enterprise") -> Channel:
    return Channel.objects.get_or_create(slack_id=slack_id, defaults={"name": name})[0]


def named_group(slug: str = "head-of-success", *members: Agent) -> NamedGroup:
    group = NamedGroup.objects.create(slug=slug, name=slug.replace("-", " "))
    group.members.set(members)
    return group


def shift(who: Agent, *, kind: str = "support", product: str = "", start: datetime = NOW, hours: float = 8) -> Shift:
    return Shift.objects.create(
        agent=who, kind=kind, product=product, starts_at=start, ends_at=start + timedelta(hours=hours)
    )


def team(slug: str = "set", *members: Agent, kind: str = "engineering") -> Team:
    made, _ = Team.objects.get_or_create(slug=slug, defaults={"name": slug.capitalize(), "kind": kind})
    made.members.add(*members)
    return made


def layer(*people: Agent | tuple[Agent, ...], role: str = "primary", **fields: Any) -> LayerSpec:
    """Weekly turns from Monday 2 March 2026, 09:00, in this order; several agents in a tuple share one."""
    turns = tuple((who,) if isinstance(who, Agent) else who for who in people)
    defaults: dict[str, Any] = {
        "name": f"{role} weekly",
        "start_local": datetime(2026, 3, 2, 9),
        "participants": tuple(tuple(agent.email for agent in turn) for turn in turns),
    }
    return LayerSpec(role=role, **{**defaults, **fields})


def rotation(
    *layers: LayerSpec,
    slug: str = "set",
    team_of: Team | None = None,
    zone: str = "Europe/London",
    roles: tuple[str, ...] = (),
    now: datetime = NOW,
) -> Rotation:
    """With the roles its layers name, or those given. What its people were told of it is out of the way."""
    names = roles or tuple(dict.fromkeys(each.role for each in layers)) or ("primary",)
    spec = RotationSpec(
        team=(team_of or team()).slug,
        slug=slug,
        name=slug.upper(),
        time_zone=zone,
        roles=tuple(RoleSpec(name) for name in names),
        layers=layers,
    )
    made = rotations.save_rotation(None, spec, now=now)
    Notice.objects.filter(about=made.stream).delete()
    return made


def cycle(lead: Agent, *, start: datetime = datetime(2026, 3, 23, 9), now: datetime = NOW, **fields: Any) -> Cycle:
    """Of two weeks, of a rotation of its own that `lead` leads; the first begins on the Monday after NOW."""
    led = rotation(layer(lead, role="lead", start_local=start), slug="cycled", team_of=team("cycled", lead), now=now)
    return rotations.set_up_cycle(led, start_local=start, now=now, **fields)


def page(message: str = "The login is down", *, to: Team | None = None, now: datetime = NOW, **fields: Any) -> Page:
    """Sent by Sam through the API."""
    made, _ = pages.open_page(
        **{"team": to or team(), "message": message, "origin": "api", "by": "Sam", "now": now, **fields}
    )
    return made


def policy(
    name: str = "Enterprise",
    *,
    minutes: tuple[int, ...] = (10, 20, 35, 50),
    within: int = 50,
    audiences: tuple[dict[str, Any], ...] = (),
    plans: tuple[Plan, ...] = (),
    channels: tuple[Channel, ...] = (),
    **fields: Any,
) -> Policy:
    """The last in order, with tiers after `minutes`; audiences by default as SLA Buddy's.

    Those are: not embedded, on shift, a user group, another.
    """
    usual: tuple[dict[str, Any], ...] = (
        {"audience_kind": "not_embedded"},
        {"audience_kind": "on_shift"},
        {"audience_kind": "user_group", "user_group": "S0SUPPORT"},
        {"audience_kind": "user_group", "user_group": "S0SUCCESS"},
    )
    made = Policy.objects.create(**{"name": name, "position": Policy.objects.count() + 1, **fields})
    made.plans.set(plans)
    made.channels.set(channels)
    Promise.objects.create(policy=made, within=within * MINUTE)
    for position, after in enumerate(minutes, start=1):
        whom = audiences[position - 1] if audiences else usual[min(position, 4) - 1]
        Tier.objects.create(policy=made, position=position, after=after * MINUTE, **whom)
    return made


def ticket(number: str = "4711", *, opened_at: datetime = NOW, now: datetime | None = None, **fields: Any) -> Ticket:
    defaults: dict[str, Any] = {"origin": "api", "channel": "C100", "thread_ts": "1773824400.000100"}
    made, _ = tickets.open_ticket(number=number, opened_at=opened_at, now=now or opened_at, **{**defaults, **fields})
    return made


def until_somebody_waits() -> None:
    """Returns when another connection waits for a lock."""
    for _ in range(1_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE NOT granted")
            row = cursor.fetchone()
        if row is not None and row[1]:
            return
    raise AssertionError("Nobody waits.")


def acting(who: Agent | None = None, name: str = "Ana") -> Acting:
    """Ana does it, or this agent."""
    return Acting(who, "" if who else name)


def rfh(now: datetime = NOW, *, by: Acting | None = None, **fields: Any) -> RFH:
    """A draft: how to move a board from one server to another."""
    defaults: dict[str, Any] = {"summary": "How does one move a board to another server?", "kind": "help"}
    made, _ = rfhs.begin(by=by or acting(), now=now, **{**defaults, **fields})
    return made


def heard(team_of: Team) -> Team:
    """The team, which can be asked: it has a Slack channel."""
    if team_of.channel is None:
        team_of.channel = channel(f"C{team_of.slug.upper().replace('-', '')}", team_of.slug)
        team_of.save(update_fields=["channel"])
    return team_of


def filed_rfh(now: datetime = NOW, *, team_of: Team | None = None, by: Acting | None = None, **fields: Any) -> RFH:
    """The same, filed with the delivery team."""
    made = rfh(now, by=by, **fields)
    rfhs.file(
        made, team=heard(team_of or team("delivery")), by=by or acting(), now=now, skip_teammates_because="It is urgent"
    )
    return made


def component(slug: str = "api", **fields: Any) -> Component:
    """Public, made at NOW."""
    defaults: dict[str, Any] = {"name": slug.capitalize(), "created_at": NOW, "updated_at": NOW}
    return Component.objects.create(slug=slug, **{**defaults, **fields})


def incident(title: str = "Login is down", *, by: Acting | None = None, now: datetime = NOW, **fields: Any) -> Incident:
    """Declared by Ana through the API; on the public page when it has a `public_text`."""
    made, _ = incidents.declare(title=title, by=by or acting(), now=now, **{"source": "api", **fields})
    return made
