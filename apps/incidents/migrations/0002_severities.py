"""Crashbot's five severities, as they map to levels and to Statuspage's words until a manager says otherwise."""

from django.db import migrations

ROWS = [
    ("sev-1", "L1", "critical", "critical, over half of the users", "Major Service Outage", "major_outage"),
    ("sev-2", "L2", "major", "critical, some users", "Partial System Outage", "partial_outage"),
    ("sev-3", "L3", "minor", "stability, or minor user impact", "Partially Degraded Service", "degraded_performance"),
    ("sev-4", "L4", "minor", "minor", "Partially Degraded Service", "degraded_performance"),
    ("sev-5", "L4", "none", "cosmetic", "All Systems Operational", "operational"),
]


def fill(apps, schema_editor):
    Severity = apps.get_model("incidents", "Severity")
    for severity, level, impact, meaning, banner, status in ROWS:
        Severity.objects.get_or_create(
            severity=severity,
            defaults={
                "level": level,
                "impact": impact,
                "meaning": meaning,
                "banner": banner,
                "component_status": status,
            },
        )


class Migration(migrations.Migration):
    # Before the table is watched: these rows are the portal's own, not somebody's change.
    dependencies = [("incidents", "0001_incidents")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
