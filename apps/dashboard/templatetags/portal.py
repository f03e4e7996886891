"""`{% load portal %}`: instants, countdowns and durations in templates. Part of a page, so it reads the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from apps.dashboard import moments
from apps.incidents.models import Component
from apps.sla import durations

register = template.Library()

COMPONENT_STATES = {str(status): str(status.label) for status in Component.Status}


@register.filter
def moment(value: datetime | None) -> SafeString:
    """`{{ value|moment }}`: 18 Mar 09:00 GMT."""
    return moments.moment(value, timezone.now())  # noqa: TID251


@register.filter
def moment_to_the_second(value: datetime | None) -> SafeString:
    """`{{ value|moment_to_the_second }}`: 18 Mar 09:00:05 GMT."""
    return moments.moment(value, timezone.now(), seconds=True)  # noqa: TID251


@register.filter
def countdown(value: datetime | None) -> SafeString:
    """`{{ value|countdown }}`: in 12 min, ticking."""
    return moments.countdown(value, timezone.now())  # noqa: TID251


@register.filter
def ago(value: datetime | None) -> SafeString:
    """`{{ value|ago }}`: 8 min ago."""
    return moments.ago(value, timezone.now())  # noqa: TID251


@register.filter
def spell(value: timedelta | None) -> str:
    """`{{ delta|spell }}`: 1 h 30 min."""
    return "–" if value is None else durations.spell(value)


@register.filter
def of(found: Mapping[Any, Any] | None, key: Any) -> Any:
    """What a mapping holds for `key`; None where it holds nothing."""
    return found.get(key) if found else None


@register.filter
def component_state(status: str) -> str:
    """`{{ change.new|component_state }}`: Partial outage."""
    return COMPONENT_STATES.get(status, status)


@register.simple_tag
def zone_name() -> str:
    """`{% zone_name %}`: the viewer's zone, such as Europe/Paris."""
    return moments.zone_name()


@register.simple_tag(takes_context=True)
def page_path(context: Context) -> list[dict[str, str]]:
    """Where the page is: the menu's name of its list, linked, and then what the page itself is; the last has no link.

    A page of no list has its title, below what it says is `above` it; a `heading` in the context is the name of what
    has none of its own.
    """
    title = str(context.get("title") or "Home")
    opts = context.get("opts")
    if opts is None:
        # A page of no model says itself what it is under.
        return [*(context.get("above") or ()), {"title": title}]
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    name = _in_the_menu(context, address) or capfirst(str(opts.verbose_name_plural))
    if context.get("cl") is not None:
        return [{"title": name}]
    shown = context.get("original") or context.get("object")
    path = [{"title": name, "link": address}]
    if context.get("add"):
        return [*path, {"title": f"Add {opts.verbose_name}"}]
    if shown is None or isinstance(shown, str):
        return [*path, {"title": title}]
    return [*path, {"title": str(context.get("heading") or capfirst(str(shown)))}]


def _in_the_menu(context: Context, address: str) -> str:
    groups = context.get("sidebar_navigation") or ()
    titles = (str(item["title"]) for group in groups for item in group["items"] if str(item["link"]) == address)
    return next(titles, "")


ACTOR_ICONS = {
    "user": "person",
    "slack": "forum",
    "job": "schedule",
    "integration": "sync_alt",
    "console": "terminal",
    "database": "database",
}


@register.filter
def actor_icon(kind: str) -> str:
    """The icon of an actor's kind."""
    return ACTOR_ICONS.get(kind, "settings")


DEMO_SIGN_INS = (
    {"role": "A support manager", "email": "manager@demo.example", "password": "demo"},
    {"role": "A SET lead", "email": "lead@demo.example", "password": "demo"},
    {"role": "An agent", "email": "agent@demo.example", "password": "demo"},
    {"role": "An engineer", "email": "farid@demo.example", "password": "demo"},
    {"role": "An auditor", "email": "auditor@demo.example", "password": "demo"},
)


@register.simple_tag
def demo_sign_ins() -> tuple[dict[str, str], ...]:
    """Who one may be in the demo; nobody outside of it."""
    return DEMO_SIGN_INS if settings.DEMO else ()
