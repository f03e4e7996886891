"""Why people, groups and customers cannot be saved as they are asked for: what every door looks at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.people.models import Agent, NamedGroup


class GroupUse(Protocol):
    """Tells who counts on a named group; settings.NAMED_GROUP_USE names the implementation."""

    def __call__(self, group: NamedGroup) -> Sequence[str]:
        """The names of what would tell nobody if nobody were in the group."""


def emptied(group: NamedGroup, members: Iterable[Agent]) -> str:
    """Why these cannot be all its members from now on; empty when they can.

    A group that was empty before may stay so: what is shipped starts like that.
    """
    if any(member.is_active for member in members) or not group.members.filter(is_active=True).exists():
        return ""
    used_by: GroupUse = import_string(settings.NAMED_GROUP_USE)
    names = used_by(group)
    if not names:
        return ""
    policies = "The policy " if len(names) == 1 else "The policies "
    return (
        f"{policies}{' and '.join(names)} would tell nobody: a tier names this group. "
        "Leave somebody in it who works here, or change the tier first."
    )
