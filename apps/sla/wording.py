"""Policies in words. Reads only what is prefetched."""

from __future__ import annotations

from collections.abc import Iterable

from apps.sla.audiences import KINDS
from apps.sla.durations import spell
from apps.sla.matching import Facts, PolicyRule
from apps.sla.models import Policy, Tier

SHORT = {KINDS.not_embedded: "support on shift", KINDS.on_shift: "everybody on shift"}


def either(words: Iterable[str]) -> str:
    """ "a, b or c"."""
    listed = list(words)
    return f"{', '.join(listed[:-1])} or {listed[-1]}" if len(listed) > 1 else "".join(listed)


def governs(policy: Policy) -> str:
    """Which tickets the policy is for: "plan Enterprise; urgent or high; in #support"."""
    parts = []
    plans = [plan.name for plan in policy.plans.all()]
    if plans:
        parts.append(f"plan {either([*plans, 'none'] if policy.without_plan else plans)}")
    elif policy.without_plan:
        parts.append("no plan known")
    if policy.severities:
        parts.append(either(policy.severities))
    channels = [str(channel) for channel in policy.channels.all()]
    if channels:
        parts.append(f"in {either(channels)}")
    if policy.applies_to == Policy.AppliesTo.PAGE:
        teams = [str(team) for team in policy.teams.all()]
        return "; ".join([f"pages to {either(teams)}" if teams else "every page", *parts])
    text = "; ".join(parts) or "every ticket"
    return f"{text}, but not {either(policy.excluded_types)}" if policy.excluded_types else text


def promises(policy: Policy) -> str:
    """ "first response within 50 min"."""
    return "; ".join(
        f"{promise.get_kind_display().lower()} within {spell(promise.within)}"
        + (f", {promise.repeat} times anew" if promise.repeat else "")
        for promise in policy.promises.all()
    )


def whom(tier: Tier) -> str:
    """Whom the tier means, briefly."""
    return SHORT.get(tier.audience_kind) or tier.audience.label


def ladder(policy: Policy) -> list[str]:
    """Its tiers: "10 min → support on shift"."""
    return [f"{spell(tier.after) if tier.after else 'at once'} → {whom(tier)}" for tier in policy.tiers.all()]


def passes_by(rule: PolicyRule, facts: Facts) -> str:
    """Why a policy does not match these facts; empty when it does."""
    if not rule.enabled:
        return "it is switched off"
    has_its_plan = facts.plan in rule.plans if facts.plan else rule.without_plan
    if (rule.plans or rule.without_plan) and not has_its_plan:
        wanted = either([*sorted(rule.plans), *(["no plan"] if rule.without_plan else [])])
        return f"it is for {wanted}, and the plan is {facts.plan or 'not known'}"
    if rule.severities and facts.severity not in rule.severities:
        return f"it is for {either(sorted(rule.severities))}, and the ticket is {facts.severity}"
    if rule.channels and facts.channel not in rule.channels:
        return f"it is for the channel {either(sorted(rule.channels))}, and the ticket is " + (
            f"in {facts.channel}" if facts.channel else "in none"
        )
    return ""
