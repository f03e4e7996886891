"""Which seal covers an event is found from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0015_watched")]
    operations = [
        migrations.AddIndex(
            "seal", models.Index(fields=["epoch", "transaction", "position"], name="trail_seal_by_end")
        ),
    ]
