"""Rows for the figures, made with few statements. Import after Django is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import uuid_utils.compat as uuids
from django.db import connection, transaction

from apps.escalations.models import Check, Clock
from apps.people.models import Agent, Plan, Team
from apps.rotations.models import Rotation, Shift
from apps.rotations.services import save_rotation
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.sla.audiences import Audience
from apps.sla.models import Policy, Promise, Tier
from apps.tickets.models import Ticket

AFTER = (10, 20, 35, 50)
# The tickets have the event that opened them, as every ticket has; without one the database tells of each row itself.
OPENED = """
WITH told AS (
    INSERT INTO trail_storedevent (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                   correlation_id, metadata, occurred_at)
    SELECT gen_random_uuid(), 'BenchOpened', 1, '{}', ARRAY['ticket:' || number], 'job', '', '', gen_random_uuid(),
           '{}', opened_at FROM tickets_ticket WHERE id = ANY (%s) RETURNING epoch, transaction, position, about
)
INSERT INTO trail_link (stream, epoch, transaction, position)
SELECT unnest(about), epoch, transaction, position FROM told
"""


def organisation(now: datetime) -> Policy:
    """One policy, with two people on shift."""
    plan = Plan.objects.create(slug="bench", name="Bench")
    policy = Policy.objects.create(name="Bench", position=1)
    policy.plans.set([plan])
    Promise.objects.create(policy=policy, within=timedelta(minutes=50))
    for position, after in enumerate(AFTER, start=1):
        Tier.objects.create(policy=policy, position=position, after=timedelta(minutes=after), audience_kind="on_shift")
    for name in ("ana", "ben"):
        agent = Agent.objects.create_user(f"{name}@bench.example", slack_id=f"U0{name.upper()}")
        Shift.objects.create(agent=agent, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1))
    return policy


@transaction.atomic
def running(policy: Policy, dues: list[datetime], *, prefix: str, channels: int = 20) -> None:
    """A ticket with a running clock for each instant in `dues`, at which its first tier falls due."""
    plan = Plan.objects.get(slug="bench")
    tickets = Ticket.objects.bulk_create(
        (
            Ticket(
                number=f"{prefix}{n}",
                subject=f"Ticket {n}",
                plan=plan,
                severity="high",
                opened_at=due - timedelta(minutes=AFTER[0]),
                channel=f"C0BENCH{n % channels:02}",
                thread_ts=f"1700000000.{n:06}",
            )
            for n, due in enumerate(dues)
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute(OPENED, [[ticket.pk for ticket in tickets]])
    clocks = Clock.objects.bulk_create(
        (
            Clock(
                ticket=ticket,
                policy=policy,
                policy_name=policy.name,
                promise="first_response",
                within=timedelta(minutes=50),
                started_at=ticket.opened_at,
                due_at=ticket.opened_at + timedelta(minutes=50),
                next_at=due,
                correlation_id=uuids.uuid7(),
                started_event=uuids.uuid7(),
            )
            for ticket, due in zip(tickets, dues, strict=True)
        ),
        batch_size=1000,
    )
    audience = Audience("on_shift", label="Everybody on shift").as_json()
    Check.objects.bulk_create(
        (
            Check(
                clock=clock,
                tier=tier,
                after=timedelta(minutes=after),
                due_at=clock.started_at + timedelta(minutes=after),
                audience_json=audience,
            )
            for clock in clocks
            for tier, after in enumerate(AFTER, start=1)
        ),
        batch_size=2000,
    )


def rotations(people: Sequence[str], roles: Sequence[str], *, count: int, now: datetime) -> None:
    """So many rotations in which these people take weekly turns in each role."""
    team, _ = Team.objects.get_or_create(slug="bench", defaults={"name": "Bench", "kind": "engineering"})
    for email in people:
        Agent.objects.get_or_create(email=email)
    there = Rotation.objects.count()
    for number in range(there, there + count):
        layers = tuple(
            LayerSpec(
                role=role,
                start_local=datetime(2025, 12, 29, 9),
                index_offset=place,
                participants=tuple((email,) for email in people),
            )
            for place, role in enumerate(roles)
        )
        spec = RotationSpec(
            team=team.slug,
            slug=f"bench-{number}",
            name=f"Bench {number}",
            time_zone="Europe/London",
            roles=tuple(RoleSpec(role) for role in roles),
            layers=layers,
        )
        save_rotation(None, spec, now=now)
