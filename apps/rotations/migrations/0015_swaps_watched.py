"""What is changed of swap requests outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [("rotations", "0014_swaps")]
    operations = [
        WatchTable(
            "rotations.SwapRequest",
            stream="(SELECT 'swap:' || {row}.id FROM rotations_rotation WHERE id = {row}.rotation_id)",
            # A role that is gone takes its requests along, and the rotation's story tells of it.
            also=("(SELECT 'rotation:' || slug FROM rotations_rotation WHERE id = {row}.rotation_id)",),
        ),
        WatchTable(
            "rotations.Invited",
            stream="(SELECT 'swap:' || id FROM rotations_swaprequest WHERE id = {row}.request_id)",
            noun="Who is asked to swap",
        ),
    ]
