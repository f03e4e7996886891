"""What is changed of calendars, and of the copies of their entries, outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("rotations", "0005_calendars"), ("people", "0004_watched")]
    operations = [
        WatchTable("rotations.Calendar", label="{row}.name"),
        WatchTable(
            "rotations.CalendarEntry",
            stream="'calendar:' || {row}.calendar_id",
            label="{row}.summary",
            noun="Calendar entry",
        ),
        WatchTable(
            "rotations.CalendarEntry.people",
            stream="(SELECT 'calendar:' || calendar_id FROM rotations_calendarentry WHERE id = {row}.calendarentry_id)",
            label="(SELECT summary FROM rotations_calendarentry WHERE id = {row}.calendarentry_id)",
            noun="Person in calendar entry",
        ),
    ]
