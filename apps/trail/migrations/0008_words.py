"""What events are found by, apart from them: filled by a follower, and made anew whenever the rule changes."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0007_followers")]
    operations = [
        migrations.CreateModel(
            "Words",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "epoch", "transaction", "event", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("epoch", models.IntegerField()),
                ("transaction", models.BigIntegerField()),
                (
                    "event",
                    models.OneToOneField(
                        db_column="position",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="words",
                        to="trail.storedevent",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.AddIndex(
            "words", django.contrib.postgres.indexes.GinIndex(fields=["words"], name="trail_by_words")
        ),
    ]
