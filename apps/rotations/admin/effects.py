"""The page that shows what saving would do, before it does: gaps, doubles, hours, and whose shifts move."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from apps.dashboard.effect_first import typed_again
from apps.rotations.effects import effect
from apps.rotations.models import Rotation
from apps.rotations.services.trying import Tried
from apps.rotations.showing import effect_context, effect_of

# How far ahead the effect of a lasting change is looked at.
AHEAD = timedelta(weeks=12)


def moves_nobody(tried: Tried, *, start: datetime, end: datetime) -> bool:
    """Whether everybody is on duty as before, so that there is nothing to look at first."""
    if tried.before is None:
        return False
    return not effect(tried.before.window(start, end), tried.after.window(start, end)).moved


def effect_page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    tried: Tried,
    *,
    what: str,
    original: Rotation | None,
    start: datetime,
    end: datetime,
) -> TemplateResponse:
    """What saving `what` does within [start, end); what was typed goes along, to be saved or mended."""
    context = {
        **model_admin.admin_site.each_context(request),
        **typed_again(request),
        **effect_context(tried, effect_of(tried, start=start, end=end), start=start, end=end),
        "opts": model_admin.opts,
        "original": original,
        "title": f"What saving {what} does",
    }
    return TemplateResponse(request, "admin/rotations/effect.html", context)
