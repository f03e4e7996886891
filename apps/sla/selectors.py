"""Policies as values."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch

from apps.people.models import NamedGroup
from apps.sla.audiences import KINDS
from apps.sla.matching import PolicyRule, PromiseRule, Rung
from apps.sla.models import Policy, Promise, Tier
from apps.sla.ordering import Place


def places() -> list[Place]:
    """Every policy, also those that are off, in the order in which they are asked."""
    return [
        Place(
            id=policy.pk,
            position=policy.position,
            applies_to=policy.applies_to,
            enabled=policy.enabled,
            catches_all=not (
                policy.plans.all()
                or policy.severities
                or policy.priorities
                or policy.levels
                or policy.channels.all()
                or policy.teams.all()
            ),
        )
        for policy in Policy.objects.prefetch_related("plans", "channels", "teams").order_by("position", "pk")
    ]


def policies_telling(group: NamedGroup) -> list[str]:
    """The policies that are on and have a tier for this group; people's `GroupUse`."""
    telling = Policy.objects.filter(enabled=True, tiers__audience_kind=KINDS.group, tiers__group=group)
    return [policy.name for policy in telling.distinct()]


def rules(applies_to: str = Policy.AppliesTo.TICKET) -> list[PolicyRule]:
    """Every enabled policy of a kind, in order."""
    policies = Policy.objects.filter(applies_to=applies_to, enabled=True).prefetch_related(
        "plans",
        "channels",
        "teams",
        "promises",
        Prefetch("tiers", Tier.objects.select_related("group", "channel", "rotation").prefetch_related("agents")),
    )
    return [rule_of(policy) for policy in policies]


def rule_of(policy: Policy) -> PolicyRule:
    """One policy as a value."""
    return build_rule(
        policy,
        plans=[plan.slug for plan in policy.plans.all()],
        channels=[channel.slack_id for channel in policy.channels.all()],
        teams=[team.slug for team in policy.teams.all()],
        promises=policy.promises.all(),
        rungs=[(tier.promise, rung_of(tier)) for tier in policy.tiers.all()],
    )


def build_rule(
    policy: Policy,
    *,
    plans: Iterable[str],
    channels: Iterable[str],
    promises: Iterable[Promise],
    rungs: Iterable[tuple[str, Rung]],
    teams: Iterable[str] = (),
) -> PolicyRule:
    """A policy's value from its parts, also of parts that are not saved yet."""
    ladder = list(rungs)
    return PolicyRule(
        id=policy.pk or 0,
        name=policy.name,
        position=policy.position,
        enabled=policy.enabled,
        plans=frozenset(plans),
        without_plan=policy.without_plan,
        severities=frozenset(policy.severities),
        channels=frozenset(channels),
        excluded_types=frozenset(policy.excluded_types),
        promises=tuple(
            PromiseRule(
                kind=promise.kind,
                within=promise.within,
                repeat=promise.repeat,
                rungs=tuple(
                    sorted((rung for kind, rung in ladder if kind == promise.kind), key=lambda rung: rung.tier)
                ),
            )
            for promise in promises
        ),
        teams=frozenset(teams),
        priorities=frozenset(policy.priorities),
        levels=frozenset(policy.levels),
    )


def rung_of(tier: Tier) -> Rung:
    """One tier as a value."""
    return Rung(tier=tier.position, after=tier.after, audience=tier.audience, message=tier.message)
