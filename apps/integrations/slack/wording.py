"""What somebody wrote in Slack, as a person reads it outside of Slack."""

from __future__ import annotations

import re

from apps.integrations.slack.text import plain
from apps.people.models import Agent

_USER = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")


def readable(marked: str) -> str:
    """The text without Slack's markup, those it mentions by their names here, and without what cannot be stored."""
    ids = set(_USER.findall(marked))
    names = {agent.slack_id: str(agent) for agent in Agent.objects.filter(slack_id__in=ids)} if ids else {}
    named = _USER.sub(lambda found: f"@{names.get(found[1], found[1])}", marked)
    return plain(named).replace("\x00", "")
