"""What tests of incidents in Slack share: people with the rights of their roles, and forms filled in as Slack does."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpResponse

from apps.incidents.models import Component
from apps.integrations.slack.suggesting import component_choice
from apps.people.models import Agent
from tests import make
from tests.slack.inbound import post
from tests.standins import slack_payloads as payloads

ANYBODY = ("view_incident", "add_incident", "change_incident")
PUBLISHERS = (*ANYBODY, "publish_incident")


def reporter(name: str = "Ana") -> Agent:
    """Somebody who declares and updates, and may not publish."""
    return _with(make.agent(name), *ANYBODY)


def publisher(name: str = "Mara") -> Agent:
    """A manager or lead, as far as incidents are concerned."""
    return _with(make.agent(name), *PUBLISHERS)


def _with(agent: Agent, *rights: str) -> Agent:
    agent.user_permissions.add(*Permission.objects.filter(codename__in=rights, content_type__app_label="incidents"))
    return agent


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of a modal by block."""
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def send(view: dict[str, Any], user: str = "UANA", *, view_id: str = "V1", **said: Any) -> HttpResponse:
    """The modal as Slack would send it, with what it began with where `said` does not say otherwise.

    A text, a Slack id, a moment, the state of a component as "api=major_outage", or a list of these.
    """
    values = {block: {"value": _state(element, said.get(block))} for block, element in fields(view).items()}
    assert not said.keys() - values.keys()
    body = payloads.view_submission(
        view["callback_id"], values, user=user, view_id=view_id, private_metadata=view["private_metadata"]
    )
    return post(body)


def suggested(block: str, query: str = "", user: str = "UANA") -> dict[str, list[str]]:
    """What a field shows as somebody types, by heading."""
    said = json.loads(post(payloads.block_suggestion(block, query, user=user)).content)
    groups = said.get("option_groups", [])
    assert sum(len(group["options"]) for group in groups) <= 100
    return {group["label"]["text"]: [each["text"]["text"] for each in group["options"]] for group in groups}


def _state(element: dict[str, Any], said: Any) -> dict[str, Any]:
    match element["type"]:
        case "static_select" | "external_select":
            value = element.get("initial_option") if said is None else {"value": str(said)}
            return {"type": element["type"], "selected_option": value}
        case "checkboxes" | "multi_external_select":
            chosen = element.get("initial_options", [])
            if said is not None:
                chosen = [{"value": _choice(each)} for each in said]
            return {"type": element["type"], "selected_options": chosen}
        case "users_select":
            return {"type": element["type"], "selected_user": element.get("initial_user") if said is None else said}
        case "datetimepicker":
            at = said.timestamp() if isinstance(said, datetime) else element.get("initial_date_time")
            return {"type": element["type"], "selected_date_time": None if at is None or said == "" else int(at)}
    return {"type": element["type"], "value": element.get("initial_value") if said is None else said}


def _choice(said: str) -> str:
    slug, is_component, status = said.partition("=")
    if not is_component:
        return said
    from_slug = Component.objects.get(slug=slug)
    return component_choice(from_slug, status).value
