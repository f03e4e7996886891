"""A policy before it is saved: what it says now, to start from, and the rules as they would be."""

from __future__ import annotations

from dataclasses import replace

from apps.sla.matching import PolicyRule, Rung
from apps.sla.models import Policy, Promise
from apps.sla.ordering import NEW, numbered, placed
from apps.sla.selectors import build_rule, places, rules
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec, audience_of


def spec_of(policy: Policy) -> PolicySpec:
    """What the policy says now, staying where it is; saving it again changes nothing."""
    tiers = list(policy.tiers.select_related("group", "channel", "rotation").prefetch_related("agents"))
    return PolicySpec(
        name=policy.name,
        applies_to=policy.applies_to,
        enabled=policy.enabled,
        plans=tuple(plan.slug for plan in policy.plans.all()),
        without_plan=policy.without_plan,
        severities=tuple(policy.severities),
        priorities=tuple(policy.priorities),
        levels=tuple(policy.levels),
        channels=tuple(channel.slack_id for channel in policy.channels.all()),
        teams=tuple(team.slug for team in policy.teams.all()),
        excluded_types=tuple(policy.excluded_types),
        promises=tuple(
            PromiseSpec(
                kind=promise.kind,
                within=promise.within,
                tiers=tuple(
                    TierSpec(
                        after=tier.after,
                        kind=tier.audience_kind,
                        user_group=tier.audience.user_group,
                        group=tier.audience.group,
                        agents=tier.audience.agents,
                        channel=tier.audience.channel,
                        message=tier.message,
                        role=tier.audience.role,
                        rotation=tier.audience.rotation,
                    )
                    for tier in tiers
                    if tier.promise == promise.kind
                ),
                repeat=promise.repeat,
            )
            for promise in policy.promises.all()
        ),
    )


def rules_with(spec: PolicySpec, policy: Policy | None) -> list[PolicyRule]:
    """Every policy's rule as it would be if `spec` were saved as `policy` (None: a new one)."""
    key = policy.pk if policy else NEW
    positions = numbered(placed(places(), key, spec.position, applies_to=spec.applies_to))
    others = [replace(rule, position=positions[rule.id]) for rule in rules(spec.applies_to) if rule.id != key]
    draft = Policy(
        pk=key,
        name=spec.name,
        position=positions[key],
        enabled=spec.enabled,
        without_plan=spec.without_plan,
        severities=list(spec.severities),
        priorities=list(spec.priorities),
        levels=list(spec.levels),
        excluded_types=list(spec.excluded_types),
    )
    rule = build_rule(
        draft,
        plans=spec.plans,
        channels=spec.channels,
        teams=spec.teams,
        promises=[
            Promise(kind=promise.kind, within=promise.within, repeat=promise.repeat) for promise in spec.promises
        ],
        rungs=[
            (promise.kind, Rung(position, tier.after, audience_of(tier, tier.kind), tier.message))
            for promise in spec.promises
            for position, tier in enumerate(promise.tiers, start=1)
        ],
    )
    return [*others, rule]
