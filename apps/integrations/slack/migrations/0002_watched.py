"""What is changed here outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("slack", "0001_initial"), ("people", "0004_watched")]
    operations = [
        WatchTable(
            "slack.WatchedChannel",
            label="(SELECT coalesce(nullif(name, ''), slack_id) FROM people_channel WHERE id = {row}.channel_id)",
        ),
    ]
