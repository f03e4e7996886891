"""The page that shows what saving would do, before it does: gaps, doubles, hours, and whose shifts move."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from apps.dashboard.effect_first import typed_again
from apps.rotations.effects import effect
from apps.rotations.models import Rotation
from apps.rotations.selectors import leaves, without_slack
from apps.rotations.services.trying import Tried

# How far ahead the effect of a lasting change is looked at.
AHEAD = timedelta(weeks=12)
SHOWN = 30


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
    before = tried.before.window(start, end) if tried.before else None
    book = tried.after
    found = effect(
        before, book.window(start, end), named=_named(book), deactivated=book.written.away, leaves=leaves(start, end)
    )

    def called(email: str) -> str:
        return book.called(email) if email in book.written.people or not tried.before else tried.before.called(email)

    def names(emails: Iterable[str]) -> str:
        return ", ".join(called(email) for email in emails) or "nobody"

    context = {
        **model_admin.admin_site.each_context(request),
        **typed_again(request),
        "opts": model_admin.opts,
        "original": original,
        "title": f"What saving {what} does",
        "start": start,
        "end": end,
        "effect": found,
        "gaps": found.gaps[:SHOWN],
        "doubles": [(called(one.person), one.roles, one.start, one.end) for one in found.doubles[:SHOWN]],
        "leaves": [(called(one.person), one.role, one.start, one.end, one.label) for one in found.leaves[:SHOWN]],
        "never": names(found.never) if found.never else "",
        "deactivated": names(found.deactivated) if found.deactivated else "",
        "affected": names(found.affected) if found.affected else "",
        "untold": names(without_slack(found.affected)),
        "hours": [
            (called(one.person), _hours(one.before), _hours(one.after), _signed(one.more)) for one in found.hours
        ],
        "moved": [(one.role, one.start, one.end, names(one.before), names(one.after)) for one in found.moved[:SHOWN]],
        "more": max(0, len(found.moved) - SHOWN),
        "new": before is None,
    }
    return TemplateResponse(request, "admin/rotations/effect.html", context)


def _named(book: Any) -> list[str]:
    layers = book.written.definition.layers
    turns = (person for layer in layers if layer.turns for turn in layer.turns.participants for person in turn)
    return [*turns, *(person for layer in layers for person in layer.people)]


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:,.0f} h"


def _signed(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    return f"{'+' if hours > 0 else '−' if hours < 0 else '±'}{abs(hours):,} h"
