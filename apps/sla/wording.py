"""Policies in words. Reads only what is prefetched."""

from __future__ import annotations

from collections.abc import Iterable

from apps.sla.audiences import KINDS
from apps.sla.durations import spell
from apps.sla.matching import Facts, PolicyRule
from apps.sla.models import Policy, Tier, how_soon

SHORT = {
    KINDS.not_embedded: "support on shift",
    KINDS.on_shift: "everybody on shift",
    KINDS.owner: "the owner",
    KINDS.accountable: "the accountable agent",
    KINDS.contact: "the contact, else the point",
    KINDS.lead: "the lead",
}
# What the teams' policies are about: some of them, and all.
OF_TEAMS = {Policy.AppliesTo.PAGE: ("pages to", "every page"), Policy.AppliesTo.RFH: ("requests to", "every request")}


def either(words: Iterable[str]) -> str:
    """ "a, b or c"."""
    listed = list(words)
    return f"{', '.join(listed[:-1])} or {listed[-1]}" if len(listed) > 1 else "".join(listed)


def governs(policy: Policy) -> str:
    """Which tickets the policy is for: "plan Enterprise; urgent or high; in #support"."""
    if policy.applies_to == Policy.AppliesTo.INCIDENT:
        named = [either(each) for each in (policy.levels, policy.severities) if each]
        return f"incidents of {' and '.join(named)}" if named else "every incident"
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
    if policy.applies_to in OF_TEAMS:
        some, every = OF_TEAMS[Policy.AppliesTo(policy.applies_to)]
        teams = [str(team) for team in policy.teams.all()]
        if policy.priorities:
            parts.append(either(policy.priorities).upper().replace(" OR ", " or "))
        return "; ".join([f"{some} {either(teams)}" if teams else every, *parts])
    text = "; ".join(parts) or "every ticket"
    return f"{text}, but not {either(policy.excluded_types)}" if policy.excluded_types else text


def promises(policy: Policy) -> str:
    """ "first response within 50 min"."""
    return "; ".join(
        f"{promise.get_kind_display().lower()} {how_soon(promise.kind)} {spell(promise.within)}"
        + (f", {promise.repeat} times anew" if promise.repeat else "")
        for promise in policy.promises.all()
    )


def whom(tier: Tier) -> str:
    """Whom the tier means, briefly."""
    return SHORT.get(tier.audience_kind) or tier.audience.label


def ladder(policy: Policy) -> list[str]:
    """Its tiers: "10 min → support on shift"; where it promises several things, those of each in a line."""
    lines: dict[str, list[str]] = {}
    for tier in policy.tiers.all():
        said = f"{spell(tier.after) if tier.after else 'at once'} → {whom(tier)}"
        lines.setdefault(tier.get_promise_display().lower(), []).append(said)
    if len(lines) == 1:
        return next(iter(lines.values()))
    return [f"{promise}: {', '.join(tiers)}" for promise, tiers in lines.items()]


def passes_by(rule: PolicyRule, facts: Facts) -> str:
    """Why a policy does not match these facts; empty when it does."""
    if not rule.enabled:
        return "it is switched off"
    has_its_plan = facts.plan in rule.plans if facts.plan else rule.without_plan
    if (rule.plans or rule.without_plan) and not has_its_plan:
        wanted = either([*sorted(rule.plans), *(["no plan"] if rule.without_plan else [])])
        return f"it is for {wanted}, and the plan is {facts.plan or 'not known'}"
    if rule.teams and facts.team not in rule.teams:
        return f"it is for {either(sorted(rule.teams))}, and the team is {facts.team or 'not known'}"
    if rule.priorities and facts.priority not in rule.priorities:
        return f"it is for {either(sorted(rule.priorities))}, and the request is {facts.priority}"
    if rule.levels and facts.level not in rule.levels:
        return f"it is for {either(sorted(rule.levels))}, and the incident is {facts.level}"
    if rule.severities and facts.severity not in rule.severities:
        what = "incident" if facts.level else "ticket"
        return f"it is for {either(sorted(rule.severities))}, and the {what} is {facts.severity}"
    if rule.channels and facts.channel not in rule.channels:
        return f"it is for the channel {either(sorted(rule.channels))}, and the ticket is " + (
            f"in {facts.channel}" if facts.channel else "in none"
        )
    return ""
