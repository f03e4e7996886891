"""What is changed of hand-overs outside the application is on the trail, in the rotation's story."""

from django.db import migrations

from apps.trail.outside import WatchTable

OF_HANDOVER = (
    "(SELECT {column} FROM rotations_rotation r JOIN rotations_handover h ON h.rotation_id = r.id "
    "WHERE h.id = {{row}}.handover_id)"
)
STREAM = f"'rotation:' || {OF_HANDOVER.format(column='r.slug')}"
LABEL = OF_HANDOVER.format(column="r.name")


class Migration(migrations.Migration):
    dependencies = [("rotations", "0009_handovers"), ("people", "0004_watched")]
    operations = [
        WatchTable(
            "rotations.HandOver",
            stream="'rotation:' || (SELECT slug FROM rotations_rotation WHERE id = {row}.rotation_id)",
            label="(SELECT name FROM rotations_rotation WHERE id = {row}.rotation_id)",
            noun="Hand-over of rotation",
        ),
        WatchTable("rotations.HandOverPerson", stream=STREAM, label=LABEL, noun="Person in hand-over of rotation"),
        WatchTable("rotations.PassedOn", stream=STREAM, label="{row}.title", noun="Item in hand-over of rotation"),
    ]
