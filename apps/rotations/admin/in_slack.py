"""What Slack shows of who is on duty, on the rotation's page: since when, or why not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.dashboard.moments import ago, moment
from apps.integrations.slack.duty import places_of
from apps.integrations.slack.gateway import configured
from apps.integrations.slack.models import Followed
from apps.people.models import Agent
from apps.rotations.models import Rotation


class InSlack:
    """The rotation's page says how its channel's topic and its roles' user groups are."""

    def get_fieldsets(self, request: HttpRequest, obj: Rotation | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or obj.archived_at or not places_of(obj):
            return fieldsets
        return (*fieldsets, ("In Slack", {"fields": ("in_slack",)}))

    @display(description="Who is on")
    def in_slack(self, rotation: Rotation) -> SafeString:
        if not configured():
            return format_html("<p>Slack is not connected, so nothing of this is shown there.</p>")
        places = places_of(rotation)
        rows = {row.place: row for row in Followed.objects.filter(place__in=places)}
        return format_html_join(
            "", "<div>{}</div>", ((_line(name, rows.get(place)),) for place, name in places.items())
        )


def _line(name: str, row: Followed | None) -> SafeString:
    now = timezone.now()
    if row is None or (row.sent_at is None and not row.error):
        return format_html("<p><strong>{}</strong>: told within a minute.</p>", name)
    lines = []
    if row.error:
        since = moment(row.failing_since, now)
        lines.append(
            format_html(
                '<p><strong>{}</strong>: <span class="portal-word portal-warn">not told</span> since {}. {}</p>',
                name,
                since,
                row.error,
            )
        )
    if row.sent_at:
        what = "topic set" if row.kind == Followed.Kind.TOPIC else "members set"
        lines.append(
            format_html("<p><strong>{}</strong>: {} {}: {}</p>", name, what, ago(row.sent_at, now), _said(row))
        )
    lines += [format_html('<p class="portal-quiet">{}</p>', note) for note in row.notes]
    return format_html_join("", "{}", ((line,) for line in lines))


def _said(row: Followed) -> str:
    if row.kind == Followed.Kind.TOPIC:
        return row.said
    ids = row.said.split()
    names = {agent.slack_id: str(agent) for agent in Agent.objects.filter(slack_id__in=ids)}
    return ", ".join(names.get(each, each) for each in ids)
