"""Writing policies: what every door calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from apps.people import services as people
from apps.people.models import Agent, NamedGroup, Plan
from apps.sla.audiences import KINDS
from apps.sla.errors import PolicyRefused
from apps.sla.models import Policy, Promise, Tier
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.sla.validation import problems
from apps.trail.managed import saving

__all__ = ["channel_policy", "problems", "save_policy", "slot"]


def save_policy(policy: Policy | None, spec: PolicySpec, *, now: datetime, may_be_empty: bool = False) -> Policy:
    """`policy` (None: a new one) says what `spec` says, recorded as one event; nothing changed, none.

    Channels that are not known yet become known. With may_be_empty a tier may name a group that nobody is in
    yet, as what is shipped does. Raises PolicyRefused with the reasons by field.
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
    candidates = Policy.objects.filter(channels__slack_id=slack_id).prefetch_related("channels")
    return next((policy for policy in candidates if len(policy.channels.all()) == 1), None)


def slot(applies_to: str) -> tuple[int, Policy | None]:
    """Where a new policy goes: its position, and the fallback when that must make room by one.

    A fallback is the last policy when it looks at neither a chosen plan nor severity nor channel: behind it
    a new policy would never be asked.
    """
    others = list(
        Policy.objects.filter(applies_to=applies_to).prefetch_related("plans", "channels").order_by("position", "pk")
    )
    if not others:
        return 0, None
    last = others[-1]
    if last.plans.all() or last.severities or last.channels.all():
        return last.position + 1, None
    before = others[-2].position if len(others) > 1 else -1
    if before + 1 < last.position:
        return before + 1, None
    return last.position, last


def _save(policy: Policy | None, spec: PolicySpec, *, now: datetime) -> Policy:
    position, fallback = spec.position, None
    if policy is None:
        row = Policy()
        if position is None:
            position, fallback = slot(spec.applies_to)
    else:
        # Two managers saving at once: the second waits, and its event says what it found.
        row = Policy.objects.select_for_update().get(pk=policy.pk)
    if fallback is not None:
        with saving(fallback, now=now):
            fallback.position += 1
            fallback.save(update_fields=["position"])
    with saving(row, now=now):
        row.name = spec.name.strip()
        row.applies_to = spec.applies_to
        row.position = row.position if position is None else position
        row.enabled = spec.enabled
        row.without_plan = spec.without_plan
        row.severities = list(dict.fromkeys(spec.severities))
        row.excluded_types = list(dict.fromkeys(spec.excluded_types))
        row.save()
        row.plans.set(Plan.objects.filter(slug__in=spec.plans))
        row.channels.set(people.channel(slack_id, now=now) for slack_id in dict.fromkeys(spec.channels))
        _write_promises(row, spec.promises, now=now)
    return row


def _write_promises(policy: Policy, promises: Iterable[PromiseSpec], *, now: datetime) -> None:
    kept = []
    for promise in promises:
        kept.append(promise.kind)
        Promise.objects.update_or_create(policy=policy, kind=promise.kind, defaults={"within": promise.within})
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
            "message": tier.message.strip(),
        },
    )
    emails = [email.lower() for email in tier.agents] if tier.kind == KINDS.agents else []
    row.agents.set(Agent.objects.filter(email__in=emails))
