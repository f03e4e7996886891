"""Why a policy cannot be saved as it is asked for, beside the field at fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from apps.people.models import Agent, NamedGroup, Plan, Team, UserGroup
from apps.rotations.models import Rotation
from apps.sla.audiences import KINDS, OF_A_REQUEST, OF_AN_INCIDENT
from apps.sla.durations import LONGEST, spell
from apps.sla.messages import PLACEHOLDERS, unknown_placeholders
from apps.sla.models import (
    LEVELS,
    MOST_REPEATS,
    OF_INCIDENTS,
    PRIORITIES,
    SEVERITIES,
    TICKET_TYPES,
    Policy,
    Promise,
    Tier,
)
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec

CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,19}")
# The database's bounds, and Slack's: a section block takes 3,000 characters, placeholders filled in.
LONGEST_NAME = 100
LONGEST_HANDLE = 80
LONGEST_MESSAGE = 2000
MOST_TIERS = 50
MOST_NAMED = 10
MOST_POSITION = 2_147_483_647
LONGEST_ROLE = 50
# What can be promised to what.
PROMISED: dict[str, tuple[str, ...]] = {
    Policy.AppliesTo.TICKET: (Promise.Kind.FIRST_RESPONSE,),
    Policy.AppliesTo.PAGE: (Promise.Kind.ACKNOWLEDGEMENT,),
    Policy.AppliesTo.RFH: (Promise.Kind.ACKNOWLEDGEMENT, Promise.Kind.FIRST_ANSWER, Promise.Kind.UPDATE),
    Policy.AppliesTo.INCIDENT: (Promise.Kind.ACKNOWLEDGEMENT, Promise.Kind.UPDATE),
}
PROMISED_WORDS: dict[str, str] = {
    Policy.AppliesTo.TICKET: "a first response only",
    Policy.AppliesTo.PAGE: "an acknowledgement only",
    Policy.AppliesTo.RFH: "an acknowledgement, a first answer and updates",
    Policy.AppliesTo.INCIDENT: "an acknowledgement and updates",
}
# Whose roles may be meant without naming a rotation.
OF_A_TEAM = (Policy.AppliesTo.PAGE, Policy.AppliesTo.RFH, Policy.AppliesTo.INCIDENT)

Problems = dict[str, list[str]]


def problems(spec: PolicySpec, policy: Policy | None = None, *, may_be_empty: bool = False) -> Problems:
    """What is wrong with `spec`, by field path; empty when it can be saved as `policy` (None: a new one).

    may_be_empty: a tier may name a group that nobody is in yet, or a user group that Slack does not have. One that
    is switched off always may.
    """
    found = Found()
    _name(spec, policy, found)
    if spec.applies_to not in Policy.AppliesTo.values:
        found.say("applies_to", f"A policy cannot apply to “{spec.applies_to}”.")
    if spec.position is not None and not 1 <= spec.position <= MOST_POSITION:
        found.say("position", "Positions are counted from 1, which is asked first.")
    known = set(Plan.objects.filter(slug__in=spec.plans).values_list("slug", flat=True))
    _only(known, spec.plans, "plans", "plan", found)
    of_incidents = spec.applies_to == Policy.AppliesTo.INCIDENT
    _only(dict(OF_INCIDENTS if of_incidents else SEVERITIES), spec.severities, "severities", "severity", found)
    _only(dict(LEVELS), spec.levels, "levels", "level", found)
    _only(dict(PRIORITIES), spec.priorities, "priorities", "priority", found)
    _only(dict(TICKET_TYPES), spec.excluded_types, "excluded_types", "type", found)
    teams = set(Team.objects.filter(slug__in=spec.teams).values_list("slug", flat=True))
    _only(teams, spec.teams, "teams", "team", found)
    _conditions(spec, found)
    for channel in spec.channels:
        if not CHANNEL_ID.fullmatch(channel):
            found.say("channels", f"“{channel}” is not a Slack channel's id, such as C024BE91L.")
    if not spec.promises:
        found.say("promises", "Say what is promised.")
    kinds = [promise.kind for promise in spec.promises]
    for index, promise in enumerate(spec.promises):
        at = f"promises.{index}"
        if promise.kind not in Promise.Kind.values:
            found.say(f"{at}.kind", f"There is no promise “{promise.kind}”.")
        elif promise.kind in kinds[:index]:
            found.say(f"{at}.kind", "A policy promises the same thing only once.")
        elif promise.kind not in PROMISED.get(spec.applies_to, (promise.kind,)):
            found.say(f"{at}.kind", f"What this policy is for can be promised {PROMISED_WORDS[spec.applies_to]}.")
        _promise(promise, at, found, applies_to=spec.applies_to, may_be_empty=may_be_empty or not spec.enabled)
    return found.problems


def tier_problems(
    tiers: Sequence[TierSpec], *, applies_to: str = "ticket", promise: str = "", may_be_empty: bool = False
) -> Problems:
    """What is wrong with the tiers of one promise: paths such as "2.after"; "" is about them all.

    Of an acknowledgement the first may speak at once. A page and a request are a team's, so that a role may be that
    team's, and of an incident the SET's. A request alone has an owner and somebody who is accountable, an incident
    alone a contact and a lead.
    """
    found = Found()
    if not tiers:
        found.say("", "Add at least one tier: without one nobody hears.")
    if len(tiers) > MOST_TIERS:
        found.say("", f"A promise has at most {MOST_TIERS} tiers.")
    directory = _Directory(tiers)
    before: TierSpec | None = None
    for index, tier in enumerate(tiers):
        at_once = promise == Promise.Kind.ACKNOWLEDGEMENT and index == 0
        if not (at_once and tier.after == timedelta(0)):
            _length(tier.after, f"{index}.after", found)
        if before is not None and tier.after <= before.after:
            how = "the same as" if tier.after == before.after else "before"
            found.say(
                f"{index}.after",
                f"{spell(tier.after)} is {how} the tier above ({spell(before.after)}): "
                "each tier comes later than the one above it.",
            )
        before = tier
        _message(tier.message, f"{index}.message", found)
        _audience(tier, str(index), directory, found, may_be_empty=may_be_empty, applies_to=applies_to)
    return found.problems


class Found:
    """Problems by field path, as they are found."""

    def __init__(self) -> None:
        self.problems: Problems = {}

    def say(self, path: str, sentence: str) -> None:
        self.problems.setdefault(path, []).append(sentence)


class _Directory:
    """The groups and agents that tiers name, in three queries however many the tiers."""

    def __init__(self, tiers: Sequence[TierSpec]) -> None:
        slugs = {tier.group for tier in tiers if tier.kind == KINDS.group}
        emails = {email.lower() for tier in tiers if tier.kind == KINDS.agents for email in tier.agents}
        named = {tier.user_group.lstrip("@").lower() for tier in tiers if tier.kind == KINDS.user_group}
        self.groups = (
            {group.slug: group for group in NamedGroup.objects.filter(slug__in=slugs).prefetch_related("members")}
            if slugs
            else {}
        )
        self.agents = {agent.email: agent for agent in Agent.objects.filter(email__in=emails)} if emails else {}
        self.user_groups: dict[str, UserGroup] = {}
        for group in UserGroup.objects.all() if named else ():
            self.user_groups[group.slack_id.lower()] = group
            self.user_groups[group.handle.lower()] = group
        # Empty until Slack has told us which there are; then any name may be right.
        self.handles = sorted({str(group) for group in self.user_groups.values() if group.synced_at})


def _name(spec: PolicySpec, policy: Policy | None, found: Found) -> None:
    name = spec.name.strip()
    if not name:
        found.say("name", "Give the policy a name.")
    elif len(name) > LONGEST_NAME:
        found.say("name", f"A name has at most {LONGEST_NAME} characters.")
    elif Policy.objects.filter(name=name).exclude(pk__in=[policy.pk] if policy else []).exists():
        found.say("name", f"There is a policy called “{name}” already.")


def _only(known: Mapping[str, str] | set[str], asked: Iterable[str], path: str, noun: str, found: Found) -> None:
    for value in asked:
        if value not in known:
            found.say(path, f"There is no {noun} “{value}”.")


def _conditions(spec: PolicySpec, found: Found) -> None:
    """What a policy looks at is what its subjects have."""
    of_tickets_alone = spec.plans or spec.without_plan or spec.channels
    match spec.applies_to:
        case Policy.AppliesTo.TICKET if spec.teams:
            found.say(
                "teams", "A team's policy is for its pages; tickets are told apart by plan, severity and channel."
            )
        case Policy.AppliesTo.PAGE if of_tickets_alone:
            found.say("applies_to", "A page has neither plan nor channel: choose teams, or leave these empty.")
        case Policy.AppliesTo.RFH if of_tickets_alone or spec.severities:
            found.say("applies_to", "Requests for help are told apart by team and priority: leave the others empty.")
        case Policy.AppliesTo.INCIDENT if of_tickets_alone or spec.teams:
            found.say("applies_to", "Incidents are told apart by level and severity: leave the others empty.")
    if spec.priorities and spec.applies_to != Policy.AppliesTo.RFH:
        found.say("priorities", "Only requests for help have these priorities.")
    if spec.levels and spec.applies_to != Policy.AppliesTo.INCIDENT:
        found.say("levels", "Only policies for incidents look at levels.")


def _promise(promise: PromiseSpec, at: str, found: Found, *, applies_to: str, may_be_empty: bool) -> None:
    _length(promise.within, f"{at}.within", found)
    if promise.repeat and applies_to != Policy.AppliesTo.PAGE:
        found.say(f"{at}.repeat", "Only a page climbs its tiers again.")
    elif not 0 <= promise.repeat <= MOST_REPEATS:
        found.say(f"{at}.repeat", f"A page climbs its tiers again at most {MOST_REPEATS} times.")
    wrong = tier_problems(promise.tiers, applies_to=applies_to, promise=promise.kind, may_be_empty=may_be_empty)
    for path, sentences in wrong.items():
        for sentence in sentences:
            found.say(f"{at}.tiers.{path}" if path else f"{at}.tiers", sentence)


def _length(duration: timedelta, path: str, found: Found) -> None:
    if duration <= timedelta(0):
        found.say(path, "This must be longer than zero.")
    elif duration > LONGEST:
        found.say(path, f"This can be at most 10 years ({LONGEST.days} days).")
    elif duration.microseconds:
        found.say(path, "This must be in whole seconds.")


def _message(message: str, path: str, found: Found) -> None:
    if unknown := unknown_placeholders(message):
        known = ", ".join("{" + name + "}" for name in PLACEHOLDERS)
        found.say(path, f"{', '.join(unknown)} cannot be filled in. These can: {known}.")
    if len(message) > LONGEST_MESSAGE:
        found.say(path, f"A message has at most {LONGEST_MESSAGE} characters.")


def _audience(
    tier: TierSpec, at: str, directory: _Directory, found: Found, *, may_be_empty: bool, applies_to: str
) -> None:
    if tier.kind in OF_A_REQUEST and applies_to != Policy.AppliesTo.RFH:
        found.say(f"{at}.kind", "Only a request for help has an owner and somebody accountable for it.")
        return
    if tier.kind in OF_AN_INCIDENT and applies_to != Policy.AppliesTo.INCIDENT:
        found.say(f"{at}.kind", "Only an incident has a contact and a lead.")
        return
    match tier.kind:
        case KINDS.not_embedded | KINDS.on_shift | KINDS.owner | KINDS.accountable | KINDS.contact | KINDS.lead:
            pass
        case KINDS.user_group:
            _user_group(tier.user_group, f"{at}.user_group", directory, found, may_be_empty=may_be_empty)
        case KINDS.group:
            _group(tier.group, f"{at}.group", directory, found, may_be_empty=may_be_empty)
        case KINDS.agents:
            _agents(tier.agents, f"{at}.agents", directory, found, may_be_empty=may_be_empty)
        case KINDS.channel:
            if not tier.channel:
                found.say(f"{at}.channel", "Say which channel hears.")
            elif not CHANNEL_ID.fullmatch(tier.channel):
                found.say(f"{at}.channel", f"“{tier.channel}” is not a Slack channel's id, such as C024BE91L.")
        case KINDS.rotation:
            _role(tier, at, found, of_a_team=applies_to in OF_A_TEAM)
        case _:
            kinds = ", ".join(Tier.AudienceKind.values)
            found.say(f"{at}.kind", f"Say who hears: one of {kinds}.")


def _user_group(named: str, path: str, directory: _Directory, found: Found, *, may_be_empty: bool) -> None:
    handle = named.lstrip("@").strip()
    if not handle:
        found.say(path, "Say which Slack user group hears: its id or @handle.")
    elif len(named) > LONGEST_HANDLE or re.search(r"\s", handle):
        found.say(path, f"“{named}” is neither a Slack user group's id nor its @handle.")
    else:
        known = directory.user_groups.get(handle.lower())
        if not may_be_empty and known is None and directory.handles:
            there = ", ".join(directory.handles[:MOST_NAMED])
            found.say(path, f"Slack has no user group “{named}”, so nobody would hear. It has {there}.")
        if not may_be_empty and known and known.synced_at and not known.member_ids:
            found.say(path, f"Nobody is in {known} in Slack, so nobody would hear.")


def _role(tier: TierSpec, at: str, found: Found, *, of_a_team: bool) -> None:
    role = tier.role.strip()
    if not role:
        found.say(f"{at}.role", "Say which role hears, such as primary.")
    elif len(role) > LONGEST_ROLE:
        found.say(f"{at}.role", f"A role has at most {LONGEST_ROLE} characters.")
    if not tier.rotation:
        if not of_a_team:
            found.say(f"{at}.rotation", "Say of which rotation.")
        return
    rotation = Rotation.objects.filter(slug=tier.rotation).prefetch_related("roles").first()
    if rotation is None:
        found.say(f"{at}.rotation", f"There is no rotation “{tier.rotation}”.")
    elif role and role.lower() not in {each.name.lower() for each in rotation.roles.all()}:
        there = ", ".join(each.name for each in rotation.roles.all()) or "none"
        found.say(f"{at}.role", f"{rotation} has no role “{role}”. It has {there}.")


def _group(slug: str, path: str, directory: _Directory, found: Found, *, may_be_empty: bool) -> None:
    group = directory.groups.get(slug)
    if not slug:
        found.say(path, "Say which named group hears.")
    elif group is None:
        found.say(path, f"There is no named group “{slug}”.")
    elif not may_be_empty and not any(member.is_active for member in group.members.all()):
        found.say(path, f"Nobody who works here is in “{group}”, so nobody would hear. Add members first.")


def _agents(emails: Sequence[str], path: str, directory: _Directory, found: Found, *, may_be_empty: bool) -> None:
    if not emails:
        found.say(path, "Say which agents hear.")
    agents = [directory.agents.get(email.lower()) for email in emails]
    for email, agent in zip(emails, agents, strict=True):
        if agent is None:
            found.say(path, f"There is no agent “{email}”.")
    if not may_be_empty and emails and all(agents) and not any(agent and agent.is_active for agent in agents):
        found.say(path, "None of these agents works here any more, so nobody would hear.")
