"""The shapes of the public JSON, as the schema describes them."""

from __future__ import annotations

from rest_framework import serializers

COMPONENT = ["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]
INCIDENT = ["investigating", "identified", "monitoring", "resolved", "postmortem"]
MAINTENANCE = ["scheduled", "in_progress", "verifying", "completed"]
IMPACT = ["none", "minor", "major", "critical"]


class PageShape(serializers.Serializer[object]):
    """Whose page it is. `current` is false while nobody can vouch for what the page says."""

    id = serializers.CharField()
    name = serializers.CharField()
    url = serializers.URLField()
    time_zone = serializers.CharField()
    updated_at = serializers.DateTimeField()
    current = serializers.BooleanField()


class StatusShape(serializers.Serializer[object]):
    """How everything is."""

    indicator = serializers.CharField(help_text="none, minor, major, critical or maintenance.")
    description = serializers.CharField(help_text="Such as All Systems Operational, or Status Unknown.")


class ComponentShape(serializers.Serializer[object]):
    """A component, or a group of them."""

    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField(help_text=f"{', '.join(COMPONENT)}.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    position = serializers.IntegerField()
    description = serializers.CharField(allow_null=True)
    showcase = serializers.BooleanField()
    start_date = serializers.DateField(allow_null=True)
    group_id = serializers.CharField(allow_null=True)
    page_id = serializers.CharField()
    group = serializers.BooleanField()
    only_show_if_degraded = serializers.BooleanField()
    components = serializers.ListField(child=serializers.CharField(), required=False, help_text="Of a group alone.")


class AffectedShape(serializers.Serializer[object]):
    """What an update changed of a component."""

    code = serializers.CharField()
    name = serializers.CharField()
    old_status = serializers.CharField()
    new_status = serializers.CharField()


class UpdateShape(serializers.Serializer[object]):
    """One word to the public."""

    id = serializers.CharField()
    status = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
    incident_id = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    display_at = serializers.DateTimeField()
    affected_components = AffectedShape(many=True, allow_null=True)
    deliver_notifications = serializers.BooleanField()
    custom_tweet = serializers.CharField(allow_null=True)
    tweet_id = serializers.CharField(allow_null=True)


class IncidentShape(serializers.Serializer[object]):
    """An incident, its updates newest first."""

    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField(help_text=f"{', '.join(INCIDENT)}.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    monitoring_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    impact = serializers.CharField(help_text=f"{', '.join(IMPACT)}, or maintenance.")
    shortlink = serializers.URLField()
    started_at = serializers.DateTimeField()
    page_id = serializers.CharField()
    incident_updates = UpdateShape(many=True)
    components = ComponentShape(many=True)


class MaintenanceShape(IncidentShape):
    """Planned work: an incident with its window."""

    status = serializers.CharField(help_text=f"{', '.join(MAINTENANCE)}.")
    scheduled_for = serializers.DateTimeField()
    scheduled_until = serializers.DateTimeField()


class StatusBody(serializers.Serializer[object]):
    """How everything is."""

    page = PageShape()
    status = StatusShape()


class ComponentsBody(serializers.Serializer[object]):
    """All components and groups."""

    page = PageShape()
    components = ComponentShape(many=True)


class IncidentsBody(serializers.Serializer[object]):
    """Incidents, the newest first."""

    page = PageShape()
    incidents = IncidentShape(many=True)


class MaintenancesBody(serializers.Serializer[object]):
    """Planned work, the latest first."""

    page = PageShape()
    scheduled_maintenances = MaintenanceShape(many=True)


class SummaryBody(serializers.Serializer[object]):
    """All that is so now."""

    page = PageShape()
    components = ComponentShape(many=True)
    incidents = IncidentShape(many=True)
    scheduled_maintenances = MaintenanceShape(many=True)
    status = StatusShape()


class CrashbotShape(serializers.Serializer[object]):
    """An incident as Crashbot lists it; people by a public name they set, else Not assigned."""

    id = serializers.IntegerField()
    update_number = serializers.IntegerField()
    modified_by = serializers.CharField()
    modified_at = serializers.DateTimeField()
    reported_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField(help_text="open or closed.")
    severity = serializers.CharField(help_text="sev-1 to sev-5.")
    title = serializers.CharField()
    description = serializers.CharField(help_text="The newest public text.")
    point = serializers.CharField()
    contact = serializers.CharField()
    rca_link = serializers.URLField(allow_null=True)


class CrashbotBody(serializers.Serializer[object]):
    """Crashbot's list: open by severity and age, closed newest first."""

    open = CrashbotShape(many=True)
    closed = CrashbotShape(many=True)
