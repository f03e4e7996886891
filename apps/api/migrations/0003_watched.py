"""What is changed here outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("api", "0002_owner"), ("trail", "0014_outside")]
    operations = [
        WatchTable("api.ApiKey", label="{row}.name", also=["'agent:' || {row}.created_by_id"]),
    ]
