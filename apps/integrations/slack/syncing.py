"""What Slack knows better than we do, copied here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.integrations.slack.incoming import word
from apps.people import services as people
from apps.people.models import UserGroup


def user_groups(groups: Iterable[Mapping[str, Any]], *, now: datetime) -> int:
    """Each user group is known with its handle and members as Slack has them; how many there are.

    One that was switched off in Slack, or that Slack knows no more, stays known with nobody in it.
    """
    known = {group.slack_id: group for group in UserGroup.objects.all()}
    listed = set()
    for group in groups:
        slack_id, users = word(group.get("id")), group.get("users")
        off = bool(group.get("date_delete"))
        # One that was off before we ever heard of it is nobody's.
        if not slack_id or (off and slack_id not in known):
            continue
        members = users if isinstance(users, list) and not off else []
        people.know_user_group(
            slack_id,
            handle=word(group.get("handle"))[:80],
            name=word(group.get("name"))[:200],
            member_ids=[word(user) for user in members if word(user)],
            now=now,
        )
        listed.add(slack_id)
    for slack_id in known.keys() - listed:
        gone = known[slack_id]
        people.know_user_group(slack_id, handle=gone.handle, name=gone.name, member_ids=[], now=now)
    return len(listed)
