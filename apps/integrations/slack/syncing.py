"""What Slack knows better than we do, copied here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.integrations.slack.incoming import word
from apps.people.models import UserGroup


def user_groups(groups: Iterable[Mapping[str, Any]], *, now: datetime) -> int:
    """Each user group is known with its handle and members as Slack has them; how many there are.

    One that is switched off in Slack stays known, with nobody in it.
    """
    count = 0
    for group in groups:
        slack_id, users = word(group.get("id")), group.get("users")
        if not slack_id:
            continue
        members = users if isinstance(users, list) and not group.get("date_delete") else []
        UserGroup.objects.update_or_create(
            slack_id=slack_id,
            defaults={
                "handle": word(group.get("handle"))[:80],
                "name": word(group.get("name"))[:200],
                "member_ids": [word(user) for user in members if word(user)],
                "synced_at": now,
            },
        )
        count += 1
    return count
