"""Somebody of each role in front of the guided form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.test import Client

from apps.people.models import Agent
from supportops import roles
from tests import make


def in_role(role: str, name: str = "Ana", *, now: datetime) -> Agent:
    """An agent who may what the table of roles says, and enter the portal."""
    agent = make.agent(name, is_staff=True)
    if not roles.Group.objects.filter(name=role).exists():
        roles.sync(now)
    agent.groups.add(roles.Group.objects.get(name=role))
    return agent


def client_of(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def typed(response: Any) -> dict[str, str]:
    """What a browser would send of the form as it came, without any button."""
    context = response.context
    fields = [*context["fields"].values(), *context["details"]]
    data = {field.name: field.value for field in fields}
    data |= {f"was-{field.name}": field.was for field in fields}
    if context["ticket"]:
        data |= {"ticket": context["ticket"].number}
    return {**data, "key": str(context["key"]), "rfh": str(context["rfh"].pk) if context["rfh"] else ""}
