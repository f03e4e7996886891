from django.db import migrations

from apps.trail.outside import WatchTable

OF_RFH = "'rfh:' || {row}.rfh_id"


class Migration(migrations.Migration):
    """What is read from the tracker is bookkeeping and no change; where a note was said, and whether in public, is."""

    dependencies = [("rfhs", "0003_issues_are_found_again")]

    operations = [
        WatchTable("rfhs.Issue", stream=OF_RFH, label="{row}.title", ignore=["attempts", "next_at", "error"]),
        WatchTable("rfhs.Note", stream=OF_RFH),
    ]
