"""Named readers of the trail, each with its cursor and a lease."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0006_read_by_type_actor_time")]
    operations = [
        migrations.CreateModel(
            "Follower",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("epoch", models.IntegerField(default=0)),
                ("transaction", models.BigIntegerField(default=0)),
                ("position", models.BigIntegerField(default=0)),
                ("lease", models.CharField(blank=True, max_length=64)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
            options={"ordering": ["name"]},
        ),
    ]
