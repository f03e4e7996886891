"""`{% load marked %}`: what a search found, marked in the text."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from apps.rfhs.answers.finding import ANGLE, BEGIN, END

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """The text, escaped, with <mark> around what was found."""
    shown = str(escape(text)).replace(BEGIN, "<mark>").replace(END, "</mark>").replace(ANGLE, "&lt;")
    # Whatever else the text held is escaped.
    return SafeString(shown)
