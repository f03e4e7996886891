"""What is changed here outside the application is on the trail; and so is what somebody changes of the schedules."""

from django.db import migrations

from apps.trail.outside import WatchTable


class Migration(migrations.Migration):
    dependencies = [
        ("trail", "0014_outside"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [
        WatchTable("trail.Pattern", label="{row}.name"),
        WatchTable("trail.AuditType", label="{row}.type"),
        WatchTable("trail.ToldType", label="{row}.type"),
        # The scheduler's own: when a job ran and runs next, and how often still.
        WatchTable("django_q.Schedule", label="coalesce({row}.name, {row}.func)", ignore=["next_run", "task", "repeats"]),
    ]
