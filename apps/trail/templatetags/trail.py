"""`{% load trail %}`: the trail's words in templates."""

from __future__ import annotations

from django import template

from apps.trail import events

register = template.Library()


@register.filter
def in_words(name: str) -> str:
    """`{{ event.type|in_words }}`: Ticket opened."""
    return events.in_words(name)
