"""What is changed here outside the application is on the trail, in the page's story."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial"), ("trail", "0014_outside")]
    operations = [
        WatchTable("pages.Page", label="'Page ' || {row}.id"),
        WatchTable(
            "pages.Paged", stream="'page:' || {row}.page_id", label="'Page ' || {row}.page_id", noun="Somebody paged of"
        ),
    ]
