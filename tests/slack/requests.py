"""What tests of requests for help in Slack share: people with the rights of their roles."""

from __future__ import annotations

import json

from django.contrib.auth.models import Permission
from django.http import HttpResponse

from apps.people.models import Agent, Team
from tests import make

ANYBODY = ("view_rfh", "add_rfh", "change_rfh")


def supporter(name: str = "Ana") -> Agent:
    """Support: asks for help, and moves every request."""
    return _with(make.agent(name), *ANYBODY, "change_any_rfh")


def engineer(name: str = "Farid", team: Team | None = None) -> Agent:
    """An engineer: moves the requests of the own team."""
    made = _with(make.agent(name), *ANYBODY)
    (team or make.team("delivery")).members.add(made)
    return made


def _with(agent: Agent, *rights: str) -> Agent:
    agent.user_permissions.add(*Permission.objects.filter(codename__in=rights, content_type__app_label="rfhs"))
    return agent


def errors(response: HttpResponse) -> dict[str, str]:
    """What a submitted modal was answered, by block."""
    said = json.loads(response.content)
    assert said["response_action"] == "errors"
    found: dict[str, str] = said["errors"]
    return found
