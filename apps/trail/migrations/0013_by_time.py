"""A window of time is read in the order of the times, from any of them, and not only found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0012_plain_locks")]
    operations = [
        migrations.RemoveIndex("storedevent", "trail_by_time"),
        migrations.AddIndex(
            "storedevent", models.Index(fields=["occurred_at", "position"], name="trail_by_time")
        ),
    ]
