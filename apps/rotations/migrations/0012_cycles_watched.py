"""What is changed of cycles and their runs outside the application is on the trail, in the rotation's story."""

from django.db import migrations

from apps.trail.outside import WatchTable

OF_ROTATION = "(SELECT {column} FROM rotations_rotation r WHERE r.id = {{row}}.rotation_id)"
OF_CYCLE = (
    "(SELECT {column} FROM rotations_rotation r JOIN rotations_cycle c ON c.rotation_id = r.id "
    "WHERE c.id = {{row}}.cycle_id)"
)
OF_RUN = (
    "(SELECT {column} FROM rotations_rotation r JOIN rotations_cycle c ON c.rotation_id = r.id "
    "JOIN rotations_cyclerun u ON u.cycle_id = c.id WHERE u.id = {{row}}.run_id)"
)


def part(model: str, owner: str, noun: str, *also: str) -> WatchTable:
    return WatchTable(
        model,
        stream=f"'rotation:' || {owner.format(column='r.slug')}",
        label=owner.format(column="r.name"),
        noun=noun,
        also=also,
    )


class Migration(migrations.Migration):
    dependencies = [("rotations", "0011_cycles"), ("people", "0004_watched")]
    operations = [
        part("rotations.Cycle", OF_ROTATION, "Cycle of rotation"),
        part("rotations.Cycle.stakeholders", OF_CYCLE, "Stakeholder of cycle", "'agent:' || {row}.agent_id"),
        part("rotations.Cycle.channels", OF_CYCLE, "Channel of cycle", "'channel:' || {row}.channel_id"),
        part("rotations.ChecklistItem", OF_CYCLE, "Checklist item of cycle"),
        part("rotations.CycleRun", OF_CYCLE, "Run of cycle"),
        part("rotations.RunItem", OF_RUN, "Item of run"),
    ]
