"""Topics and user groups follow who is on duty and what is broken: claimed, asked outside any transaction, kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.integrations.slack import duty, topics
from apps.integrations.slack.duty import Group, Topic, Wanted
from apps.integrations.slack.events import GroupFollowed, GroupNotFollowed, TopicLeft, TopicNotSet, TopicSet
from apps.integrations.slack.gateway import Gateway, GatewayError, RateLimited, Refused, Unreachable
from apps.integrations.slack.incoming import word
from apps.integrations.slack.models import Followed
from apps.people.services import know_user_group
from apps.trail import services as trail
from apps.trail.events import Event

logger = logging.getLogger(__name__)

FOLLOW = "apps.integrations.slack.jobs.follow_duty"
# A worker that died in the middle of a call holds nobody up for longer.
CLAIM = timedelta(minutes=1)
# Jobs that do not hold end within 30 s, and one call may take eight.
LONGEST = timedelta(seconds=12)
# How often a topic is compared with Slack's, and how long what only a person can mend is left alone.
LOOK_EVERY = timedelta(hours=1)
TRY_AGAIN = timedelta(minutes=10)

NOBODY = "Nobody who is on duty has a Slack id, and Slack takes no empty group."
LEFT_TO_THEM = "Somebody changed it in Slack a second time: it is left so until somebody else is on."
# Somebody in the list is at fault, not the list: deactivated, a guest, of another workspace.
OF_SOMEBODY = frozenset(
    {
        "failed_for_some_users",
        "invalid_user",
        "invalid_users",
        "no_users_provided",
        "single_channel_guests_cannot_be_added",
        "user_not_found",
        "users_not_found",
    }
)
ADVICE = {
    "channel_not_found": "Slack knows no such channel, or it is private and the bot is not in it. Check its id, or "
    "invite the bot there with /invite.",
    "not_in_channel": "The bot is not in the channel. Invite it there with /invite.",
    "is_archived": "The channel is archived in Slack.",
    "user_is_restricted": "The workspace lets nobody but its administrators set this topic.",
    "too_long": "Slack finds the topic too long. Shorten what people wrote in it.",
    "no_such_subteam": "Slack has no such user group.",
    "permission_denied": "The workspace lets administrators alone change user groups. In Slack's workspace settings "
    "under Permissions, User Groups, let everyone do it.",
    "plan_upgrade_required": "User groups are not part of the workspace's plan.",
}


class CannotSay(Exception):
    """It cannot be said, and Slack was not asked or took nothing; the message says what to do."""


@dataclass(frozen=True)
class Said:
    """What Slack took: our words, or the members; `notes` are what a lead should know."""

    words: str
    event: Event | None
    notes: tuple[str, ...] = ()
    # The group as Slack describes it now.
    group: dict[str, Any] | None = None
    left: bool = False


class Round:
    """One look at every place. Two at once call Slack once: whoever claims the place calls."""

    def __init__(self, gateway: Gateway, *, clock: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._clock = clock
        self._began = clock()
        self._until = self._began + LONGEST
        self.told = 0
        self.failed = 0

    def everything(self) -> None:
        """Each place that is not as it is wanted is told; what nobody wants any more is left."""
        now = self._began
        wanted = {want.place: want for want in duty.wanted(now)}
        rows = {row.place: row for row in Followed.objects.all()}
        if fresh := wanted.keys() - rows.keys():
            made = [Followed(place=place, kind=wanted[place].kind) for place in sorted(fresh)]
            Followed.objects.bulk_create(made, ignore_conflicts=True)
            rows = {row.place: row for row in Followed.objects.all()}
        for place, row in rows.items():
            want = wanted.get(place)
            if not _is_due(row, want, now):
                continue
            if self._clock() >= self._until or not self._place(row, want):
                return

    def _place(self, row: Followed, want: Wanted | None) -> bool:
        """Whether the others may be tried as well."""
        now = self._clock()
        free = Followed.objects.filter(pk=row.pk).filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
        if not free.update(claimed_until=now + CLAIM):
            return True
        row = Followed.objects.get(pk=row.pk)
        # Another worker may have told it between our look and our claim, and may know better who is on.
        if not _is_due(row, want, now) or (row.looked_at and row.looked_at > self._began):
            _release(row)
            return True
        try:
            said = self._tell(row, want, now)
        except RateLimited as limit:
            _release(row, next_at=self._clock() + timedelta(seconds=limit.seconds))
            return False
        except (GatewayError, CannotSay) as error:
            return self._could_not(row, want, error)
        except Exception as error:
            logger.exception("Slack could not be told who is on duty in %s", row.place)
            return self._could_not(row, want, CannotSay(f"{type(error).__name__}: {error}"))
        self.told += said.event is not None
        _keep(row, want, said, now=self._clock())
        return True

    def _tell(self, row: Followed, want: Wanted | None, now: datetime) -> Said:
        if want is None:
            return _leave(self._gateway, row)
        if isinstance(want, Topic):
            return _set_topic(self._gateway, row, want)
        return _set_group(self._gateway, row, want)

    def _could_not(self, row: Followed, want: Wanted | None, error: Exception) -> bool:
        self.failed += 1
        permanent = isinstance(error, CannotSay) or (isinstance(error, Refused) and error.permanent)
        if want is None and permanent:
            # Nothing to mend: the channel is gone, or the bot is no longer in it.
            Followed.objects.filter(pk=row.pk).delete()
            return True
        reason = _advice(error) if isinstance(error, Refused) else str(error)
        _failed(row, want, reason, permanent=permanent, now=self._clock())
        return not (isinstance(error, Unreachable) or (isinstance(error, Refused) and error.locked_out))


def _advice(refused: Refused) -> str:
    """What Slack said, and what to do about it."""
    if refused.error == "missing_scope":
        which = f" (one of {refused.needed.replace(',', ', ')})" if refused.needed else ""
        return f"The app lacks a scope{which}. Install it again from slack/manifest.yaml."
    return ADVICE.get(refused.error, str(refused))


def _is_due(row: Followed, want: Wanted | None, now: datetime) -> bool:
    """Whether there is something to do at this place at this moment."""
    if row.next_at and row.next_at > now:
        return False
    if want is None or row.error or row.sent_at is None or row.wanted != want.value:
        return True
    if isinstance(want, Topic):
        return row.looked_at is None or row.looked_at + LOOK_EVERY <= now
    return _differs(row, want) and LEFT_TO_THEM not in row.notes


def _differs(row: Followed, want: Group) -> bool:
    """Whether Slack told us, after we told it, of other members than those."""
    known = want.known
    if known is None or known.synced_at is None or row.sent_at is None or known.synced_at <= row.sent_at:
        return False
    return set(known.member_ids) != set(row.said.split())


def _set_topic(gateway: Gateway, row: Followed, want: Topic) -> Said:
    standing = topics.typed(gateway.topic(want.place))
    same = row.wanted == want.value and row.sent_at is not None
    kept = topics.same(standing, row.said) if want.broken is not None else topics.stands(standing, row.said)
    if same and kept:
        return Said(row.said, None)
    changed = same and not row.error
    if changed and row.mended:
        return Said(row.said, None, (LEFT_TO_THEM,))
    if want.broken is not None:
        return _set_whole(gateway, row, want, standing, mends=changed)
    try:
        topic, ours = topics.compose(standing, want.parts, said=row.said)
    except topics.NoRoom as full:
        raise CannotSay(f"{full} Shorten it in Slack.")
    if topic != standing:
        gateway.set_topic(want.place, topic)
    return Said(ours, TopicSet(channel=want.place, name=want.called, said=ours, mends=changed))


def _set_whole(gateway: Gateway, row: Followed, want: Topic, standing: str, *, mends: bool) -> Said:
    """The topic is ours alone, as Crashbot has it; what people had written there stays on the trail."""
    if topics.same(standing, want.value):
        return Said(want.value, None)
    gateway.set_topic(want.place, want.value)
    replaced = "" if row.said and topics.same(standing, row.said) else standing
    event = TopicSet(channel=want.place, name=want.called, said=want.value, mends=mends, replaced=replaced)
    return Said(want.value, event)


def _set_group(gateway: Gateway, row: Followed, want: Group) -> Said:
    if not want.is_known:
        raise CannotSay(
            f"Slack has no user group {want.called}, as far as is known here. Create it there, or write its id; a new "
            "one is known within ten minutes."
        )
    names = {str(agent.slack_id): str(agent) for agent in want.people if agent.slack_id}
    if not names:
        raise CannotSay(NOBODY)
    mends = row.wanted == want.value and row.sent_at is not None
    if mends and not _differs(row, want):
        # What was wrong meanwhile is over, and the group is as it was told.
        return Said(row.said, None, tuple(row.notes))
    if mends and row.mended:
        return Said(row.said, None, (*row.notes, LEFT_TO_THEM))
    taken, described = _members(gateway, want.place, want.ids)
    refused = [names[each] for each in want.ids if each not in taken]
    notes = [f"{name} has no Slack id, so the group goes without." for name in want.without_id]
    notes += [f"Slack does not take {name}: check the Slack id." for name in refused]
    event = GroupFollowed(
        group=want.place,
        handle=want.called,
        people=[names[each] for each in taken],
        left_out=[*want.without_id, *refused],
        mends=mends,
    )
    return Said(" ".join(taken), event, tuple(notes), group={**described, "users": described.get("users") or taken})


def _members(gateway: Gateway, group: str, ids: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Whom of `ids` Slack took, and the group as it describes it. Slack refuses the whole list for one bad id."""
    try:
        return list(ids), gateway.set_members(group, ids)
    except Refused as refused:
        if refused.error not in OF_SOMEBODY:
            raise
    taken: list[str] = []
    described: dict[str, Any] = {}
    for each in ids if len(ids) > 1 else ():
        try:
            described = gateway.set_members(group, [*taken, each])
        except Refused as refused:
            if refused.error not in OF_SOMEBODY:
                raise
        else:
            taken.append(each)
    if not taken:
        raise CannotSay("Slack takes none of those on duty: check their Slack ids.")
    return taken, described


def _leave(gateway: Gateway, row: Followed) -> Said:
    """Nobody wants the place any more: our words leave its topic; a group keeps its members, whoever they are."""
    if row.kind == Followed.Kind.GROUP or not row.said:
        return Said("", None, left=True)
    standing = topics.typed(gateway.topic(row.place))
    # The topic of all incidents is ours as a whole.
    topic = "" if topics.same(standing, row.said) else topics.compose(standing, (), said=row.said)[0]
    if topic == standing:
        return Said("", None, left=True)
    gateway.set_topic(row.place, topic)
    return Said("", TopicLeft(channel=row.place, name=duty.called(row)), left=True)


def _release(row: Followed, *, next_at: datetime | None = None) -> None:
    Followed.objects.filter(pk=row.pk).update(claimed_until=None, **({"next_at": next_at} if next_at else {}))


@transaction.atomic
def _keep(row: Followed, want: Wanted | None, said: Said, *, now: datetime) -> None:
    if said.event is not None:
        about = want.about if want else (f"channel:{row.place}",)
        trail.record(said.event, about=about, now=now)
    if said.left or want is None:
        Followed.objects.filter(pk=row.pk).delete()
        return
    if said.group is not None:
        # Tiers mention the group and name its members: they are known at once, not at the next sync.
        known = want.known if isinstance(want, Group) else None
        know_user_group(
            want.place,
            handle=word(said.group.get("handle"))[:80] or (known.handle if known else ""),
            name=word(said.group.get("name"))[:200] or (known.name if known else ""),
            member_ids=[word(user) for user in said.group["users"] if word(user)],
            now=now,
        )
    mends = bool(getattr(said.event, "mends", False))
    Followed.objects.filter(pk=row.pk).update(
        wanted=want.value,
        said=said.words,
        sent_at=now if said.event is not None else row.sent_at,
        looked_at=now,
        mended=mends or (said.event is None and row.mended),
        notes=list(said.notes),
        error="",
        failing_since=None,
        next_at=None,
        claimed_until=None,
    )


@transaction.atomic
def _failed(row: Followed, want: Wanted | None, reason: str, *, permanent: bool, now: datetime) -> None:
    if permanent and want is not None and row.error != reason[:400]:
        event: Event = (
            TopicNotSet(channel=want.place, name=want.called, reason=reason)
            if isinstance(want, Topic)
            else GroupNotFollowed(group=want.place, handle=want.called, reason=reason)
        )
        trail.record(event, about=want.about, now=now)
    # What was not asked of Slack costs nothing to look at each minute.
    wait = permanent and reason != NOBODY and not (isinstance(want, Group) and not want.is_known)
    Followed.objects.filter(pk=row.pk).update(
        error=reason[:400],
        failing_since=row.failing_since or now,
        next_at=now + TRY_AGAIN if wait else None,
        claimed_until=None,
    )
