"""`{% load portal %}`: instants, countdowns and durations in templates. Part of a page, so it reads the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.dashboard import moments
from apps.sla import durations

register = template.Library()


@register.filter
def moment(value: datetime | None) -> SafeString:
    """`{{ value|moment }}`: 18 Mar 09:00 GMT."""
    return moments.moment(value, timezone.now())  # noqa: TID251


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


@register.simple_tag
def zone_name() -> str:
    """`{% zone_name %}`: the viewer's zone, such as Europe/Paris."""
    return moments.zone_name()


ACTOR_ICONS = {
    "user": "person",
    "slack": "forum",
    "job": "schedule",
    "integration": "sync_alt",
    "console": "terminal",
}


@register.filter
def actor_icon(kind: str) -> str:
    """The icon of an actor's kind."""
    return ACTOR_ICONS.get(kind, "settings")


DEMO_SIGN_INS = (
    {"role": "A support manager", "email": "manager@demo.example", "password": "demo"},
    {"role": "A SET lead", "email": "lead@demo.example", "password": "demo"},
    {"role": "An agent", "email": "agent@demo.example", "password": "demo"},
    {"role": "An auditor", "email": "auditor@demo.example", "password": "demo"},
)


@register.simple_tag
def demo_sign_ins() -> tuple[dict[str, str], ...]:
    """Who one may be in the demo; nobody outside of it."""
    return DEMO_SIGN_INS if settings.DEMO else ()
