"""A calendar's address that is made or taken outside the application is on the trail, in the story of whose it is."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("rotations", "0007_calendar_addresses"), ("people", "0004_watched")]
    operations = [
        WatchTable(
            "rotations.CalendarAddress",
            stream="coalesce((SELECT 'rotation:' || slug FROM rotations_rotation WHERE id = {row}.rotation_id), "
            "'agent:' || {row}.agent_id)",
            label="coalesce((SELECT name FROM rotations_rotation WHERE id = {row}.rotation_id), "
            "(SELECT email FROM people_agent WHERE id = {row}.agent_id))",
            noun="Calendar address of",
        ),
    ]
