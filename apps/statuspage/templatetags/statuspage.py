"""What public pages say of instants, days and states, the same for every reader: a rendering is everybody's."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A state has a sign of its own shape, for those who do not see its colour.
SIGNS = {
    "operational": "✓",
    "none": "✓",
    "degraded": "!",
    "degraded_performance": "!",
    "minor": "!",
    "outage": "✕",
    "partial_outage": "◐",
    "major": "◐",
    "major_outage": "✕",
    "critical": "✕",
    "maintenance": "⚒",
    "under_maintenance": "⚒",
    "unknown": "?",
}


@register.filter
def utc(value: datetime) -> SafeString:
    """An instant in UTC; the page's script shows it in the reader's zone, with UTC beside it."""
    at = value.astimezone(UTC)
    return format_html('<time datetime="{}">{}</time>', f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%-d %b %Y, %H:%M} UTC")


@register.filter
def day(value: date) -> str:
    """Saturday, 28 November 2026."""
    return f"{value:%A, %-d %B %Y}"


@register.filter
def month(value: str) -> str:
    """Of 2026-11: November 2026."""
    return f"{date.fromisoformat(f'{value}-01'):%B %Y}"


@register.simple_tag
def sign(state: str) -> SafeString:
    """The sign of a state; what it means stands beside it in words."""
    found = SIGNS.get(state, "")
    return format_html('<i aria-hidden="true">{}</i> ', found) if found else mark_safe("")
