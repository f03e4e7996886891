from django.db import migrations

from apps.trail.outside import WatchTable

OF_INCIDENT = "'incident:' || {row}.incident_id"
OF_RCA = "(SELECT 'incident:' || rca.incident_id FROM incidents_rca AS rca WHERE rca.id = {row}.rca_id)"
OF_MAINTENANCE = "'maintenance:' || {row}.maintenance_id"


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0002_severities"),
        ("trail", "0018_told_at_a_glance"),
    ]

    operations = [
        WatchTable("incidents.Incident", label="{row}.title", ignore=["modified_at", "modified_by"]),
        WatchTable(
            "incidents.Incident.tickets",
            stream=OF_INCIDENT,
            noun="Ticket of incident",
            also=["(SELECT 'ticket:' || ticket.number FROM tickets_ticket AS ticket WHERE ticket.id = {row}.ticket_id)"],
        ),
        WatchTable(
            "incidents.Incident.rfhs",
            stream=OF_INCIDENT,
            noun="Request of incident",
            also=["'rfh:' || {row}.rfh_id"],
        ),
        WatchTable("incidents.Update", stream=OF_INCIDENT, noun="Update of incident"),
        WatchTable("incidents.ImpactChange", stream=OF_INCIDENT, noun="Impact on a component"),
        WatchTable("incidents.Pin", stream=OF_INCIDENT, noun="Pinned message"),
        WatchTable("incidents.RCA", stream=OF_INCIDENT, noun="RCA"),
        WatchTable("incidents.Action", stream=OF_RCA, label="{row}.text", noun="Action of an RCA"),
        WatchTable("incidents.Severity", label="{row}.severity"),
        WatchTable("incidents.Component", label="{row}.name"),
        WatchTable("incidents.ComponentGroup", label="{row}.name", noun="Component group"),
        WatchTable("incidents.Maintenance", label="{row}.title", ignore=["reminded_at"]),
        WatchTable(
            "incidents.Maintenance.components",
            stream=OF_MAINTENANCE,
            noun="Component of maintenance",
            also=["'component:' || {row}.component_id"],
        ),
        WatchTable("incidents.MaintenanceUpdate", stream=OF_MAINTENANCE, noun="Update of maintenance"),
    ]
