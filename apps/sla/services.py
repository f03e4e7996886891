"""Writing policies: what every door calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from apps.people import services as people
from apps.people.models import Agent, NamedGroup, Plan, Team
from apps.rotations.models import Rotation
from apps.sla import ordering
from apps.sla.audiences import KINDS
from apps.sla.errors import PolicyRefused
from apps.sla.models import Policy, Promise, Tier
from apps.sla.selectors import places
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.sla.validation import problems
from apps.trail.managed import saving

__all__ = ["arrange", "channel_policy", "hold_order", "problems", "save_policy"]


def save_policy(policy: Policy | None, spec: PolicySpec, *, now: datetime, may_be_empty: bool = False) -> Policy:
    """`policy` (None: a new one) says what `spec` says, recorded as one event; nothing changed, none.

    Each policy that makes way for it has an event too. Channels that are not known yet become known. With
    may_be_empty a tier may name a group that nobody is in yet, as what is shipped does. Raises PolicyRefused
    with the reasons by field.
    """
    if found := problems(spec, policy, may_be_empty=may_be_empty):
        raise PolicyRefused(found)
    try:
        with transaction.atomic():
            return _save(policy, spec, now=now)
    except IntegrityError as error:
        # Two managers can give the same name at once; the database lets one of them win.
        if found := problems(spec, policy, may_be_empty=may_be_empty):
            raise PolicyRefused(found) from error
        raise


def channel_policy(slack_id: str) -> Policy | None:
    """The policy that is for this channel alone; the first in order when there are several."""
    of_tickets = Policy.objects.filter(applies_to=Policy.AppliesTo.TICKET)
    candidates = of_tickets.filter(channels__slack_id=slack_id).prefetch_related("channels")
    return next((policy for policy in candidates if len(policy.channels.all()) == 1), None)


@transaction.atomic
def arrange(wanted: Mapping[int, int], *, now: datetime) -> int:
    """The policies have the positions `wanted` says (key: position), as `ordering.arranged` understands them.

    Returns how many policies have another position now, each with an event.
    """
    hold_order()
    return _renumber(ordering.arranged(places(), wanted), now=now)


def hold_order() -> None:
    """Until this transaction ends nobody else saves a policy or moves one.

    Whoever locks one policy and may then move others calls this first: two of them would wait for each other.
    """
    # Without the key: tickets opened meanwhile refer to these rows.
    list(Policy.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _save(policy: Policy | None, spec: PolicySpec, *, now: datetime) -> Policy:
    # Two managers saving at once: the second waits, and its event says what it found.
    hold_order()
    row = Policy.objects.get(pk=policy.pk) if policy else Policy()
    key = row.pk or ordering.NEW
    order = ordering.placed(places(), key, spec.position, applies_to=spec.applies_to)
    with saving(row, now=now):
        row.name = spec.name.strip()
        row.applies_to = spec.applies_to
        row.position = ordering.numbered(order)[key]
        row.enabled = spec.enabled
        row.without_plan = spec.without_plan
        row.severities = list(dict.fromkeys(spec.severities))
        row.priorities = sorted(set(spec.priorities))
        row.levels = sorted(set(spec.levels))
        row.excluded_types = list(dict.fromkeys(spec.excluded_types))
        row.save()
        row.plans.set(Plan.objects.filter(slug__in=spec.plans))
        row.teams.set(Team.objects.filter(slug__in=spec.teams))
        row.channels.set(people.channel(slack_id, now=now) for slack_id in dict.fromkeys(spec.channels))
        _write_promises(row, spec.promises, now=now)
    _renumber([row.pk if other == key else other for other in order], now=now)
    return row


def _renumber(order: Sequence[int], *, now: datetime) -> int:
    numbers = ordering.numbered(order)
    moving = [policy for policy in Policy.objects.all() if policy.position != numbers[policy.pk]]
    # The one that was moved, which made the others give way by one, is told first.
    moving.sort(key=lambda policy: -abs(policy.position - numbers[policy.pk]))
    for policy in moving:
        with saving(policy, now=now):
            policy.position = numbers[policy.pk]
            policy.save(update_fields=["position"])
    return len(moving)


def _write_promises(policy: Policy, promises: Iterable[PromiseSpec], *, now: datetime) -> None:
    kept = []
    for promise in promises:
        kept.append(promise.kind)
        Promise.objects.update_or_create(
            policy=policy, kind=promise.kind, defaults={"within": promise.within, "repeat": promise.repeat}
        )
        for position, tier in enumerate(promise.tiers, start=1):
            _write_tier(policy, promise.kind, position, tier, now=now)
        policy.tiers.filter(promise=promise.kind, position__gt=len(promise.tiers)).delete()
    policy.tiers.exclude(promise__in=kept).delete()
    policy.promises.exclude(kind__in=kept).delete()


def _write_tier(policy: Policy, promise: str, position: int, tier: TierSpec, *, now: datetime) -> None:
    row, _ = Tier.objects.update_or_create(
        policy=policy,
        promise=promise,
        position=position,
        defaults={
            "after": tier.after,
            "audience_kind": tier.kind,
            # What another kind asks for is dropped: it would be kept unseen and come back by surprise.
            "user_group": tier.user_group.strip() if tier.kind == KINDS.user_group else "",
            "group": NamedGroup.objects.get(slug=tier.group) if tier.kind == KINDS.group else None,
            "channel": people.channel(tier.channel, now=now) if tier.kind == KINDS.channel else None,
            "role": tier.role.strip() if tier.kind == KINDS.rotation else "",
            "rotation": Rotation.objects.filter(slug=tier.rotation).first() if tier.kind == KINDS.rotation else None,
            "message": tier.message.strip(),
        },
    )
    emails = [email.lower() for email in tier.agents] if tier.kind == KINDS.agents else []
    row.agents.set(Agent.objects.filter(email__in=emails))
