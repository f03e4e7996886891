"""Whose pages a policy is for is watched as its plans are."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("sla", "0004_pages"), ("trail", "0014_outside")]
    operations = [
        WatchTable(
            "sla.Policy.teams",
            stream="'policy:' || {row}.policy_id",
            label="(SELECT name FROM sla_policy WHERE id = {row}.policy_id)",
            noun="Team of policy",
            also=["'team:' || {row}.team_id"],
        ),
    ]
