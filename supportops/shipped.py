"""What a new portal starts with: plans, promises as SLA Buddy made them, and those to requests and incidents."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from apps.people.models import NamedGroup, Plan
from apps.sla import defaults
from apps.sla.matching import PolicyRule
from apps.sla.models import Policy
from apps.sla.services import save_policy
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.trail.managed import saving

PLANS = (("enterprise", "Enterprise"), ("teams", "Teams"), ("pro", "Pro"), ("free", "Free"))
HEAD_OF_SUCCESS = "head-of-success"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def sync(now: datetime) -> None:
    """The plans exist; where no policy exists yet, the usual ones do. What a manager changed stays as it is."""
    with transaction.atomic():
        for position, (slug, name) in enumerate(PLANS):
            if not Plan.objects.filter(slug=slug).exists():
                plan = Plan(slug=slug, name=name, position=position)
                with saving(plan, now=now):
                    plan.save()
        if not Policy.objects.exists():
            _ship_policies(now)


def _ship_policies(now: datetime) -> None:
    if not NamedGroup.objects.filter(slug=HEAD_OF_SUCCESS).exists():
        group = NamedGroup(slug=HEAD_OF_SUCCESS, name="Head of success")
        with saving(group, now=now):
            group.save()
    minutes = _promise(50 * MINUTE, 10 * MINUTE, 20 * MINUTE, 35 * MINUTE, 50 * MINUTE)
    hours = _promise(12 * HOUR, 1 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
    for spec in (
        PolicySpec(name="Enterprise", plans=("enterprise",), promises=(minutes,)),
        PolicySpec(name="Teams", plans=("teams",), promises=(hours,)),
        PolicySpec(name="Tickets without a plan", without_plan=True, promises=(minutes,)),
    ):
        save_policy(None, spec, now=now, may_be_empty=True)
    save_policy(None, _spec(defaults.PAGES, Policy.AppliesTo.PAGE), now=now)
    ship_requests(now)
    ship_incidents(now)


def ship_incidents(now: datetime) -> None:
    """What is owed of an incident, by its level."""
    for rule in defaults.INCIDENTS:
        save_policy(None, _spec(rule, Policy.AppliesTo.INCIDENT), now=now)


def ship_requests(now: datetime) -> None:
    """What a team owes on a request for help, by its priority."""
    for rule in defaults.RFHS:
        save_policy(None, _spec(rule, Policy.AppliesTo.RFH), now=now)


def _spec(rule: PolicyRule, applies_to: Policy.AppliesTo) -> PolicySpec:
    """What a manager can see and change of what is usual."""
    return PolicySpec(
        name=rule.name,
        applies_to=applies_to,
        priorities=tuple(rule.priorities),
        levels=tuple(rule.levels),
        promises=tuple(
            PromiseSpec(
                kind=promise.kind,
                within=promise.within,
                tiers=tuple(
                    TierSpec(after=rung.after, kind=rung.audience.kind, role=rung.audience.role)
                    for rung in promise.rungs
                ),
                repeat=promise.repeat,
            )
            for promise in rule.promises
        ),
    )


def _promise(within: timedelta, *after: timedelta) -> PromiseSpec:
    first, second, third, fourth = after
    return PromiseSpec(
        kind="first_response",
        within=within,
        tiers=(
            TierSpec(after=first, kind="not_embedded"),
            TierSpec(after=second, kind="on_shift"),
            TierSpec(after=third, kind="user_group", user_group="@group-support"),
            TierSpec(after=fourth, kind="group", group=HEAD_OF_SUCCESS),
        ),
    )
