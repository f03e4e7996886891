"""/sla-setup: the promise of one channel, in a modal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.integrations.slack import inputs, modals, selectors
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.inputs import Choice
from apps.integrations.slack.modals import TierFields
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.names import Names, UnknownNames
from apps.integrations.slack.text import channel_link, escape, link, mention, user_group_mention
from apps.people.models import Agent, NamedGroup, UserGroup
from apps.people.services import channel as known_channel
from apps.sla.audiences import KINDS
from apps.sla.durations import InvalidDuration, parse, spell
from apps.sla.errors import PolicyRefused
from apps.sla.models import Policy, Promise, Tier
from apps.sla.services import channel_policy, save_policy
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec

COMMAND = "/sla-setup"
MAY = "sla.change_policy"
FIRST_RESPONSE = Promise.Kind.FIRST_RESPONSE
KEEP = "keep"

# SLA Buddy's ladder: what a channel without a policy of its own is offered.
WITHIN = timedelta(minutes=50)
MINUTES = (10, 20, 35, 50)
SUPPORT_HANDLE, HEAD_OF_SUCCESS = "group-support", "head-of-success"

# What Slack calls a channel whose name it keeps to itself.
_NO_NAMES = frozenset({"directmessage", "privategroup"})
_TIER_FIELD = re.compile(r"promises\.0\.tiers\.([0-9]+)(?:\.([a-z_]+))?")
_FIELDS = {"after": "after", "message": "message", "": "after"}

Errors = dict[str, str]


def on_command(event: SlackEvent, now: datetime) -> Call | None:
    """Open the modal for a manager; anybody else is told who can."""
    payload = event.payload
    channel, name = word(payload.get("channel_id")), word(payload.get("channel_name"))
    asked = Asked(COMMAND, user=user_of(payload), channel=channel)
    if refusal := refuse(asked.user, MAY, "change promises"):
        answer(asked, escape(refusal), now=now, private=True)
        return None
    if not channel.startswith(("C", "G")):
        answer(asked, f"Use `{COMMAND}` in the channel whose promise you want to set.", now=now, private=True)
        return None
    if name and name not in _NO_NAMES:
        known_channel(channel, name, now=now)
    return OpenModal(asked, trigger_id=word(payload.get("trigger_id")), view=_view(channel))


def submit(payload: Mapping[str, Any], *, now: datetime) -> Errors:
    """The channel's policy says what the modal says; else what is wrong, by block, and nothing changed."""
    view = modals_view(payload)
    channel, user = word(inputs.metadata(view).get("channel")), user_of(payload)
    asked = Asked(COMMAND, user=user, channel=channel)
    if refusal := refuse(user, MAY, "change promises"):
        return {"within": refusal}
    if not channel:
        return {"within": f"I lost track of the channel; please type {COMMAND} again."}
    policy = channel_policy(channel)
    spec, positions, errors = _spec(inputs.values(view), policy, channel)
    if errors or spec is None:
        return errors
    try:
        with transaction.atomic():
            known_channel(channel, now=now)
            saved = save_policy(policy, spec, now=now)
            answer(asked, _confirmation(saved, spec, channel), now=now, private=True)
    except PolicyRefused as refused:
        return _at_blocks(refused.errors, positions)
    return {}


def refuse(user: str, permission: str, what: str) -> str:
    """Why this person may not do `what`, and who may; empty when they may."""
    agent = selectors.agent_of(user)
    if agent is not None and agent.has_perm(permission):
        return ""
    who = "Only a support manager" if agent else "I do not know you; only a support manager"
    return f"{who} may {what}. Ask {selectors.managers()}."


def modals_view(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The view in a submission."""
    view = payload.get("view")
    return view if isinstance(view, Mapping) else {}


def _view(channel: str) -> inputs.View:
    policy = channel_policy(channel)
    tiers = _tiers(policy)
    if policy is not None and len(tiers) > modals.MOST_TIERS:
        url = selectors.portal("admin:sla_policy_change", policy.pk)
        return modals.too_many_tiers(policy=policy.name, tiers=len(tiers), url=url)
    promise = policy.promises.filter(kind=FIRST_RESPONSE).first() if policy else None
    fields = _fields(tiers) if policy else _defaults()
    remarks = [
        f"The policy *{escape(policy.name)}* is for this channel alone."
        if policy
        else "This channel has no policy of its own yet. What you save here comes before every other policy."
    ]
    if not selectors.is_watched(channel):
        remarks.append(_not_watched(channel))
    return modals.setup(
        channel=channel,
        within=spell(promise.within if promise else WITHIN),
        tiers=fields,
        choices=_choices(tiers, fields, channel),
        remarks=remarks,
    )


def _tiers(policy: Policy | None) -> list[Tier]:
    if policy is None:
        return []
    return list(
        policy.tiers.filter(promise=FIRST_RESPONSE)
        .select_related("group", "channel")
        .prefetch_related("agents")
        .order_by("position")
    )


def _fields(tiers: Sequence[Tier]) -> list[TierFields]:
    names = _names()
    return [
        TierFields(spell(tier.after), _value(tier, position), names.to_names(tier.message))
        for position, tier in enumerate(tiers, start=1)
    ]


def _defaults() -> list[TierFields]:
    group = UserGroup.objects.filter(handle__iexact=SUPPORT_HANDLE).first()
    audiences = (
        KINDS.not_embedded,
        KINDS.on_shift,
        f"{KINDS.user_group}:{group.slack_id if group else f'@{SUPPORT_HANDLE}'}",
        f"{KINDS.group}:{HEAD_OF_SUCCESS}"
        if NamedGroup.objects.filter(slug=HEAD_OF_SUCCESS).exists()
        else KINDS.on_shift,
    )
    return [
        TierFields(spell(timedelta(minutes=minutes)), audience)
        for minutes, audience in zip(MINUTES, audiences, strict=True)
    ]


def _value(tier: Tier, position: int) -> str:
    """The tier's audience as an option's value; what has no option of its own is kept as it is."""
    match tier.audience_kind:
        case KINDS.not_embedded | KINDS.on_shift as kind:
            return str(kind)
        case KINDS.user_group:
            return f"{KINDS.user_group}:{tier.user_group}"
        case KINDS.group if tier.group:
            return f"{KINDS.group}:{tier.group.slug}"
        case _:
            return f"{KEEP}:{position}"


def _choices(tiers: Sequence[Tier], fields: Sequence[TierFields], channel: str) -> list[Choice]:
    choices = [
        Choice(KINDS.not_embedded, "Support on shift, not embedded"),
        Choice(KINDS.on_shift, "Everybody on shift, embedded too"),
        Choice(f"{KINDS.channel}:{channel}", "This channel"),
    ]
    choices += [
        Choice(f"{KEEP}:{position}", f"As now: {tier.audience.label}")
        for position, tier in enumerate(tiers, start=1)
        if _value(tier, position).startswith(KEEP)
    ]
    groups = [Choice(f"{KINDS.user_group}:{group.slack_id}", str(group)) for group in UserGroup.objects.all()]
    groups += [Choice(f"{KINDS.group}:{group.slug}", group.name) for group in NamedGroup.objects.all()]
    known = {choice.value for choice in groups}
    # A handle Slack has not told us of yet.
    choices += [
        Choice(tier.audience, f"@{tier.audience.partition(':')[2].lstrip('@')}")
        for tier in fields
        if tier.audience.startswith(f"{KINDS.user_group}:") and tier.audience not in known
    ]
    return list({choice.value: choice for choice in [*choices, *groups]}.values())


@dataclass
class _Read:
    """What the modal's fields say so far, and what is wrong with them."""

    values: Mapping[str, str]
    errors: Errors

    def duration(self, block: str) -> timedelta | None:
        try:
            return parse(self.values.get(block, ""))
        except InvalidDuration as error:
            self.errors[block] = str(error)
            return None

    def message(self, block: str, names: Names) -> str:
        try:
            return names.to_ids(self.values.get(block, ""))
        except UnknownNames as error:
            self.errors[block] = str(error)
            return ""


def _spec(
    values: Mapping[str, str], policy: Policy | None, channel: str
) -> tuple[PolicySpec | None, list[int], Errors]:
    """The policy the modal asks for, which of the modal's tiers its tiers are, and what cannot be read."""
    read, names, before = _Read(values, {}), _names(), _tiers(policy)
    within = read.duration("within")
    positions, tiers = [], []
    for position in range(1, modals.MOST_TIERS + 1):
        if not values.get(f"after_{position}"):
            continue
        after = read.duration(f"after_{position}")
        message = read.message(f"message_{position}", names)
        tier = _tier(values.get(f"audience_{position}", ""), before)
        if tier is None:
            read.errors[f"audience_{position}"] = "Say who is told."
        elif after is not None:
            positions.append(position)
            tiers.append(TierSpec(**{**tier, "after": after, "message": message}))
    if not tiers and not read.errors:
        read.errors["after_1"] = "Without a tier nobody would hear."
    if read.errors or within is None:
        return None, positions, read.errors
    promise = PromiseSpec(kind=FIRST_RESPONSE, within=within, tiers=tuple(tiers))
    if policy is None:
        # The first match wins: behind the policy of a plan, a channel's own would govern nothing.
        fresh = PolicySpec(name=_name(channel), position=1, channels=(channel,), promises=(promise,))
        return fresh, positions, {}
    return _changed(policy, promise), positions, {}


def _tier(value: str, before: Sequence[Tier]) -> dict[str, Any] | None:
    kind, _, what = value.partition(":")
    match kind:
        case KINDS.not_embedded | KINDS.on_shift:
            return {"kind": kind}
        case KINDS.user_group | KINDS.group | KINDS.channel:
            return {"kind": kind, kind: what}
        case "keep" if what.isdecimal() and 1 <= int(what) <= len(before):
            kept = before[int(what) - 1].audience
            return {
                "kind": kept.kind,
                "user_group": kept.user_group,
                "group": kept.group,
                "agents": kept.agents,
                "channel": kept.channel,
            }
    return None


def _changed(policy: Policy, promise: PromiseSpec) -> PolicySpec:
    return PolicySpec(
        name=policy.name,
        applies_to=policy.applies_to,
        enabled=policy.enabled,
        plans=tuple(plan.slug for plan in policy.plans.all()),
        without_plan=policy.without_plan,
        severities=tuple(policy.severities),
        channels=tuple(channel.slack_id for channel in policy.channels.all()),
        excluded_types=tuple(policy.excluded_types),
        promises=(promise,),
    )


def _name(channel: str) -> str:
    name = f"Channel {selectors.channel_named(channel)}"[:100]
    return f"{name[:75]} ({channel})" if Policy.objects.filter(name=name).exists() else name


def _names() -> Names:
    pairs = []
    for agent in Agent.objects.filter(is_active=True, slack_id__isnull=False):
        called = mention(agent.slack_id or "")
        local = agent.email.partition("@")[0]
        spelt = {agent.nickname, agent.first_name, agent.get_full_name(), local}
        pairs += [(name, called) for name in spelt if name]
    pairs += [(group.handle, user_group_mention(group.slack_id)) for group in UserGroup.objects.all()]
    return Names.of(pairs)


def _at_blocks(errors: Mapping[str, Sequence[str]], positions: Sequence[int]) -> Errors:
    """Each reason beside the field it is about."""
    found: Errors = {}
    for path, sentences in errors.items():
        block = "within"
        if match := _TIER_FIELD.fullmatch(path):
            index, field = int(match[1]), match[2] or ""
            position = positions[index] if index < len(positions) else 1
            block = f"{_FIELDS.get(field, 'audience')}_{position}"
        elif path == "promises.0.tiers":
            block = "after_1"
        found[block] = " ".join([found.get(block, ""), *sentences]).strip()
    return found


def _confirmation(policy: Policy, spec: PolicySpec, channel: str) -> str:
    promise = spec.promises[0]
    url = selectors.portal("admin:sla_policy_change", policy.pk)
    tiers = ", ".join(spell(tier.after) for tier in promise.tiers)
    text = (
        f"{link(url, policy.name)} now promises a first response in {channel_link(channel)} "
        f"within {spell(promise.within)}; people are told after {tiers}."
    )
    if not policy.enabled:
        text = f"{text} :warning: The policy is switched off, so none of it holds before it is switched on there."
    return text if selectors.is_watched(channel) else f"{text} {_not_watched(channel)}"


def _not_watched(channel: str) -> str:
    url = f"{selectors.portal('admin:slack_watchedchannel_add')}?slack_id={channel}"
    return f":warning: This channel is not watched yet, so its messages open no tickets: {link(url, 'watch it')}."
