"""What somebody wrote in Slack, as a person reads it outside of Slack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.text import plain
from apps.people.models import Agent

_USER = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")


def readable(marked: str) -> str:
    """The text without Slack's markup, those it mentions by their names here, and without what cannot be stored."""
    ids = set(_USER.findall(marked))
    names = {agent.slack_id: str(agent) for agent in Agent.objects.filter(slack_id__in=ids)} if ids else {}
    named = _USER.sub(lambda found: f"@{names.get(found[1], found[1])}", marked)
    return plain(named).replace("\x00", "")


def with_files(said: str, message: Mapping[str, Any]) -> str:
    """What a message says, and below it what is attached: files stay in Slack."""
    files = message.get("files")
    names = [word(mapping(file).get("name")) or "a file" for file in (files if isinstance(files, list) else ())]
    lines = [said.strip(), *(f"[{name[:200]}, in Slack]" for name in names[:20])]
    return "\n".join(line for line in lines if line)
