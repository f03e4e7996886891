"""The trail is read by type, by actor and by time from indexes."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0005_append")]
    operations = [
        migrations.AddIndex(
            "storedevent",
            models.Index(fields=["type", "epoch", "transaction", "position"], name="trail_by_type"),
        ),
        migrations.AddIndex(
            "storedevent",
            models.Index(
                fields=["actor_kind", "actor_id", "epoch", "transaction", "position"], name="trail_by_actor"
            ),
        ),
        migrations.AddIndex(
            "storedevent",
            django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["occurred_at"], name="trail_by_time", pages_per_range=32
            ),
        ),
    ]
