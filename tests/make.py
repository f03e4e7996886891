"""Builders with plain defaults, and the fixed cast of every test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from apps.people.models import Agent, Channel, Customer, NamedGroup, Plan
from apps.rotations.models import Shift
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
