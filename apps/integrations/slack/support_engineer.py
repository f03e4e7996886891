"""/add-support-engineer: a new agent, in a modal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from apps.integrations.slack import inputs, modals
from apps.integrations.slack.answering import Asked, answer
from apps.integrations.slack.calls import Call, OpenModal
from apps.integrations.slack.incoming import user_of, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.setup import modals_view, refuse
from apps.integrations.slack.text import escape, mention
from apps.people.errors import PeopleRefused
from apps.people.services import save_agent
from apps.trail.managed import record_saved, saving

COMMAND = "/add-support-engineer"
MAY = "people.add_agent"
# The role as supportops/roles.py names it.
ROLE = "Agent"
FIELDS = ("slack_id", "first_name", "last_name", "nickname", "email")


def on_command(event: SlackEvent, now: datetime) -> Call | None:
    """Open the modal for a manager; anybody else is told who can."""
    payload = event.payload
    asked = Asked(COMMAND, user=user_of(payload), channel=word(payload.get("channel_id")))
    if refusal := refuse(asked.user, MAY, "add agents"):
        answer(asked, escape(refusal), now=now, private=True)
        return None
    view = modals.support_engineer(channel=asked.channel)
    return OpenModal(asked, trigger_id=word(payload.get("trigger_id")), view=view)


def submit(payload: Mapping[str, Any], *, now: datetime) -> dict[str, str]:
    """The person is an agent in the role Agent; else what is wrong, by block, and nothing changed."""
    view = modals_view(payload)
    asked = Asked(COMMAND, user=user_of(payload), channel=word(inputs.metadata(view).get("channel")))
    if refusal := refuse(asked.user, MAY, "add agents"):
        return {"slack_id": refusal}
    typed = inputs.values(view)
    fields = {name: typed.get(name, "") for name in FIELDS}
    errors = {
        name: f"{what} is needed."
        for name, what in (("slack_id", "A person"), ("first_name", "The first name"), ("email", "The email"))
        if not fields[name]
    }
    if errors:
        return errors
    fields["email"] = fields["email"].lower()
    try:
        with transaction.atomic():
            agent = save_agent(None, now=now, **fields)
            role, new = Group.objects.get_or_create(name=ROLE)
            if new:
                record_saved(role, None, now=now)
            with saving(agent, now=now):
                agent.groups.add(role)
            answer(
                asked,
                f"{mention(fields['slack_id'])} is a support agent now, as {escape(str(agent))}: they can snooze, "
                "and hear when they are on shift.",
                now=now,
                private=True,
            )
    except PeopleRefused as refused:
        return {
            (name if name in FIELDS else "email"): " ".join(sentences) for name, sentences in refused.errors.items()
        }
    return {}
