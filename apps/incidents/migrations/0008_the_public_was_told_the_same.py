"""Until now the public read of these what we knew."""

from django.db import migrations
from django.db.models import F


def copy(apps, schema_editor):
    published = apps.get_model("incidents", "Incident").objects.filter(published_at__isnull=False)
    published.update(
        public_severity=F("severity"), public_reported_at=F("reported_at"), public_closed_at=F("closed_at")
    )


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_what_the_public_was_told")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
