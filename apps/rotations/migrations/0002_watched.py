"""What is changed here outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("rotations", "0001_initial"), ("people", "0004_watched")]
    operations = [
        WatchTable("rotations.Shift", label="(SELECT email FROM people_agent WHERE id = {row}.agent_id)", noun="Shift of"),
    ]
