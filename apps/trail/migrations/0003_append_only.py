"""The database itself refuses to change the past."""

from django.db import migrations

TABLES = ("trail_storedevent", "trail_link", "trail_epoch")


def triggers(table: str) -> str:
    # ENABLE ALWAYS: also for a session that calls itself a replica.
    return f"""
    CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION trail_refuse();
    CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep;
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep_all;
    """


class Migration(migrations.Migration):
    dependencies = [("trail", "0002_events")]
    operations = [
        migrations.RunSQL(
            "".join(triggers(table) for table in TABLES),
            "".join(
                f"DROP TRIGGER {table}_keep ON {table}; DROP TRIGGER {table}_keep_all ON {table};" for table in TABLES
            ),
        ),
    ]
