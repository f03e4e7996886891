"""What is changed of rotations outside the application is on the trail, in the rotation's story."""

from django.db import migrations

from apps.trail.outside import WatchTable

ROTATION = "(SELECT {column} FROM rotations_rotation WHERE id = {{row}}.rotation_id)"
OF_LAYER = (
    "(SELECT {column} FROM rotations_rotation r JOIN rotations_layer l ON l.rotation_id = r.id "
    "WHERE l.id = {{row}}.layer_id)"
)
OF_ROSTER = (
    "(SELECT {column} FROM rotations_rotation r JOIN rotations_layer l ON l.rotation_id = r.id "
    "JOIN rotations_roster o ON o.layer_id = l.id WHERE o.id = {{row}}.roster_id)"
)


def part(model: str, owner: str, noun: str) -> WatchTable:
    return WatchTable(
        model,
        stream=f"'rotation:' || {owner.format(column='slug')}",
        label=owner.format(column="name" if owner is ROTATION else "r.name"),
        noun=noun,
    )


class Migration(migrations.Migration):
    dependencies = [("rotations", "0003_rotations"), ("people", "0004_watched")]
    operations = [
        WatchTable("rotations.Rotation", stream="'rotation:' || {row}.slug", label="{row}.name"),
        part("rotations.Role", ROTATION, "Role of rotation"),
        part("rotations.Layer", ROTATION, "Layer of rotation"),
        part("rotations.Override", ROTATION, "Override in rotation"),
        part("rotations.Roster", OF_LAYER, "Roster of rotation"),
        part("rotations.Participant", OF_ROSTER, "Participant in rotation"),
    ]
